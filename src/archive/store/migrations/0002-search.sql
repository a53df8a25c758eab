-- The search index (src/archive/search). It holds no text: words and where they are, in tables search_<shard> (FTS5) that are made as they are needed.

CREATE TABLE search_shards (
  shard INTEGER PRIMARY KEY,
  documents INTEGER NOT NULL,     -- put in so far; those taken out again count
  oldest INTEGER NOT NULL,        -- UTC milliseconds, of what it holds
  newest INTEGER NOT NULL
) STRICT;

-- What can be found: a message, or the title of a conversation.
CREATE TABLE search_documents (
  document INTEGER PRIMARY KEY,   -- its row in the shard; the newer it is, the greater
  message INTEGER NOT NULL UNIQUE,-- messages.row; of a title: minus conversations.row
  conversation INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Words that were seen, for searches inside of words.
CREATE TABLE search_lexicon (
  row INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE search_inside USING fts5(word, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram');

-- As last indexed.
CREATE TABLE search_titles (
  conversation INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  project TEXT
) STRICT;

CREATE TABLE search_facts (
  name TEXT PRIMARY KEY,          -- version (of what is indexed of a message), drift (documents.ts), forgotten (lexicon.ts)
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is to be indexed: messages.row, or minus conversations.row. Filled by the triggers, so that nothing which writes messages can forget it.
CREATE TABLE search_queue (
  message INTEGER PRIMARY KEY
) STRICT;

-- What is to be taken out of its shard; its text until then, for the words that nothing else has.
CREATE TABLE search_gone (
  document INTEGER PRIMARY KEY,
  shard INTEGER NOT NULL,
  encoding TEXT,
  body BLOB
) STRICT;

CREATE TRIGGER search_message_added AFTER INSERT ON messages BEGIN
  INSERT OR IGNORE INTO search_queue (message) VALUES (new.row);
END;

CREATE TRIGGER search_message_changed AFTER UPDATE OF role, at, provider, model, status, encoding, body ON messages BEGIN
  INSERT OR REPLACE INTO search_gone (document, shard, encoding, body)
    SELECT document, shard, old.encoding, old.body FROM search_documents WHERE message = old.row;
  DELETE FROM search_documents WHERE message = old.row;
  INSERT OR IGNORE INTO search_queue (message) VALUES (new.row);
END;

CREATE TRIGGER search_message_removed AFTER DELETE ON messages BEGIN
  INSERT OR REPLACE INTO search_gone (document, shard, encoding, body)
    SELECT document, shard, old.encoding, old.body FROM search_documents WHERE message = old.row;
  DELETE FROM search_documents WHERE message = old.row;
  DELETE FROM search_queue WHERE message = old.row;
END;

CREATE TRIGGER search_conversation_added AFTER INSERT ON conversations BEGIN
  INSERT OR IGNORE INTO search_queue (message) VALUES (-new.row);
END;

CREATE TRIGGER search_conversation_changed AFTER UPDATE OF title, project ON conversations
  WHEN old.title IS NOT new.title OR old.project IS NOT new.project BEGIN
  INSERT OR IGNORE INTO search_queue (message) VALUES (-new.row);
END;

CREATE TRIGGER search_conversation_removed AFTER DELETE ON conversations BEGIN
  INSERT OR REPLACE INTO search_gone (document, shard) SELECT document, shard FROM search_documents WHERE message = -old.row;
  DELETE FROM search_documents WHERE message = -old.row;
  DELETE FROM search_titles WHERE conversation = old.row;
  DELETE FROM search_queue WHERE message = -old.row;
END;

-- What was there before there was an index.
INSERT INTO search_queue (message) SELECT row FROM messages UNION ALL SELECT -row FROM conversations;
