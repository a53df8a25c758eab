-- What was said of each product and model, whenever it was another than before. Times are UTC ms.
CREATE TABLE verdict_log (
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  scope TEXT,
  score REAL NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY (key, at)
) STRICT, WITHOUT ROWID;

-- One row: until when somebody looked.
CREATE TABLE watch_life (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;

-- Requests for one token that were made to find out. 8 days.
CREATE TABLE probes (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  target TEXT NOT NULL,           -- provider/model
  answered INTEGER NOT NULL,
  took INTEGER NOT NULL,          -- milliseconds, to the first words or to the failure
  symptom TEXT,                   -- of a failure
  status INTEGER,
  cost REAL                       -- dollars; NULL: no known price
) STRICT;

CREATE INDEX probes_by_time ON probes (at);
