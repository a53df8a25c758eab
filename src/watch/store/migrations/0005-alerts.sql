-- One row for each event that somebody is or was to be told of. Kept for 90 days, and the last five hundred that are over.
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  -- pending: it has to last before anybody is told. clearing: nothing fails any more, and that has to last, too.
  state TEXT NOT NULL CHECK (state IN ('pending', 'open', 'clearing', 'over')),
  -- When the state changes by itself.
  due INTEGER,
  -- Goes up with whatever there is to tell; loud: the last of it that people should notice.
  revision INTEGER NOT NULL,
  loud INTEGER NOT NULL,
  began INTEGER NOT NULL,
  ended INTEGER,
  -- What fails, what was said of it, who is told: JSON.
  body TEXT NOT NULL,
  -- In the links of its question; NULL once it is answered.
  token TEXT
) STRICT;

CREATE INDEX alerts_open ON alerts (state) WHERE state <> 'over';

-- How far each channel has been told.
CREATE TABLE alert_deliveries (
  alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  channel TEXT NOT NULL,
  revision INTEGER NOT NULL,
  -- What it was told last: new, update, again, over, past; NULL: nothing yet.
  told TEXT,
  told_at INTEGER,
  -- By which the channel finds its message again.
  handle TEXT,
  tries INTEGER NOT NULL,
  next_try INTEGER,
  -- A revision that the channel has refused for good.
  refused INTEGER NOT NULL,
  PRIMARY KEY (alert, channel)
) STRICT, WITHOUT ROWID;

-- What was sent where, and what came of it. The last two thousand.
CREATE TABLE alert_log (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  alert TEXT,
  channel TEXT NOT NULL,
  message TEXT NOT NULL,
  -- sent, retried, refused, expired
  outcome TEXT NOT NULL,
  problem TEXT
) STRICT;
