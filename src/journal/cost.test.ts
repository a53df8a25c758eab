import { expect, test } from 'vitest';
import { exchangeId } from '../exchange/ids.ts';
import type { AttemptEnd } from './entry.ts';
import { attemptStart, openingOf, wholeEnd } from './testing/entries.ts';
import { eventually, testFolder } from './testing/folder.ts';

const end = (ordinal: number, cost?: number): AttemptEnd => ({
  type: 'attempt-end',
  ordinal,
  outcome: { type: 'whole', mended: false },
  took: 5,
  ...(cost !== undefined && { cost }),
});

test('what an exchange has cost is the sum of its attempts, while it runs and after a restart', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const id = exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  for (const [ordinal, cost] of [0.1, undefined, 0.2].entries()) {
    log.append(attemptStart(ordinal));
    log.append(end(ordinal, cost));
  }
  const told = { cost: 0.3, attempts: [{ cost: 0.1 }, {}, { cost: 0.2 }] };
  await eventually(async () => (await journal.list({ limit: 1 }))[0]?.attempts.length === 3);
  expect((await journal.list({ limit: 1 }))[0]).toMatchObject(told);
  log.append(wholeEnd());
  await journal.close();
  const again = await folder.journal();
  const [kept] = await again.list({ limit: 1 });
  expect(kept).toMatchObject({ ...told, state: 'complete' });
  expect(kept!.attempts[1]).not.toHaveProperty('cost');
  await again.close();
});
