-- Hashes of an Idempotency-Key and of what was asked under it: a repeated request is given the answer that there is.
ALTER TABLE exchanges ADD COLUMN once_key TEXT;
ALTER TABLE exchanges ADD COLUMN once_question TEXT;
-- The deferred exchange that this one was to answer, and who answered a deferred one in the end.
ALTER TABLE exchanges ADD COLUMN runs TEXT;
ALTER TABLE exchanges ADD COLUMN answered_by TEXT;
-- JSON: Opening.again of entry.ts.
ALTER TABLE exchanges ADD COLUMN again TEXT;

CREATE INDEX exchanges_by_key ON exchanges (once_key, id) WHERE once_key IS NOT NULL;
CREATE INDEX exchanges_by_run ON exchanges (runs, id) WHERE runs IS NOT NULL;
