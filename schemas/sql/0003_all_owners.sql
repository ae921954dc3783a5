-- An agent whose scope is every owner, those to come included: for auditors.
ALTER TABLE agents ADD COLUMN for_all_owners INTEGER NOT NULL DEFAULT 0
  CHECK (for_all_owners IN (0, 1));
