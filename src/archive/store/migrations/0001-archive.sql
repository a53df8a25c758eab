CREATE TABLE conversations (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,        -- of source and key (ids.ts): the same on every machine and every import
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  titled_by TEXT NOT NULL,        -- source, question, user
  created_at INTEGER,             -- UTC milliseconds, as the next
  updated_at INTEGER,
  project TEXT,
  branch TEXT,
  account TEXT,
  session TEXT,
  started_by TEXT,                -- key of the conversation that started this one
  started_at_message TEXT,
  current TEXT,                   -- key of the message that is shown as the last
  status TEXT NOT NULL,           -- of its newest message: complete, partial, interrupted, deferred
  messages INTEGER NOT NULL,
  branches INTEGER NOT NULL,      -- leaves
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,
  extras TEXT,
  purpose TEXT,                   -- what a client asked for its own use (title, summary): not listed unless asked for
  same_as TEXT,                   -- id of the conversation that is shown in this one's place: the same session, told by its own client
  revision INTEGER NOT NULL,      -- raised with every change of it or its messages, above all others: what follows the archive goes on from here
  UNIQUE (source, key)
) STRICT;

CREATE INDEX conversations_by_revision ON conversations (revision);

CREATE INDEX conversations_by_time ON conversations (updated_at DESC);
CREATE INDEX conversations_by_session ON conversations (session) WHERE session IS NOT NULL;
CREATE INDEX conversations_by_project ON conversations (project, updated_at DESC) WHERE project IS NOT NULL;

CREATE TABLE messages (
  row INTEGER PRIMARY KEY,        -- also the row in the search index
  conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
  key TEXT NOT NULL,
  parent TEXT,
  place INTEGER NOT NULL,         -- order in which its source tells it
  role TEXT NOT NULL,
  at INTEGER,
  provider TEXT,
  model TEXT,
  status TEXT NOT NULL,
  hidden INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost REAL,                      -- dollars
  hash BLOB NOT NULL,             -- of everything told of it: says whether an import changes it
  encoding TEXT NOT NULL,         -- raw, zstd
  body BLOB NOT NULL,             -- JSON: parts, seams, usage, cost, exchange, extras
  UNIQUE (conversation, key)
) STRICT;

CREATE INDEX messages_by_place ON messages (conversation, place);
CREATE INDEX messages_by_parent ON messages (conversation, parent);
CREATE INDEX messages_by_time ON messages (at);

-- Which messages and conversations name which original.
CREATE TABLE message_files (
  message INTEGER NOT NULL REFERENCES messages (row) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (message, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_files_by_file ON message_files (sha256);

-- Bytes that are kept as they came: uploads, images, whole export files. They lie in originals/, by their hash.
CREATE TABLE originals (
  sha256 TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,       -- UTC milliseconds
  name TEXT,                      -- when it was first seen
  media_type TEXT
) STRICT, WITHOUT ROWID;

-- What each reader of sources remembers between runs: how far it is.
CREATE TABLE marks (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
