-- Transcripts of other tools: each generation of each file, where its copy lies, and how far it has been copied and read.
CREATE TABLE protected_files (
  row INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  store TEXT NOT NULL,            -- root folder of the tool's store
  path TEXT NOT NULL,             -- of the original
  generation INTEGER NOT NULL,    -- one more each time that the original began anew
  copy TEXT NOT NULL UNIQUE,      -- below the archive's folder
  size INTEGER NOT NULL,          -- bytes of the copy
  inode TEXT NOT NULL,
  modified REAL NOT NULL,         -- of the original, UTC milliseconds
  kept_at INTEGER NOT NULL,       -- UTC milliseconds, as the next
  gone_at INTEGER,                -- when the original was found to be gone
  forgotten INTEGER NOT NULL DEFAULT 0,
  read_size INTEGER NOT NULL DEFAULT -1,
  reader_version INTEGER NOT NULL DEFAULT 0,
  torn INTEGER NOT NULL DEFAULT 0, -- its last line has no end yet
  reading BLOB,                   -- state of the reader, to go on from: JSON, zstd
  session TEXT,
  first_key TEXT,                 -- of its first message: forks begin with the same one
  skipped TEXT,                   -- JSON: what the reader did not understand
  UNIQUE (path, generation)
) STRICT;
CREATE INDEX protected_files_by_store ON protected_files (store);
CREATE INDEX protected_files_by_session ON protected_files (session) WHERE session IS NOT NULL;
CREATE INDEX protected_files_by_first_key ON protected_files (first_key) WHERE first_key IS NOT NULL;
CREATE INDEX protected_files_by_inode ON protected_files (inode);
CREATE INDEX protected_files_torn ON protected_files (modified) WHERE torn = 1;
CREATE INDEX protected_files_unread ON protected_files (modified) WHERE read_size <> size;
