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
  seams INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  hole INTEGER NOT NULL,          -- 1: entries are missing
  entries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_by_state ON exchanges (state, id);
CREATE INDEX exchanges_by_session ON exchanges (session, id) WHERE session IS NOT NULL;

CREATE TABLE attempts (
  exchange TEXT NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  fault TEXT,                     -- class/symptom
  message TEXT,
  headers_after REAL,             -- milliseconds from the attempt's start
  first_event_after REAL,
  took REAL,
  PRIMARY KEY (exchange, position)
) STRICT, WITHOUT ROWID;

-- Content-addressed: agents send their growing history again with each request, so each message is stored once.
CREATE TABLE pieces (
  hash BLOB PRIMARY KEY,          -- SHA-256 of the bytes
  encoding TEXT NOT NULL,         -- raw, zstd
  data BLOB NOT NULL
) STRICT;

-- A request's body is its pieces, in order, byte for byte.
CREATE TABLE requests (
  exchange TEXT NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  piece BLOB NOT NULL REFERENCES pieces (hash),
  PRIMARY KEY (exchange, position)
) STRICT, WITHOUT ROWID;

-- Entries as frames of the log, one after another (salt 0).
CREATE TABLE answers (
  exchange TEXT PRIMARY KEY REFERENCES exchanges (id) ON DELETE CASCADE,
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
