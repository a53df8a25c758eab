-- A hub's own facts: its secret, and since when it has been there.
CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

-- Install keys, as keyed hashes, and the days (since 1970) on which they were seen first and last. Gone when unseen for 180 days.
CREATE TABLE keys (
  tag BLOB PRIMARY KEY,
  first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_last_day ON keys (last_day);

-- Which key has reported which product within the last hour. Nothing links a key to a report after that.
CREATE TABLE spoken (
  tag BLOB NOT NULL,
  product TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tag, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX spoken_by_time ON spoken (at);

-- Reports counted in bins of five minutes. Kept for 8 days.
CREATE TABLE bins (
  at INTEGER NOT NULL,
  product TEXT NOT NULL,
  -- '': not said
  model TEXT NOT NULL,
  country TEXT NOT NULL,
  symptom TEXT NOT NULL,
  reports INTEGER NOT NULL,
  PRIMARY KEY (at, product, model, country, symptom)
) STRICT, WITHOUT ROWID;

-- What each product, and each model of it, came to in each bin that was not empty. Baselines are made of it. Kept for 29 days.
CREATE TABLE scores (
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  score REAL NOT NULL,
  PRIMARY KEY (key, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX scores_by_time ON scores (at);

-- How each stands, as `rule.ts` has it.
CREATE TABLE standings (key TEXT PRIMARY KEY, standing TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Every change of a state. Kept for 90 days, and the last 5000.
CREATE TABLE changes (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  was TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_time ON changes (at);
