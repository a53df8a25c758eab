import { expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../exchange/virtual-clock.ts';
import type { End, Entry } from '../../journal/entry.ts';
import type { AnswerLog, Journal } from '../../journal/journal.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { openingOf } from '../../journal/testing/entries.ts';
import { attempt, complete, failed, head, words } from '../testing/scripted-ports.ts';
import { createHolding, type Holding, type Terms } from './holding.ts';

const DAY = 24 * 60 * 60_000;
const DEFERRED: End = deferredBy('all are down');

function deferredBy(message: string): End {
  return { type: 'end', outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'status', message } } };
}

interface House {
  clock: VirtualClock;
  journal: Journal;
  holding: Holding;
  withdraw(exchange: string): void;
  open(id: string, runs?: string): AnswerLog;
}

function house(): House {
  const clock = virtualClock();
  const journal = memoryJournal({ clock, keepAfterEnd: DAY });
  let withdraw = (_exchange: string): void => undefined;
  const holding = createHolding(journal, { onWithdrawn: (listener) => void (withdraw = listener) }, clock);
  return {
    clock,
    journal,
    holding,
    withdraw: (exchange) => withdraw(exchange),
    open: (id, runs) => journal.open(openingOf(id, runs === undefined ? {} : { runs }), Buffer.from('{}')),
  };
}

/** What a client that holds on is told, in short. */
function told({ holding }: House, log: AnswerLog, terms: Terms): { heard: string[]; leave(): void } {
  const heard: string[] = [];
  const follower = holding.hold(log, terms).follow(
    -1,
    ({ entry }) => {
      heard.push(short(entry));
      return true;
    },
    (reason) => heard.push(`lost ${reason}`),
  );
  return { heard, leave: () => follower.stop() };
}

function short(entry: Entry): string {
  if (entry.type !== 'end') return entry.type;
  const { outcome } = entry;
  return 'fault' in outcome ? `${outcome.type}: ${outcome.fault.message}` : outcome.type;
}

const answer: Entry = { type: 'events', attempt: 0, events: words('Here it is.') };

it('goes on with the answer of whoever answers it later, and says nothing of those that fail meanwhile', async () => {
  const at = house();
  const log = at.open('a');
  const { heard } = told(at, log, { wait: 60_000, headers: 5000 });
  log.append(attempt());
  log.append(DEFERRED);
  await at.clock.advance(1);
  expect(heard).toEqual(['attempt']);
  expect(at.holding.of('a')).toBe(1);
  await at.clock.advance(5000);
  expect(heard).toEqual(['attempt', 'head']);

  // Its headers were due, as the engine counts: nobody has seen anything of it.
  const vain = at.open('b', 'a');
  await at.clock.advance(1);
  for (const entry of [attempt(), head(), failed(true)]) vain.append(entry);
  await at.clock.advance(1);
  expect(heard).toEqual(['attempt', 'head']);

  const run = at.open('c', 'a');
  await at.clock.advance(1);
  for (const entry of [attempt(), head(), answer]) run.append(entry);
  await at.clock.advance(1);
  expect(heard.slice(2)).toEqual(['attempt', 'head', 'events']);
  // The answer has begun: its end is waited for, however long that takes.
  await at.clock.advance(120_000);
  run.append(complete);
  await at.clock.advance(1);
  expect(heard.slice(5)).toEqual(['complete']);
  expect(at.holding.of('a')).toBe(0);
  expect(await at.clock.drain(DAY / 2)).toBe(0);
});

it('is told at its deadline that the request is kept, and what stood in the way last', async () => {
  const at = house();
  const log = at.open('a');
  const { heard } = told(at, log, { wait: 60_000 });
  log.append(DEFERRED);
  await at.clock.advance(30_000);
  const vain = at.open('b', 'a');
  await at.clock.advance(1);
  vain.append(failed(false, { fault: { message: 'still down' } }));
  await at.clock.advance(29_000);
  expect(heard).toEqual([]);
  // One more is under way, and has said nothing.
  at.open('c', 'a').append(attempt());
  await at.clock.advance(1000);
  expect(heard).toEqual(['deferred: still down']);
  expect(at.holding.of('a')).toBe(0);
});

it('is told at once where its first attempts took longer than it wanted to wait', async () => {
  const at = house();
  const log = at.open('a');
  const { heard } = told(at, log, { wait: 1000 });
  log.append(attempt());
  await at.clock.advance(5000);
  expect(heard).toEqual(['attempt']);
  log.append(DEFERRED);
  await at.clock.advance(1);
  expect(heard).toEqual(['attempt', 'deferred: all are down']);
});

it('goes on holding on where it is a client’s second try that fails', async () => {
  const at = house();
  at.open('a').append(DEFERRED);
  const second = at.open('b', 'a');
  const { heard } = told(at, second, { wait: 60_000 });
  second.append(failed(false, { fault: { message: 'down' } }));
  await at.clock.advance(1);
  expect(heard).toEqual([]);
  await at.clock.advance(60_000);
  expect(heard).toEqual(['failed: down']);
});

it('is told of what waiting does not cure, of an answer that breaks off, and that the request was given up', async () => {
  const invalid = { class: 'bad-request', symptom: 'status', message: 'no such field' } as const;
  const ends: [name: string, entries: Entry[], heard: string[]][] = [
    ['invalid', [attempt(), failed(false, { fault: invalid })], ['attempt', 'failed: no such field']],
    ['broken', [attempt(), head(), answer, failed(true)], ['attempt', 'head', 'events', 'failed: wall/m broke off']],
  ];
  const at = house();
  for (const [name, entries, wanted] of ends) {
    const log = at.open(name);
    const { heard } = told(at, log, { wait: 60_000 });
    log.append(DEFERRED);
    await at.clock.advance(1);
    const run = at.open(`${name} again`, name);
    await at.clock.advance(1);
    for (const entry of entries) run.append(entry);
    await at.clock.advance(1);
    expect(heard).toEqual(wanted);
  }
  const log = at.open('given up');
  const { heard } = told(at, log, { wait: 60_000 });
  log.append(DEFERRED);
  await at.clock.advance(1);
  at.withdraw('given up');
  expect(heard).toEqual(['cancelled']);
});

it('changes nothing of what is answered, fails for good, or is not kept', async () => {
  const at = house();
  for (const [index, end] of [complete, failed(false), failed(true)].entries()) {
    const log = at.open(`x${index}`);
    const { heard } = told(at, log, { wait: 60_000, headers: 10 });
    for (const entry of [attempt(), head(), answer, end]) log.append(entry);
    await at.clock.advance(1);
    expect(heard).toEqual(['attempt', 'head', 'events', short(end)]);
  }
  expect(await at.clock.drain(DAY / 2)).toBe(0);
});

it('forgets who leaves, and lets all go when the server stops', async () => {
  const at = house();
  const log = at.open('a');
  const one = told(at, log, { wait: 60_000 });
  const other = told(at, log, { wait: 60_000 });
  log.append(DEFERRED);
  await at.clock.advance(1);
  expect(at.holding.of('a')).toBe(2);
  one.leave();
  expect(at.holding.of('a')).toBe(1);
  at.holding.letGo();
  expect([one.heard, other.heard]).toEqual([[], ['deferred: all are down']]);
  expect(await at.clock.drain(DAY / 2)).toBe(0);
});
