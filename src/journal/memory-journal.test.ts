import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { LoggedEntry } from './journal.ts';
import { memoryJournal } from './memory-journal.ts';
import { bytesEntry, openingOf, textEntry, wholeEnd } from './testing/entries.ts';

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test('a follower sees every entry once, in order, whatever its cursor', async () => {
  const reader = fc.record({ cursor: fc.integer({ min: -1, max: 40 }), joinsAt: fc.nat(40), pausesEvery: fc.integer({ min: 1, max: 9 }) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.array(reader, { minLength: 1, maxLength: 4 }), async (count, readers) => {
      const journal = memoryJournal({ clock: systemClock });
      const log = journal.open(openingOf('x_1'), Buffer.from('{}'));
      const runs = readers.map((each) => ({ ...each, seen: [] as number[], lost: '' }));
      const join = (run: (typeof runs)[number]): void => {
        const follower = log.follow(
          run.cursor,
          (logged) => {
            run.seen.push(logged.seq);
            if (run.seen.length % run.pausesEvery !== 0) return true;
            setImmediate(follower.resume);
            return false;
          },
          (reason) => (run.lost = reason),
        );
      };
      for (let seq = 0; seq <= count; seq++) {
        for (const run of runs) if (run.joinsAt === seq) join(run);
        log.append(seq === count ? wholeEnd() : textEntry(`${seq}`));
        if (seq % 7 === 0) await settled();
      }
      for (const run of runs) if (run.joinsAt > count) join(run);
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      for (const run of runs) {
        const expected = Array.from({ length: count + 1 }, (_, seq) => seq).filter((seq) => seq > run.cursor);
        expect(run.seen).toEqual(expected);
        expect(run.lost !== '').toBe(expected.length === 0);
      }
    }),
    { numRuns: 60 },
  );
});

test('nothing is handed over before follow has returned', async () => {
  const journal = memoryJournal({ clock: systemClock });
  const log = journal.open(openingOf('x_1'), Buffer.from('{}'));
  log.append(textEntry('a'));
  await settled();
  let held = false;
  const early: boolean[] = [];
  log.follow(
    -1,
    () => early.push(held) > 0,
    () => undefined,
  );
  held = true;
  await settled();
  expect(early).toEqual([true]);
});

test('an answer beyond the limit is lost to readers behind it, and to nobody else', async () => {
  const journal = memoryJournal({ clock: systemClock, limit: 10_000 });
  const log = journal.open(openingOf('x_1'), Buffer.from('{}'));
  const seen: LoggedEntry[] = [];
  log.follow(
    -1,
    (logged) => seen.push(logged) > 0,
    () => undefined,
  );
  for (let seq = 0; seq < 50; seq++) {
    log.append(bytesEntry('x'.repeat(1000)));
    await settled();
  }
  let reason = '';
  log.follow(
    -1,
    () => true,
    (why) => (reason = why),
  );
  await settled();
  expect(seen.map((logged) => logged.seq)).toEqual(Array.from({ length: 50 }, (_, seq) => seq));
  expect(reason).toContain('neither in memory nor on disk');
});

test('a listener that throws hurts neither the answer nor the other listeners', async () => {
  const faults: unknown[] = [];
  const journal = memoryJournal({ clock: systemClock, onFault: (error) => faults.push(error) });
  const types: string[] = [];
  journal.subscribe(() => {
    throw new Error('listener');
  });
  journal.subscribe((change) => types.push(change.type === 'entry' ? change.entry.type : change.type));
  const log = journal.open(openingOf('x_1'), Buffer.from('{}'));
  log.follow(
    -1,
    () => {
      throw new Error('follower');
    },
    () => undefined,
  );
  log.append(textEntry('a'));
  log.append(wholeEnd());
  await settled();
  expect(types).toEqual(['opened', 'end']);
  expect(faults).toHaveLength(3);
});

test('an ended answer stays for a minute', async () => {
  const clock = virtualClock();
  const journal = memoryJournal({ clock });
  const log = journal.open(openingOf('x_1'), Buffer.from('{"a":1}'));
  log.append(textEntry('Hello'));
  expect(journal.running().map((opening) => opening.id)).toEqual(['x_1']);
  log.append(wholeEnd());
  await clock.advance(59_000);
  expect(journal.running()).toEqual([]);
  expect(await journal.get('x_1')).toMatchObject({ state: 'complete', text: 'Hello', request: '{"a":1}', entries: 2 });
  await clock.advance(2000);
  expect(await journal.get('x_1')).toBeUndefined();
  expect(await journal.list({ limit: 10 })).toEqual([]);
});
