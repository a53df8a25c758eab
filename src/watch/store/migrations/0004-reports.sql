-- What this user has reported, and what became of it. Kept for 90 days, and the last thousand.
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- provider/product
  product TEXT NOT NULL,
  model TEXT,
  symptom TEXT NOT NULL,
  -- kept: for the own board only. sent: a hub has it. waiting: it is tried again. refused, late: no hub has it.
  state TEXT NOT NULL CHECK (state IN ('kept', 'sent', 'waiting', 'refused', 'late')),
  hub TEXT,
  -- What was or would be sent, and its signature.
  statement TEXT,
  signature TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER,
  problem TEXT
) STRICT;

CREATE INDEX reports_by_product ON reports (product, at);
CREATE INDEX reports_waiting ON reports (next_try) WHERE state = 'waiting';

-- Hubs that know this installation's key.
CREATE TABLE hub_keys (
  hub TEXT NOT NULL,
  key TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (hub, key)
) STRICT, WITHOUT ROWID;
