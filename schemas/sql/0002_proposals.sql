-- Proposals wait for an owner's decision. What they say is sealed (AES-256-GCM) and erased when
-- they end; candidates are times, ranks and ids.
CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  class_id TEXT NOT NULL REFERENCES classes (id),
  calendar_id TEXT NOT NULL REFERENCES calendars (id),
  status TEXT NOT NULL CHECK (status IN (
    'pending_owner_decision', 'pending_requester_verification', 'approved_executing', 'booked',
    'needs_new_window', 'needs_owner_review', 'rejected', 'expired', 'withdrawn', 'failed')),
  duration_ms INTEGER NOT NULL,
  window_start_ms INTEGER NOT NULL,
  window_end_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  available_count INTEGER NOT NULL,
  curated INTEGER NOT NULL CHECK (curated IN (0, 1)),
  candidates TEXT NOT NULL,
  sealed_text BLOB,
  sealed_note BLOB,
  approved_candidate TEXT,
  booking_id TEXT REFERENCES bookings (id),
  decision TEXT CHECK (decision IN ('approved', 'rejected', 'new_window')),
  -- What has ended says nothing any more.
  CHECK (sealed_text IS NULL OR status IN (
    'pending_owner_decision', 'pending_requester_verification', 'approved_executing',
    'needs_owner_review'))
) STRICT;
CREATE INDEX proposals_by_owner ON proposals (owner_id, created_ms, id);
CREATE INDEX proposals_open ON proposals (expires_ms) WHERE sealed_text IS NOT NULL;
