-- Texts that somebody has had taken out, so that they are known when they come again; not the texts themselves (redaction/remembered.ts).
CREATE TABLE redactions (
  row INTEGER PRIMARY KEY,
  conversation TEXT,              -- id; NULL: everywhere
  length INTEGER NOT NULL,        -- UTF-16 units
  sketch INTEGER NOT NULL,
  proof TEXT NOT NULL,
  instead TEXT NOT NULL,
  at INTEGER NOT NULL             -- UTC milliseconds
) STRICT;
CREATE UNIQUE INDEX redactions_once ON redactions (coalesce(conversation, ''), length, proof);

-- Messages that a text was taken out of: they stay as they are, whoever tells them again.
CREATE TABLE redacted_messages (
  conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
  key TEXT NOT NULL,
  PRIMARY KEY (conversation, key)
) STRICT, WITHOUT ROWID;

-- Originals that a text was taken out of, and what is kept in their place.
CREATE TABLE redacted_files (
  sha256 TEXT PRIMARY KEY,
  instead TEXT NOT NULL,          -- SHA-256
  size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- JSON: how many bytes of a copy's beginning are not those of its original any more, and which of the original's they stand for.
ALTER TABLE protected_files ADD COLUMN redacted TEXT;

-- What was begun and has to be finished: while a row is here, something that was to go may still be there.
CREATE TABLE erasures (
  name TEXT PRIMARY KEY,          -- hash of what was asked for: asked for again, it goes on
  kind TEXT NOT NULL,             -- delete, redact
  stage TEXT NOT NULL,            -- taking (out of messages, files, the record), wiping (index, free pages)
  at INTEGER NOT NULL,            -- UTC milliseconds
  conversations TEXT NOT NULL     -- JSON: ids that are to go
) STRICT, WITHOUT ROWID;
