import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dialectOf } from '../../../dialects/all.ts';
import { systemClock } from '../../../exchange/clock.ts';
import { exchangeId } from '../../../exchange/ids.ts';
import type { Entry, Opening } from '../../../journal/entry.ts';
import type { Journal } from '../../../journal/journal.ts';
import { openJournal } from '../../../journal/open.ts';
import { journalSettings } from '../../../journal/settings.ts';
import { eventsOf } from './talk.ts';

/** `key`: of an encrypted folder. */
export async function journalIn(folder: string, key?: Uint8Array): Promise<Journal> {
  const opened = await openJournal({
    folder,
    key,
    settings: journalSettings.parse({}),
    clock: systemClock,
    decoders: { stream: (name) => dialectOf(name).decoder(), whole: () => [] },
    onNotice: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** A chat with a session of its own: each turn an exchange, whose request holds all turns before it. */
export function chat(journal: Journal, session: string, turns: number, from = 0): void {
  for (let turn = from; turn < turns; turn++) {
    const messages = Array.from({ length: turn + 1 }, (_, index) => [
      { role: 'user', content: `question ${index} of ${session}, which is as long as questions are` },
      ...(index < turn ? [{ role: 'assistant', content: answerTo(session, index) }] : []),
    ]).flat();
    exchange(journal, { session, body: { model: 'm', messages } }, [
      attempt(),
      { type: 'events', attempt: 0, events: eventsOf([{ type: 'text', text: answerTo(session, turn) }]) },
      { type: 'attempt-end', ordinal: 0, outcome: { type: 'whole', mended: false }, took: 1, cost: 0.25 },
      { type: 'end', outcome: { type: 'complete', finish: 'stop' }, usage: { input: 3, output: 2 } },
    ]);
  }
}

export function exchange(journal: Journal, { session, body }: { session: string; body: object }, entries: readonly Entry[]): Opening {
  const at = Date.now();
  const id = exchangeId(at, (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
  const opening: Opening = {
    id,
    at,
    dialect: 'openai-chat',
    model: 'm',
    route: 'default',
    stream: true,
    principal: 'local',
    session,
    save: true,
  };
  const log = journal.open(opening, Buffer.from(JSON.stringify(body)));
  for (const entry of entries) log.append(entry);
  return opening;
}

export function attempt(): Entry {
  const target = { provider: 'wall', model: 'm', credential: 'key', dialect: 'openai-chat', vendor: 'wall' } as const;
  return { type: 'attempt', ordinal: 0, kind: 'first', target, native: true, losses: [], edits: [] };
}

function answerTo(session: string, turn: number): string {
  return `answer ${turn} to ${session}: ${'word '.repeat(20 + (turn % 7))}`.trim();
}

/** All that is told of conversations, whatever the order in which it came. */
export function told(folder: string): unknown {
  const database = new DatabaseSync(join(folder, 'archive.db'), { readOnly: true });
  try {
    return {
      conversations: database
        .prepare(
          'SELECT id, key, title, session, status, messages, branches, input_tokens, output_tokens, cost, current FROM conversations ORDER BY id',
        )
        .all(),
      messages: database
        .prepare(
          'SELECT c.id, m.key, m.parent, m.role, m.status, hex(m.hash) AS hash FROM messages m JOIN conversations c ON c.row = m.conversation ORDER BY c.id, m.key',
        )
        .all(),
      places: database.prepare('SELECT exchange FROM exchange_places ORDER BY exchange').all(),
      skipped: database.prepare('SELECT * FROM exchange_skips').all(),
    };
  } finally {
    database.close();
  }
}
