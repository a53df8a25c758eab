import { expect, it } from 'vitest';
import { dialectOf } from '../../dialects/all.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { End } from '../../journal/entry.ts';
import type { Journal, JournalState } from '../../journal/journal.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { openingOf, wholeEnd } from '../../journal/testing/entries.ts';
import type { Ask } from '../ports.ts';
import { waitingIn } from './waiting.ts';

const DEFERRED: End = {
  type: 'end',
  outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'status', message: 'all are down' } },
};
const DAY = 24 * 60 * 60_000;

function question(text: string): Ask {
  const body = Buffer.from(JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: text }] }));
  const dialect = dialectOf('anthropic-messages');
  const head = dialect.inspect(body, '/v1/messages');
  if (!head.ok) throw new Error('the question is no question');
  return { dialect, head: head.value, body, path: '/v1/messages', headers: [], principal: 'local' };
}

async function put(journal: Journal, id: string, end: End, runs?: string): Promise<void> {
  journal.open(openingOf(id, runs === undefined ? {} : { runs }), Buffer.from('{}')).append(end);
  await settled();
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

it('forgets what the journal has withdrawn, had answered or lost, and keeps what waits', async () => {
  const clock = virtualClock();
  const journal = memoryJournal({ clock, keepAfterEnd: DAY });
  const waiting = await waitingIn(journal, clock);
  for (const id of ['a', 'b', 'c']) {
    await put(journal, id, DEFERRED);
    waiting.remember(question(id), id);
  }
  // What was never in the record, as after a disk that failed at its end.
  waiting.remember(question('lost'), 'lost');
  expect(waiting.count()).toBe(4);

  await journal.withdraw('a');
  await put(journal, 'b2', wholeEnd(), 'b');
  expect(waiting.sameAs(question('b'))).toBeUndefined();
  await clock.advance(2 * 60_000);
  expect(waiting.count()).toBe(1);
  expect(['a', 'b', 'c', 'lost'].map((id) => waiting.sameAs(question(id)))).toEqual([undefined, undefined, 'c', undefined]);

  await journal.withdraw('c');
  await clock.advance(2 * 60_000);
  expect(waiting.count()).toBe(0);
  // Nothing waits: nothing is looked at any more.
  expect(await clock.drain(DAY / 2)).toBe(0);
  await put(journal, 'd', DEFERRED);
  expect(waiting.count()).toBe(1);
  waiting.close();
});

it('believes no record that cannot be read', async () => {
  const clock = virtualClock();
  let state: JournalState = { type: 'saving', record: { reason: 'the record is locked', action: 'wait' } };
  const kept = memoryJournal({ clock, keepAfterEnd: DAY });
  const journal: Journal = { ...kept, state: () => state, list: () => Promise.resolve([]) };
  const waiting = await waitingIn(journal, clock);
  waiting.remember(question('a'), 'a');
  await clock.advance(DAY / 2);
  expect(waiting.count()).toBe(1);
  state = { type: 'saving' };
  await clock.advance(2 * 60_000);
  expect(waiting.count()).toBe(0);
  waiting.close();
});

it('looks no more once it is closed', async () => {
  const clock = virtualClock();
  const journal = memoryJournal({ clock });
  const waiting = await waitingIn(journal, clock);
  waiting.remember(question('a'), 'a');
  waiting.close();
  expect(await clock.drain(DAY)).toBe(0);
});
