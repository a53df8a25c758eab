/** Whoever of a route was not asked stands in the exchange's entries, with the reason. */
import { expect, it } from 'vitest';
import { failing, OPEN, play, RESET, said, type Scripted } from '../../test/matrix/scripted.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { PassedOver } from '../journal/entry.ts';
import { skippedIn } from '../journal/skipped.ts';
import { withoutContent } from '../journal/redact.ts';
import { createSpendLedger } from './spend.ts';

const PRICE = { input: 2, output: 10 };
const LONG = { messages: [{ role: 'user', content: 'word '.repeat((1024 * 1024) / 5) }] };
const DOWN = failing(529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
const good = (name: string, price?: Scripted['price']): Scripted => ({
  name,
  dialect: 'anthropic-messages',
  answer: () => said('The sea is wide.', true),
  ...(price && { price }),
});
const down: Scripted = { name: 'lead', dialect: 'anthropic-messages', answer: () => DOWN };

type Played = Awaited<ReturnType<typeof play>>;

function skipped({ entries }: Played): PassedOver[] | undefined {
  return skippedIn(entries.map((entry, seq) => ({ seq, at: 0, entry }))).skipped;
}

it('passed over for a cap, before the one who answers, once', async () => {
  const failover = { hopSpend: 0.4 };
  const played = await play({ client: 'anthropic-messages', failover, body: LONG, targets: [down, good('dear', PRICE), good('local')] });
  expect(played.kinds.at(-1)).toBe('next local');
  expect(skipped(played)).toEqual([{ target: 'dear/m-dear', reason: expect.stringContaining('failover.hopSpend') as string }]);
});

it('a lead that the cap of its route keeps out, and nobody asked at all', async () => {
  const spend = '0.10/day';
  const backed = await play({ client: 'anthropic-messages', spend, body: LONG, targets: [good('lead', PRICE), good('local')] });
  expect(backed.kinds).toEqual(['first local']);
  expect(skipped(backed)).toEqual([{ target: 'lead/m-lead', reason: expect.stringContaining('routes.default.spend') as string }]);
  const alone = await play({ client: 'anthropic-messages', spend, body: LONG, targets: [good('lead', PRICE)] });
  expect(alone.kinds).toEqual([]);
  expect(skipped(alone)).toEqual([{ target: 'lead/m-lead', reason: expect.stringContaining('routes.default.spend') as string }]);
});

it('when an answer is to be carried on', async () => {
  const cut: Scripted = { ...down, answer: (_body, turn) => (turn === 1 ? said('The sea is wide and ', false) : [OPEN, RESET]) };
  const played = await play({ client: 'anthropic-messages', failover: { hopSpend: 0.4 }, body: LONG, targets: [cut, good('dear', PRICE)] });
  expect(skipped(played)).toContainEqual({ target: 'dear/m-dear', reason: expect.stringContaining('failover.hopSpend') as string });
});

it('nobody, where everybody was asked; and no words of anybody with save: off', async () => {
  const clock = virtualClock();
  const ledger = createSpendLedger(clock, undefined, () => undefined);
  const played = await play({ client: 'anthropic-messages', clock, ledger, targets: [down, good('backup', PRICE)] });
  expect(skipped(played)).toBeUndefined();
  const capped = await play({ client: 'anthropic-messages', spend: '0.10/day', body: LONG, targets: [good('lead', PRICE), good('local')] });
  const kept = capped.entries.flatMap((entry) => withoutContent(entry) ?? []);
  expect(skippedIn(kept.map((entry, seq) => ({ seq, at: 0, entry }))).skipped).toEqual([
    { target: 'lead/m-lead', reason: 'not kept: this route is set to save: off' },
  ]);
});
