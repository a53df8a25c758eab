-- Conversations that somebody has had deleted: no import and no transcript brings them back unless it is asked to.
CREATE TABLE deletions (
  id TEXT PRIMARY KEY,            -- of the conversation
  at INTEGER NOT NULL,            -- UTC milliseconds
  revision INTEGER NOT NULL,      -- counts with conversations.revision: mirrors follow it
  lifted INTEGER NOT NULL DEFAULT 0 -- 1: it was put in again on purpose
) STRICT, WITHOUT ROWID;
CREATE INDEX deletions_by_revision ON deletions (revision);

-- Originals that went with them.
CREATE TABLE deleted_files (
  sha256 TEXT PRIMARY KEY,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deleted_files_by_revision ON deleted_files (revision);
