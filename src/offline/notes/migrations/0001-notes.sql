-- Notes of folders that the user has named, as they were when they were last read.

CREATE TABLE note_files (
  path TEXT PRIMARY KEY,          -- absolute, as it is shown
  folder TEXT NOT NULL,           -- the named folder that it lies in
  size INTEGER NOT NULL,          -- bytes
  modified REAL NOT NULL,         -- UTC milliseconds
  hash TEXT NOT NULL,             -- SHA-256 of its bytes
  problem TEXT                    -- why nothing of it is indexed
) STRICT;

CREATE TABLE note_sections (
  row INTEGER PRIMARY KEY,        -- also the row in note_words
  path TEXT NOT NULL REFERENCES note_files (path) ON DELETE CASCADE,
  line INTEGER NOT NULL,          -- its first line, from 1
  heading TEXT NOT NULL,          -- headings above it, the outermost first, with > between them; empty: none
  text TEXT NOT NULL              -- word for word
) STRICT;
CREATE INDEX note_sections_by_path ON note_sections (path);

CREATE VIRTUAL TABLE note_words USING fts5(heading, body, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2 tokenchars '_'");
