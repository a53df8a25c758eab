-- Drills on one's own routes: what came out, without anything of a prompt.
CREATE TABLE drills (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  score INTEGER NOT NULL,
  report TEXT NOT NULL
) STRICT;
CREATE INDEX drills_at ON drills (at);
