-- Which of a client's sub-agents asked, and which one had started that (Opening of entry.ts).
ALTER TABLE exchanges ADD COLUMN agent TEXT;
ALTER TABLE exchanges ADD COLUMN parent_agent TEXT;
