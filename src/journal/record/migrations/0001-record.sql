CREATE TABLE exchanges (
  id TEXT PRIMARY KEY,            -- time-ordered
  at INTEGER NOT NULL,            -- UTC milliseconds
  ended_at INTEGER NOT NULL,
  dialect TEXT NOT NULL,
  model TEXT NOT NULL,            -- asked for
  route TEXT NOT NULL,
  stream INTEGER NOT NULL,
  principal TEXT NOT NULL,
  session TEXT,
  client TEXT,
  saved INTEGER NOT NULL,         -- 0: save: off, nothing of the content is here
  state TEXT NOT NULL,            -- complete, failed, cancelled, interrupted
  target TEXT,                    -- that delivered first
  finish TEXT,
  attempts TEXT NOT NULL,         -- JSON: AttemptSummary[] of journal.ts, in order
  seams INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  hole INTEGER NOT NULL,          -- 1: entries are missing
  entries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_by_state ON exchanges (state, id);
CREATE INDEX exchanges_by_session ON exchanges (session, id) WHERE session IS NOT NULL;

-- Content-addressed: agents send their growing history again with each request, so each message is stored once.
CREATE TABLE pieces (
  hash BLOB PRIMARY KEY,          -- SHA-256 of the bytes
  encoding TEXT NOT NULL,         -- raw, zstd
  data BLOB NOT NULL
) STRICT;

-- Entries as they lay in the log, one frame after another.
CREATE TABLE answers (
  exchange TEXT PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
  request_form TEXT,              -- whole, pieces; NULL: not kept
  request BLOB,                   -- its bytes, or its pieces' hashes in order, 32 bytes each: they make it up byte for byte
  encoding TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;

-- Everything before this place in the log is folded.
CREATE TABLE log_position (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  segment INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL
) STRICT;
INSERT INTO log_position VALUES (1, 0, 0);
