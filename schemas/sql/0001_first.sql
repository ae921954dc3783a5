-- The first schema. Times are milliseconds since 1970-01-01T00:00:00Z; ids are opaque text. No
-- column can hold the text of an event.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One row: the last instant that was recorded. The installation's time never goes back.
CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), now_ms INTEGER NOT NULL) STRICT;
INSERT INTO clock VALUES (1, 0);

CREATE TABLE owners (
  id TEXT PRIMARY KEY,
  timezone TEXT,
  revision INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE owner_addresses (
  address_key TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1))
) STRICT;
CREATE INDEX owner_addresses_by_owner ON owner_addresses (owner_id);

CREATE TABLE calendars (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('work', 'personal', 'other')),
  provider TEXT NOT NULL,
  location TEXT NOT NULL,
  timezone TEXT,
  is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
  is_suspended INTEGER NOT NULL CHECK (is_suspended IN (0, 1)),
  created_ms INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_calendar_per_type ON calendars (owner_id, type) WHERE removed = 0;
CREATE UNIQUE INDEX one_calendar_per_place ON calendars (provider, location) WHERE removed = 0;

CREATE TABLE classes (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  tier INTEGER NOT NULL CHECK (tier BETWEEN 0 AND 3),
  policy TEXT NOT NULL CHECK (policy IN ('protected', 'reschedulable', 'replaceable')),
  description TEXT NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_class_per_name ON classes (name_key) WHERE removed = 0;

-- owner_id '' is the organisation's layer.
CREATE TABLE rules (owner_id TEXT PRIMARY KEY, layer TEXT NOT NULL) STRICT;

CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  permissions TEXT NOT NULL,
  is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)),
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE agent_owners (
  agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  owner_id TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  PRIMARY KEY (agent_id, owner_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  ref TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  label TEXT NOT NULL,
  verifier TEXT NOT NULL CHECK (verifier LIKE '$argon2id$v=19$m=%'),
  pepper_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  parent_ref TEXT REFERENCES api_keys (ref),
  revoked_ms INTEGER
) STRICT;
CREATE INDEX api_keys_by_agent ON api_keys (agent_id);

CREATE TABLE bookings (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  calendar_id TEXT NOT NULL REFERENCES calendars (id),
  class_id TEXT NOT NULL REFERENCES classes (id),
  agent_id TEXT NOT NULL REFERENCES agents (id),
  state TEXT NOT NULL CHECK (state IN ('writing', 'committed', 'displacing', 'needs_reschedule',
                                       'cancelled', 'failed')),
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  written_start_ms INTEGER NOT NULL,
  written_end_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  committed_ms INTEGER,
  writer TEXT,
  event_place TEXT NOT NULL,
  event_uid TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  hold_id TEXT,
  displaced_by TEXT,
  undone INTEGER NOT NULL DEFAULT 0,
  CHECK (start_ms < end_ms AND written_start_ms < written_end_ms)
) STRICT;
CREATE INDEX bookings_by_time ON bookings (owner_id, start_ms, id);
CREATE INDEX bookings_by_end ON bookings (owner_id, end_ms);
CREATE INDEX bookings_by_written_end ON bookings (owner_id, written_end_ms);
CREATE INDEX bookings_by_winner ON bookings (displaced_by) WHERE displaced_by IS NOT NULL;
CREATE INDEX bookings_unsettled ON bookings (owner_id) WHERE state IN ('writing', 'displacing');

CREATE TABLE holds (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  class_id TEXT NOT NULL REFERENCES classes (id),
  calendar_id TEXT NOT NULL REFERENCES calendars (id),
  scope TEXT NOT NULL CHECK (scope IN ('candidate', 'window')),
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('live', 'promoting', 'promoted', 'released', 'expired')),
  created_ms INTEGER NOT NULL,
  decision_id TEXT NOT NULL,
  booking_id TEXT,
  CHECK (start_ms < end_ms)
) STRICT;
CREATE INDEX holds_live ON holds (owner_id, start_ms) WHERE state IN ('live', 'promoting');
CREATE INDEX holds_live_by_agent ON holds (agent_id) WHERE state = 'live';

-- The last wall: whatever the code above decides, no two live holds and no two bookings of an owner
-- may overlap at the interval that we wrote. Displacing rows and those a person moved are exempt.
CREATE TRIGGER holds_guard BEFORE INSERT ON holds WHEN new.state = 'live'
BEGIN
  SELECT RAISE(ABORT, 'guard: a live hold overlaps')
  WHERE EXISTS (SELECT 1 FROM holds h WHERE h.owner_id = new.owner_id AND h.state = 'live'
                AND h.state IN ('live', 'promoting')  -- lets holds_live be used
                AND h.until_ms > (SELECT now_ms FROM clock)
                AND h.start_ms < new.end_ms AND new.start_ms < h.end_ms);
END;
CREATE TRIGGER bookings_guard BEFORE INSERT ON bookings WHEN new.state IN ('writing', 'committed')
BEGIN
  SELECT RAISE(ABORT, 'guard: a booking overlaps')
  WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.owner_id = new.owner_id
                AND b.state IN ('writing', 'committed')
                AND b.start_ms = b.written_start_ms AND b.end_ms = b.written_end_ms
                AND b.end_ms > new.start_ms AND b.start_ms < new.end_ms);
END;
CREATE TRIGGER bookings_guard_update BEFORE UPDATE OF state ON bookings
  WHEN new.state IN ('writing', 'committed') AND old.state NOT IN ('writing', 'committed')
       AND new.start_ms = new.written_start_ms AND new.end_ms = new.written_end_ms
BEGIN
  SELECT RAISE(ABORT, 'guard: a booking overlaps')
  WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.owner_id = new.owner_id AND b.id <> new.id
                AND b.state IN ('writing', 'committed')
                AND b.start_ms = b.written_start_ms AND b.end_ms = b.written_end_ms
                AND b.end_ms > new.start_ms AND b.start_ms < new.end_ms);
END;
CREATE TRIGGER bookings_end BEFORE UPDATE OF state ON bookings
  WHEN old.state IN ('cancelled', 'failed') AND new.state <> old.state
BEGIN
  SELECT RAISE(ABORT, 'guard: an ended booking stays ended');
END;

CREATE TABLE intents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('show_displaced', 'show_restored', 'remove_event')),
  owner_id TEXT NOT NULL,
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  created_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  writer TEXT
) STRICT;
CREATE INDEX intents_by_owner ON intents (owner_id);
CREATE INDEX intents_by_booking ON intents (booking_id);

CREATE TABLE notifications (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  booking_id TEXT NOT NULL,
  meeting_class TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  previous_start_ms INTEGER,
  previous_end_ms INTEGER,
  winner TEXT,
  created_ms INTEGER NOT NULL,
  acknowledged_ms INTEGER
) STRICT;
CREATE INDEX notifications_by_agent ON notifications (agent_id, created_ms, id);

CREATE TABLE idempotency (
  agent_id TEXT NOT NULL REFERENCES agents (id),
  key_digest TEXT NOT NULL,
  parameters_digest TEXT NOT NULL,
  is_running INTEGER NOT NULL CHECK (is_running IN (0, 1)),
  writer TEXT NOT NULL,
  booking_id TEXT,
  decision_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (agent_id, key_digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_booking ON idempotency (booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX idempotency_by_age ON idempotency (created_ms);

CREATE TABLE signing_keys (
  id TEXT PRIMARY KEY,
  public_key_pem TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  retired_ms INTEGER
) STRICT;

-- What is hashed and signed stays for ever; the content beside it can be erased later by retention.
CREATE TABLE audit_leaves (
  seq INTEGER PRIMARY KEY,
  leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  row_signature BLOB NOT NULL CHECK (length(row_signature) = 64),
  signing_key_id TEXT NOT NULL REFERENCES signing_keys (id)
) STRICT;
CREATE TABLE audit_contents (
  seq INTEGER PRIMARY KEY REFERENCES audit_leaves (seq),
  decision_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  action TEXT NOT NULL,
  agent_id TEXT,
  owner_id TEXT,
  timestamp_ms INTEGER NOT NULL,
  canonical TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_agent ON audit_contents (agent_id, seq);
CREATE INDEX audit_by_owner ON audit_contents (owner_id, seq);
CREATE INDEX audit_by_action ON audit_contents (action, seq);
CREATE INDEX audit_by_time ON audit_contents (timestamp_ms, seq);

-- Gapless, and no INSERT OR REPLACE, which would delete without asking the triggers below.
CREATE TRIGGER audit_leaves_gapless BEFORE INSERT ON audit_leaves
  WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_leaves)
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves are appended one after the other'); END;
CREATE TRIGGER audit_contents_once BEFORE INSERT ON audit_contents
  WHEN EXISTS (SELECT 1 FROM audit_contents c
               WHERE c.seq = new.seq OR c.decision_id = new.decision_id)
BEGIN SELECT RAISE(ABORT, 'guard: audit contents are written once'); END;
CREATE TRIGGER audit_leaves_stay BEFORE DELETE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves are never deleted'); END;
CREATE TRIGGER audit_leaves_unchanged BEFORE UPDATE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'guard: audit leaves never change'); END;
CREATE TRIGGER audit_contents_unchanged BEFORE UPDATE ON audit_contents
BEGIN SELECT RAISE(ABORT, 'guard: audit contents never change'); END;
