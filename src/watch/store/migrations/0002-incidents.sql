-- One event each. `body` is the incident as JSON (src/watch/incident.ts); the columns are what is looked for. Times are UTC ms.
CREATE TABLE incidents (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  phase TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  -- Absent while it is open.
  over_at INTEGER,
  changed_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX incidents_by_start ON incidents (started_at);
CREATE INDEX incidents_open ON incidents (provider) WHERE over_at IS NULL;

-- Which entry of which page is which incident.
CREATE TABLE incident_entries (
  page TEXT NOT NULL,
  entry TEXT NOT NULL,
  incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  -- As it was seen last, so that what has not changed is not looked at again.
  hash TEXT NOT NULL,
  PRIMARY KEY (page, entry)
) STRICT;
CREATE INDEX incident_entries_by_incident ON incident_entries (incident);

-- How far the past of a page has been read: `done` of its requests, planned from `begun_at` backwards, the newest first.
CREATE TABLE backfills (
  page TEXT PRIMARY KEY,
  begun_at INTEGER NOT NULL,
  done INTEGER NOT NULL,
  -- Requests that gave nothing, after some tries.
  missed INTEGER NOT NULL,
  over_at INTEGER
) STRICT, WITHOUT ROWID;
