import { expect, test } from 'vitest';
import { exchangeId } from '../../exchange/ids.ts';
import { virtualClock, type VirtualClock } from '../../exchange/virtual-clock.ts';
import type { AnswerLog, Journal } from '../../journal/journal.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { complete, failed } from '../testing/scripted-ports.ts';
import { type Attachments, attachments } from './attachments.ts';

const HOUR = 3_600_000;
const ASKER = { principal: 'local', dialect: { name: 'openai-chat' } } as const;
const ONCE = { key: 'k', question: 'q' };

function stage(): { clock: VirtualClock; journal: Journal; known: Attachments; open(once?: typeof ONCE): AnswerLog } {
  const clock = virtualClock();
  const journal = memoryJournal({ clock, keepAfterEnd: 100 * HOUR });
  const known = attachments(journal, clock);
  let number = 0;
  return {
    clock,
    journal,
    known,
    open(once) {
      const id = exchangeId(clock.now(), (bytes) => bytes.fill(number++));
      return journal.open(
        {
          id,
          at: clock.now(),
          dialect: 'openai-chat',
          model: 'm',
          route: 'r',
          stream: true,
          principal: 'local',
          save: true,
          ...(once && { once }),
        },
        Buffer.from('{}'),
      );
    },
  };
}

/** Asks under a key, and opens the exchange if there is none. */
async function ask({ known, open }: ReturnType<typeof stage>, once = ONCE): Promise<AnswerLog | string> {
  const verdict = await known.byKey(ASKER, once);
  if (verdict.type !== 'ask') return verdict.type;
  const log = open(once);
  verdict.asked(log.opening.id);
  return log;
}

test('a key is remembered for a day', async () => {
  const on = stage();
  const first = await ask(on);
  if (typeof first === 'string') throw new Error(first);
  expect(await ask(on)).toBe('given');
  first.append(complete);
  await on.clock.advance(24 * HOUR - 1000);
  expect(await ask(on)).toBe('given');
  expect(await ask(on, { ...ONCE, question: 'another' })).toBe('other-question');
  await on.clock.advance(2000);
  expect(typeof (await ask(on))).toBe('object');
});

test('of many that wait for the first one, each asks in its turn as long as nobody could be asked', async () => {
  const { known, open } = stage();
  const first = await known.byKey(ASKER, ONCE);
  if (first.type !== 'ask') throw new Error(first.type);
  const others = [known.byKey(ASKER, ONCE), known.byKey(ASKER, ONCE), known.byKey(ASKER, ONCE)];
  first.asked(undefined);
  const second = await Promise.race(others);
  if (second.type !== 'ask') throw new Error(second.type);
  second.asked(open(ONCE).opening.id);
  const types = (await Promise.all(others)).map(({ type }) => type).toSorted();
  expect(types).toEqual(['ask', 'given', 'given']);
});

test('what failed pins nothing, not even the question', async () => {
  const on = stage();
  for (const [question, end] of [
    ['one', failed(false)],
    ['another', failed(true)],
    ['a third', complete],
  ] as const) {
    const log = await ask(on, { ...ONCE, question });
    if (typeof log === 'string') throw new Error(log);
    log.append(end);
    await on.clock.advance(1);
  }
  expect(await ask(on, { ...ONCE, question: 'one' })).toBe('other-question');
});

test('an answer left behind is remembered for ten minutes, for one retry, and only if it comes to something', async () => {
  const { known, open, clock } = stage();
  const leave = (question: string): AnswerLog => {
    const log = open();
    known.left(ASKER, question, log.opening.id);
    return log;
  };
  const one = leave('q');
  expect(await known.takeLeft({ ...ASKER, principal: 'token' }, 'q')).toBeUndefined();
  expect((await known.takeLeft(ASKER, 'q'))?.opening.id).toBe(one.opening.id);
  expect(await known.takeLeft(ASKER, 'q')).toBeUndefined();

  leave('q').append(failed(false));
  await clock.advance(1);
  expect(known.anyLeft()).toBe(false);

  leave('q');
  await clock.advance(10 * 60_000 + 1);
  expect(await known.takeLeft(ASKER, 'q')).toBeUndefined();
});

test('at most a thousand answers left behind are remembered', async () => {
  const { known, open } = stage();
  const id = open().opening.id;
  for (let index = 0; index <= 1000; index++) known.left(ASKER, `q${index}`, id);
  expect(await known.takeLeft(ASKER, 'q0')).toBeUndefined();
  expect((await known.takeLeft(ASKER, 'q1'))?.opening.id).toBe(id);
});
