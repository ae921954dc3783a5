-- The audit log's Merkle tree (RFC 6962). Rows of kind access have no signatures of their own:
-- checkpoints cover them. The migration puts the rows that are there into the tree.
CREATE TABLE audit_leaves_new (
  seq INTEGER PRIMARY KEY,
  leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
  signature BLOB CHECK (length(signature) = 64),
  row_signature BLOB CHECK (length(row_signature) = 64),
  signing_key_id TEXT NOT NULL REFERENCES signing_keys (id),
  CHECK ((signature IS NULL) = (row_signature IS NULL))
) STRICT;
INSERT INTO audit_leaves_new SELECT * FROM audit_leaves ORDER BY seq;
DROP TRIGGER IF EXISTS audit_leaves_gapless;
DROP TRIGGER IF EXISTS audit_leaves_stay;
DROP TRIGGER IF EXISTS audit_leaves_unchanged;
DROP TABLE audit_leaves;
ALTER TABLE audit_leaves_new RENAME TO audit_leaves;
CREATE TRIGGER audit_leaves_gapless BEFORE INSERT ON audit_leaves
  WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_leaves)
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves are appended one after the other'); END;
CREATE TRIGGER audit_leaves_present_key BEFORE INSERT ON audit_leaves
  WHEN EXISTS (SELECT 1 FROM signing_keys k
               WHERE k.id = new.signing_key_id AND k.retired_ms IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'guard: a retired key signs no rows'); END;
CREATE UNIQUE INDEX one_signing_key ON signing_keys (retired_ms IS NULL) WHERE retired_ms IS NULL;
CREATE TRIGGER audit_leaves_stay BEFORE DELETE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves are never deleted'); END;
CREATE TRIGGER audit_leaves_unchanged BEFORE UPDATE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves never change'); END;

-- One row: the complete subtrees that the tree consists of now, largest first, 32 bytes each.
CREATE TABLE audit_tree (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  size INTEGER NOT NULL,
  hashes BLOB NOT NULL CHECK (length(hashes) % 32 = 0)
) STRICT;
CREATE TRIGGER audit_tree_grows BEFORE UPDATE ON audit_tree
  WHEN new.size IS NOT old.size + 1 OR new.size IS NOT (SELECT max(seq) FROM audit_leaves)
BEGIN SELECT RAISE(ABORT, 'guard: the audit tree grows with its leaves'); END;
CREATE TRIGGER audit_tree_stays BEFORE DELETE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'guard: the audit tree stays'); END;

-- Complete subtrees of 256, 65,536, … leaves; what lies between is computed from these.
CREATE TABLE audit_nodes (
  level INTEGER NOT NULL CHECK (level > 0 AND level % 8 = 0),
  position INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_nodes_once BEFORE INSERT ON audit_nodes
  WHEN EXISTS (SELECT 1 FROM audit_nodes n
               WHERE n.level = new.level AND n.position = new.position)
BEGIN SELECT RAISE(ABORT, 'guard: audit nodes are written once'); END;
CREATE TRIGGER audit_nodes_stay BEFORE DELETE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'guard: audit nodes are never deleted'); END;
CREATE TRIGGER audit_nodes_unchanged BEFORE UPDATE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'guard: audit nodes never change'); END;

-- Retention: rows up to hidden_through are shown to no one, and of those up to erased_through the
-- content is gone. Leaves stay, so everything left still verifies.
CREATE TABLE audit_retention (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  hidden_through INTEGER NOT NULL,
  hidden_ms INTEGER NOT NULL,
  erased_through INTEGER NOT NULL,
  CHECK (erased_through <= hidden_through)
) STRICT;
INSERT INTO audit_retention VALUES (1, 0, 0, 0);
CREATE TRIGGER audit_contents_stay BEFORE DELETE ON audit_contents
  WHEN old.seq > (SELECT hidden_through FROM audit_retention)
BEGIN SELECT RAISE(ABORT, 'guard: audit contents are erased by retention alone'); END;

-- What the log has signed. It never signs of anything but the tree as it is, so no two checkpoints
-- contradict each other.
CREATE TABLE audit_checkpoints (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL CHECK (length(root) = 32),
  created_ms INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_checkpoints_grow BEFORE INSERT ON audit_checkpoints
  WHEN new.size IS NOT (SELECT size FROM audit_tree)
       OR EXISTS (SELECT 1 FROM audit_checkpoints WHERE size >= new.size)
BEGIN SELECT RAISE(ABORT, 'guard: a checkpoint is of the tree as it is, once'); END;
CREATE TRIGGER audit_checkpoints_stay BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'guard: checkpoints are never deleted'); END;
CREATE TRIGGER audit_checkpoints_unchanged BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'guard: checkpoints never change'); END;
