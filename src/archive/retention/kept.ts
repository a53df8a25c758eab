import type { Archive } from '../store/open.ts';

/** Says that no retention rule removes a conversation, with its sub-agents'. Returns whether that is new. */
export function keepConversation({ database }: Archive, id: string, now: number): boolean {
  return database.prepare('INSERT OR IGNORE INTO kept_conversations (id, at) VALUES (?, ?)').run(id, Math.round(now)).changes > 0;
}

/** Takes that back. */
export function unkeepConversation({ database }: Archive, id: string): boolean {
  return database.prepare('DELETE FROM kept_conversations WHERE id = ?').run(id).changes > 0;
}

export function keptIds({ database }: Archive): Set<string> {
  return new Set(
    database
      .prepare('SELECT id FROM kept_conversations')
      .all()
      .map(({ id }) => String(id)),
  );
}
