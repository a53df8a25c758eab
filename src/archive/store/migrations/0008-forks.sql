-- Which conversations begin with the same message: forks.ts. It stood in protected_files.first_key, for protected files alone; nothing reads that now.
CREATE INDEX messages_beginnings ON messages (key) WHERE parent IS NULL;
DROP INDEX protected_files_by_first_key;
