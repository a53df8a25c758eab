-- How often requests to a model usually fail: counts that fade. `at`: UTC ms of the last change.
CREATE TABLE failure_rates (key TEXT PRIMARY KEY, asked REAL NOT NULL, failed REAL NOT NULL, at INTEGER NOT NULL) STRICT;
