-- Retention rules (src/archive/retention).

-- Conversations that no rule removes. Also of one that is not there (any more).
CREATE TABLE kept_conversations (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL             -- UTC milliseconds
) STRICT, WITHOUT ROWID;

-- What rules are about to remove.
CREATE TABLE retention_due (
  rule TEXT NOT NULL,             -- as rule.ts writes it
  id TEXT NOT NULL,               -- of the conversation that its session is listed as
  since INTEGER NOT NULL,         -- UTC milliseconds: when it was announced; 0: somebody wants it gone now
  PRIMARY KEY (rule, id)
) STRICT, WITHOUT ROWID;

-- What rules have removed.
CREATE TABLE retention_removals (
  row INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,            -- UTC milliseconds
  rule TEXT NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  messages INTEGER NOT NULL,
  updated_at INTEGER              -- of the conversation, UTC milliseconds
) STRICT;
CREATE INDEX retention_removals_by_time ON retention_removals (at);
CREATE INDEX retention_removals_by_rule ON retention_removals (rule, at);

-- What a conversation's messages take. Counted anew once its revision is another.
CREATE TABLE conversation_sizes (
  conversation INTEGER PRIMARY KEY REFERENCES conversations (row) ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

-- Exchanges of conversations that are removed, which the record still has: it is another's while a server runs.
CREATE TABLE exchanges_to_forget (
  exchange TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
