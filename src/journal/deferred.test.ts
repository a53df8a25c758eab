import { expect, test, vi } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { exchangeId } from '../exchange/ids.ts';
import type { End, Opening } from './entry.ts';
import type { Journal } from './journal.ts';
import { memoryJournal } from './memory-journal.ts';
import { attemptStart, openingOf, textEntry, wholeEnd } from './testing/entries.ts';
import { readToEnd, type TestFolder, testFolder } from './testing/folder.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

let made = Date.now();
const newId = (): string => exchangeId(made++, (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
const QUESTION = Buffer.from('{"messages":[]}');
const DEFERRED: End = {
  type: 'end',
  outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'status', message: 'all are down' } },
};
const FAILED: End = {
  type: 'end',
  outcome: { type: 'failed', committed: false, fault: { class: 'provider-fault', symptom: 'status', message: 'still down' } },
};
const ONCE = { key: 'hash-of-key', question: 'hash-of-question' };
const QUERY = { dialect: 'anthropic-messages', principal: 'local', key: ONCE.key, since: 0 } as const;

async function exchange(journal: Journal, end: End, more: Partial<Opening> = {}): Promise<string> {
  const log = journal.open(openingOf(newId(), more), QUESTION);
  log.append(attemptStart());
  if (end.outcome.type === 'complete') log.append(textEntry('the answer'));
  log.append(end);
  await readToEnd(log);
  return log.opening.id;
}

/** On disk, with a restart between what is done and what is asked; and in memory, without. */
const journals: [string, (folder: TestFolder) => Promise<{ journal: Journal; again(): Promise<Journal> }>][] = [
  [
    'on disk',
    async (folder) => {
      const journal = await folder.journal();
      return {
        journal,
        async again() {
          await journal.close();
          return folder.journal();
        },
      };
    },
  ],
  [
    'in memory',
    () => {
      const journal = memoryJournal({ clock: systemClock });
      return Promise.resolve({ journal, again: () => Promise.resolve(journal) });
    },
  ],
];

for (const [where, open] of journals) {
  test(`${where}: a deferred exchange waits until another one answers it`, async () => {
    using folder = testFolder();
    const { journal, again } = await open(folder);
    const askedSo = { path: '/v1/messages', headers: [['anthropic-version', '2023-06-01']] as [string, string][] };
    const id = await exchange(journal, DEFERRED, { again: askedSo });
    const vain = await exchange(journal, FAILED, { runs: id });
    expect(await journal.findRun(id)).toBe(vain);
    expect((await journal.list({ limit: 9, state: 'deferred' })).map((summary) => summary.id)).toEqual([id]);
    const run = await exchange(journal, wholeEnd(), { runs: id });
    const settled = { state: 'answered', answeredBy: run };
    expect(await journal.get(id)).toMatchObject(settled);
    expect(await journal.withdraw(id)).toBe(false);

    const later = await again();
    expect(await later.get(id)).toMatchObject(settled);
    expect(await later.recall(id)).toMatchObject({ state: 'answered', opening: { id, again: askedSo }, request: QUESTION });
    expect(await later.get(run)).toMatchObject({ state: 'complete', runs: id });
    expect(await later.findRun(id)).toBe(run);
    expect(await later.findRun(run)).toBeUndefined();
    expect(await later.list({ limit: 9, state: 'deferred' })).toEqual([]);
    await later.close();
  });

  test(`${where}: one that nobody wants any more waits no longer`, async () => {
    using folder = testFolder();
    const { journal, again } = await open(folder);
    const id = await exchange(journal, DEFERRED);
    const whole = await exchange(journal, wholeEnd());
    expect([await journal.withdraw(id), await journal.withdraw(id), await journal.withdraw(whole)]).toEqual([true, false, false]);
    expect((await journal.get(id))?.state).toBe('cancelled');
    // An answer that comes all the same does not bring it back.
    await exchange(journal, wholeEnd(), { runs: id });
    const later = await again();
    expect((await later.get(id))?.state).toBe('cancelled');
    expect(await later.withdraw(id)).toBe(false);
    await later.close();
  });

  test(`${where}: by a key what ended well is found, or waits, and nothing else`, async () => {
    using folder = testFolder();
    const { journal, again } = await open(folder);
    await exchange(journal, FAILED, { once: ONCE });
    expect(await journal.findOnce(QUERY)).toBeUndefined();
    await exchange(journal, wholeEnd(), { once: ONCE, save: false });
    expect(await journal.findOnce(QUERY)).toBeUndefined();
    const waiting = await exchange(journal, DEFERRED, { once: ONCE });
    expect(await journal.findOnce(QUERY)).toBe(waiting);
    const whole = await exchange(journal, wholeEnd(), { once: ONCE });
    const later = await again();
    expect(await later.findOnce(QUERY)).toBe(whole);
    expect(await later.recall(whole)).toMatchObject({ opening: { once: ONCE } });
    for (const other of [{ principal: 'token' }, { dialect: 'gemini' as const }, { key: 'another' }, { since: openingOf('').at + 1 }])
      expect(await later.findOnce({ ...QUERY, ...other })).toBeUndefined();
    await later.close();
  });
}
