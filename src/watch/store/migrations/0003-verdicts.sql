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
