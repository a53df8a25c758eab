-- Status pages and what they were seen to say. Times are UTC milliseconds, and ours: when it was seen, not when the page claims that it was.

CREATE TABLE pages (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  tried_at INTEGER NOT NULL,      -- last attempt; what was not tried for 90 days goes
  read_at INTEGER,                -- last attempt that gave a whole reading
  changed_at INTEGER,             -- when what it says was last seen to have changed
  problem TEXT                    -- why the last attempt gave nothing, a sentence
) STRICT, WITHOUT ROWID;

-- Raw, one row for each time that a feed said something else; bounded by trim-payloads.ts.
CREATE TABLE payloads (
  id INTEGER PRIMARY KEY,
  page TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  feed TEXT NOT NULL,             -- as its family asks for it: address, and body if it has one
  url TEXT NOT NULL,              -- where it came from, after redirects
  content_type TEXT NOT NULL,
  seen_at INTEGER NOT NULL,       -- first
  news INTEGER NOT NULL,          -- 1: other incidents, or incidents told otherwise, than before
  hash BLOB NOT NULL,             -- SHA-256 of the bytes
  size INTEGER NOT NULL,          -- of data
  data BLOB                       -- zstd; NULL: too long to be kept
) STRICT;

CREATE INDEX payloads_by_page ON payloads (page, id);

-- What each feed says now.
CREATE TABLE feeds (
  page TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  feed TEXT NOT NULL,
  place TEXT NOT NULL,            -- the address or mirror that was asked, and whose validators these are
  etag TEXT,
  last_modified TEXT,
  read_at INTEGER NOT NULL,
  payload INTEGER NOT NULL REFERENCES payloads (id) ON DELETE CASCADE,
  PRIMARY KEY (page, feed)
) STRICT, WITHOUT ROWID;

CREATE INDEX feeds_by_payload ON feeds (payload);

-- Each attempt: this was seen by then. 30 days, and the last 5000 of a page.
CREATE TABLE fetches (
  id INTEGER PRIMARY KEY,
  page TEXT NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  place TEXT NOT NULL,
  at INTEGER NOT NULL,
  payload INTEGER REFERENCES payloads (id) ON DELETE SET NULL,  -- what it said
  problem TEXT                    -- why it said nothing
) STRICT;

CREATE INDEX fetches_by_page ON fetches (page, id);
CREATE INDEX fetches_by_payload ON fetches (payload) WHERE payload IS NOT NULL;
