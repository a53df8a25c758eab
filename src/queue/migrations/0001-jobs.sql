-- Requests that wait to be asked again. What was said in them is in the journal (record.db), under the same id.
CREATE TABLE jobs (
  exchange TEXT PRIMARY KEY,      -- the deferred exchange
  state TEXT NOT NULL,            -- waiting, running, answered, failed, cancelled, expired
  priority INTEGER NOT NULL,      -- 0 interactive, 1 normal, 2 batch
  kept_at INTEGER NOT NULL,       -- UTC milliseconds, as all times
  deadline INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  route TEXT NOT NULL,
  model TEXT NOT NULL,
  principal TEXT NOT NULL,
  run TEXT,                       -- the exchange that answers it, or failed to last
  lease_until INTEGER,            -- whoever asks it again says so until then
  reason TEXT,
  notify TEXT,
  told_at INTEGER,                -- when `notify` was told, or given up
  tellings INTEGER NOT NULL DEFAULT 0,
  batch TEXT,
  line TEXT,
  ended_at INTEGER
) STRICT;
CREATE INDEX jobs_waiting ON jobs (route, priority, deadline, exchange) WHERE state = 'waiting';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_untold ON jobs (ended_at) WHERE notify IS NOT NULL AND told_at IS NULL AND ended_at IS NOT NULL;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_of_batch ON jobs (batch, line) WHERE batch IS NOT NULL;
