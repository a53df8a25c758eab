-- Conversations out of the journal: what finds a message again that comes back in a later request's history (exchanges/).
CREATE TABLE exchange_nodes (
  conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
  key TEXT NOT NULL,              -- of the message
  above TEXT NOT NULL,            -- key of the message before it that counts; empty at a beginning
  role TEXT NOT NULL,
  words TEXT NOT NULL,            -- hash of what an answer says, without what its calls were given
  calls TEXT NOT NULL,            -- ids of its calls or results, in order, one a line
  PRIMARY KEY (conversation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_nodes_by_place ON exchange_nodes (conversation, above);

-- Which conversations an exchange may belong to.
CREATE TABLE exchange_threads (
  crowd TEXT NOT NULL,            -- hash: of the client's session, or of what stands at the beginning
  conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
  kind TEXT NOT NULL,             -- main, agent, side
  voice TEXT NOT NULL,            -- hash: how the system prompt begins, and whether there are tools
  beginning TEXT NOT NULL,        -- hash of the first message as it came
  last_at INTEGER NOT NULL,       -- UTC milliseconds: when the newest exchange was asked
  PRIMARY KEY (crowd, conversation)
) STRICT, WITHOUT ROWID;

-- What a client's own model call named a session.
CREATE TABLE exchange_titles (
  crowd TEXT PRIMARY KEY,
  title TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Questions whose answer waits to be asked for again.
CREATE TABLE exchange_waiting (
  exchange TEXT PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
  key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Exchanges that could not be read, and why. Nothing is left out silently.
CREATE TABLE exchange_skips (
  exchange TEXT PRIMARY KEY,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Exchanges that were read, and the conversation that they are part of: each is read once.
CREATE TABLE exchange_places (
  exchange TEXT PRIMARY KEY,
  conversation INTEGER REFERENCES conversations (row) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_places_by_conversation ON exchange_places (conversation);
