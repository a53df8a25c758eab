import { describe, expect, it } from 'vitest';
import {
  failing,
  messages,
  block,
  delta,
  finish,
  OPEN,
  END,
  play,
  RESET,
  said,
  type Script,
  type Scripted,
  stop,
} from '../../test/matrix/scripted.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptEnd } from '../journal/entry.ts';
import type { Scene } from '../sim/scene.ts';
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts';
import { openaiChat } from '../dialects/openai-chat/dialect.ts';
import { createSpendLedger, type SpendLedger } from './spend.ts';

const EVENING = Date.UTC(2026, 5, 2, 22, 30);
const PRICE = { input: 2, output: 10 };
/** A megabyte of words: 262,144 tokens, about 0.52 dollars. */
const LONG = { messages: [{ role: 'user', content: 'word '.repeat((1024 * 1024) / 5) }] };
const DOWN = failing(529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');

/** An answer of which its provider says that it cost so many tokens. */
function counted(input: number, output: number): Scene {
  const start = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    usage: { input_tokens: input, output_tokens: 1 },
  };
  const [last, end] = finish('end_turn');
  return [
    OPEN,
    ...messages(
      { type: 'message_start', message: start },
      block(0, { type: 'text', text: '' }),
      delta(0, { type: 'text_delta', text: 'The sea is wide.' }),
      stop(0),
      { ...last!, usage: { output_tokens: output } },
      end!,
    ),
    END,
  ];
}

function target(name: string, answer: Scripted['answer'], price?: Scripted['price']): Scripted {
  return { name, dialect: 'anthropic-messages', answer, ...(price && { price }) };
}

const lead = (price?: Scripted['price']): Scripted => target('lead', () => DOWN, price);
const backup = (price?: Scripted['price']): Scripted => target('backup', () => counted(300_000, 1000), price);

/** A ledger and clock that several exchanges share. */
function sharing(): { clock: ReturnType<typeof virtualClock>; ledger: SpendLedger } {
  const clock = virtualClock(EVENING);
  return { clock, ledger: createSpendLedger(clock, undefined, () => undefined) };
}

function ends(entries: Awaited<ReturnType<typeof play>>['entries']): AttemptEnd[] {
  return entries.filter((entry) => entry.type === 'attempt-end');
}

function ask(script: Partial<Script> & Pick<Script, 'targets'>): ReturnType<typeof play> {
  return play({ client: 'anthropic-messages', ...script });
}

describe('what an outage costs', () => {
  it('is in the journal, attempt by attempt', async () => {
    const played = await ask({ targets: [lead(PRICE), backup(PRICE)] });
    expect(ends(played.entries).map(({ cost }) => cost)).toEqual([undefined, 0.61]);
  });

  it('includes what an answer had cost that died on the way', async () => {
    const dies = target('lead', (_body, turn) => (turn === 1 ? said('The sea is wide and '.repeat(20), false) : DOWN), PRICE);
    const played = await ask({ targets: [dies, target('backup', () => DOWN)] });
    expect(ends(played.entries)[0]!.cost).toBeCloseTo((1 * PRICE.input + 100 * PRICE.output) / 1e6);
  });

  it('is held by the cap on backups: those of no price are asked instead', async () => {
    const shared = sharing();
    const failover = { backupSpend: '1/day' };
    const local = target('local', () => counted(300_000, 1000));
    const kinds = async (targets: Scripted[]): Promise<string[]> => (await ask({ ...shared, failover, body: LONG, targets })).kinds;
    expect(await kinds([lead(), backup(PRICE)])).toEqual(['first lead', 'next backup']);
    // 0.61 are spent, and another turn is expected to cost about 0.5.
    const capped = await ask({ ...shared, failover, body: LONG, targets: [lead(), backup(PRICE)] });
    expect(capped.kinds).not.toContain('next backup');
    expect(capped.reading.error).toMatch(/it would cost about \$0\.5\d, backups have cost \$0\.61 of the \$1.*raise failover\.backupSpend/);
    expect(await kinds([lead(), backup(PRICE), local])).toEqual(['first lead', 'next local']);
  });

  it('is held by the cap on one switch', async () => {
    const failover = { hopSpend: 0.4 };
    const played = await ask({ failover, body: LONG, targets: [lead(), backup(PRICE)] });
    expect(played.asked.map(({ host }) => host)).not.toContain('backup');
    expect(played.reading.error).toMatch(/about \$0\.53 \(262k tokens.*one switch may cost \$0\.40: raise failover\.hopSpend/);
  });

  it('is held when an answer is to be carried on, too, and the reason is told', async () => {
    const cut = target('lead', (_body, turn) => (turn === 1 ? said('The sea is wide and ', false) : [OPEN, RESET]));
    const played = await ask({ failover: { hopSpend: 0.4 }, body: LONG, targets: [cut, backup(PRICE)] });
    expect(played.asked.map(({ host }) => host)).not.toContain('backup');
    expect(played.reading).toMatchObject({ finished: false, error: expect.stringContaining('failover.hopSpend') });
  });
});

describe('a route that has cost what it may', () => {
  it('asks nobody who costs money, and says how long that lasts, in the client’s dialect', async () => {
    const shared = sharing();
    const script = { ...shared, spend: '1/day', body: LONG, targets: [target('lead', () => counted(490_000, 1000), PRICE)] };
    expect((await ask(script)).outcome).toMatchObject({ type: 'complete' });
    const refused = await ask(script);
    expect(refused.asked).toEqual([]);
    if (refused.outcome.type !== 'failed') throw new Error('it was answered');
    const { fault } = refused.outcome;
    expect(fault.message).toContain('routes.default.spend');
    const until = (Date.UTC(2026, 5, 3) - shared.clock.now()) / 1000;
    const { status, headers, body } = anthropicMessages.encodeError(fault, 'x_1');
    expect(status).toBe(402);
    expect(body).toMatchObject({ error: { type: 'billing_error' } });
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(until);
    expect(Number(headers['retry-after'])).toBeLessThan(until + 3);
    // OpenAI's clients would ask again and again while there is nothing to be had.
    expect(openaiChat.encodeError(fault, 'x_1')).toMatchObject({ status: 429, headers: { 'x-should-retry': 'false' } });
  });
});

describe('a lead that is down beside backups that may cost no more', () => {
  it('does not tell the client to wait for the money, since the lead may be back at once', async () => {
    const played = await ask({
      clock: virtualClock(EVENING),
      failover: { backupSpend: '0.1/day' },
      body: LONG,
      targets: [lead(), backup(PRICE)],
    });
    expect(played.outcome).toMatchObject({ type: 'failed', fault: { class: 'provider-fault' } });
    expect(played.outcome).not.toHaveProperty('fault.retryAfter');
  });
});
