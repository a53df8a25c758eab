import type { ArchivedMessage } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow } from '../store/read.ts';
import { bare } from './form.ts';

/** What of the archive has to be known to take an exchange into it. */
export interface Kept {
  isPlaced(exchange: string): boolean;
  /** `undefined`: it is part of none. */
  place(exchange: string, conversation: number | undefined): void;
  message(conversation: number, key: string): ArchivedMessage | undefined;
  /** Text of an answer that was cut, as forms have it. */
  cutText(conversation: number, key: string): string | undefined;
  /** Key of the newest message that is shown. */
  newest(conversation: number): string | undefined;
  updatedAt(conversation: number): number | undefined;
  rowOf(id: string): number;
  title(crowd: string): string | undefined;
  keepTitle(crowd: string, title: string): void;
  /** Key of a session's own conversation. */
  mainOf(crowd: string): string | undefined;
  /** The answer to this question waits to be asked for again. */
  wait(exchange: string, conversation: number, key: string): void;
}

export function keptIn({ database }: Archive): Kept {
  const findPlace = database.prepare('SELECT 1 FROM exchange_places WHERE exchange = ?');
  const addPlace = database.prepare('INSERT INTO exchange_places (exchange, conversation) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const findMessage = database.prepare('SELECT * FROM messages WHERE conversation = ? AND key = ?');
  const newest = database.prepare('SELECT key FROM messages WHERE conversation = ? AND hidden = 0 ORDER BY place DESC LIMIT 1');
  const updated = database.prepare('SELECT updated_at FROM conversations WHERE row = ?');
  const findRow = database.prepare('SELECT row FROM conversations WHERE id = ?');
  const findTitle = database.prepare('SELECT title FROM exchange_titles WHERE crowd = ?');
  const addTitle = database.prepare(
    'INSERT INTO exchange_titles (crowd, title) VALUES (?, ?) ON CONFLICT (crowd) DO UPDATE SET title = excluded.title',
  );
  const findMain = database.prepare(
    "SELECT key FROM exchange_threads JOIN conversations ON conversations.row = conversation WHERE crowd = ? AND kind = 'main' LIMIT 1",
  );
  const addWaiting = database.prepare('INSERT INTO exchange_waiting (exchange, conversation, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');

  function message(conversation: number, key: string): ArchivedMessage | undefined {
    const row = findMessage.get(conversation, key);
    return row && messageOfRow(row);
  }

  function textIn(row: Record<string, unknown> | undefined, column: string): string | undefined {
    const value = row?.[column];
    return typeof value === 'string' ? value : undefined;
  }

  return {
    isPlaced: (exchange) => findPlace.get(exchange) !== undefined,
    place: (exchange, conversation) => void addPlace.run(exchange, conversation ?? null),
    message,
    cutText(conversation, key) {
      const found = message(conversation, key);
      if (!found || found.status === 'complete') return undefined;
      return bare(found.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''));
    },
    newest: (conversation) => textIn(newest.get(conversation), 'key'),
    updatedAt(conversation) {
      const at = updated.get(conversation)?.['updated_at'];
      return typeof at === 'number' ? at : undefined;
    },
    rowOf: (id) => Number(findRow.get(id)?.['row']),
    title: (crowd) => textIn(findTitle.get(crowd), 'title'),
    keepTitle: (crowd, title) => void addTitle.run(crowd, title),
    mainOf: (crowd) => textIn(findMain.get(crowd), 'key'),
    wait: (exchange, conversation, key) => void addWaiting.run(exchange, conversation, key),
  };
}
