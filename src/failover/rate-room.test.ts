import { describe, expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { Headers } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';
import { provider } from '../../test/matrix/providers.ts';
import type { AttemptAsk, AttemptWatch, Refusal } from './admission.ts';
import type { AttemptResult } from './attempt.ts';
import { createRateRooms, rateEvidence, type RateRooms } from './rate-room.ts';

const clock = virtualClock();
const LIMITED: Fault = { class: 'rate-limited', symptom: 'status', status: 429, message: 'slow down' };

function ask(more: { credential?: string; bytes?: number; lastResort?: true; kind?: AttemptAsk['kind'] } = {}): AttemptAsk {
  const target = { provider: 'p', model: 'm', credential: more.credential ?? 'key', dialect: 'openai-chat', vendor: 'p' } as const;
  const service = provider({ name: 'p', dialect: 'openai-chat', key: 'k' });
  const planned = { target, provider: service, facts: service.facts('m'), lead: true, native: true, passThrough: false };
  const body = Buffer.from('a b '.repeat((more.bytes ?? 400) / 4));
  return {
    plan: {} as AttemptAsk['plan'],
    planned,
    index: 0,
    kind: more.kind ?? 'first',
    size: body.length,
    body,
    ...(more.lastResort && { lastResort: true }),
  };
}

function begun(rooms: RateRooms, asked = ask()): Required<AttemptWatch> {
  return rooms.begin!(asked, asked.body.length) as Required<AttemptWatch>;
}

function whole(usage: AttemptResult['usage'] = {}): AttemptResult {
  return { type: 'whole', mended: false, timings: { headersAfter: 1, firstEventAfter: 1, longestGap: 1, took: 1 }, usage };
}

function failed(headers: Headers, fault: Fault = LIMITED): AttemptResult {
  return { type: 'failed', fault, response: { status: 429, headers, body: '' }, took: 1, usage: {} };
}

function told(rooms: RateRooms, headers: Headers, asked = ask()): void {
  const watch = begun(rooms, asked);
  watch.headers(headers);
  watch.settled(whole());
}

function openai(kind: string, limit: number, remaining: number, reset: string): Headers {
  return {
    [`x-ratelimit-limit-${kind}`]: String(limit),
    [`x-ratelimit-remaining-${kind}`]: String(remaining),
    [`x-ratelimit-reset-${kind}`]: reset,
  };
}

function waitOf(refusal: Refusal | undefined): number | undefined {
  return refusal?.until === undefined ? undefined : refusal.until - clock.now();
}

describe('what is known to be used up', () => {
  it('is not asked for before it is there again, and says when that is', async () => {
    const rooms = createRateRooms(clock);
    told(rooms, openai('requests', 60, 0, '60s'));
    // One in sixty comes back every second.
    expect(waitOf(rooms.refusal(ask()))).toBe(1000);
    expect(rooms.refusal(ask())?.reason).toMatch(/^requests used up until \d\d:\d\d:\d\d UTC, by p's own headers$/);
    await clock.advance(1000);
    expect(rooms.refusal(ask())).toBeUndefined();
  });

  it('is waited for as long as this request needs, but never for more than a quarter of the limit', () => {
    const rooms = createRateRooms(clock);
    told(rooms, openai('tokens', 60_000, 0, '60s'));
    expect(waitOf(rooms.refusal(ask({ bytes: 20_000 })))).toBe(5000);
    expect(waitOf(rooms.refusal(ask({ bytes: 40_000_000 })))).toBe(15_000);
  });

  it('all comes at once where the window is a fixed one', () => {
    const rooms = createRateRooms(clock);
    told(rooms, {
      'x-ratelimit-limit-requests-day': '9',
      'x-ratelimit-remaining-requests-day': '0',
      'x-ratelimit-reset-requests-day': '120',
    });
    expect(waitOf(rooms.refusal(ask()))).toBe(120_000);
  });

  it('is of one account and model, and of no client’s own', () => {
    const rooms = createRateRooms(clock);
    told(rooms, openai('requests', 60, 0, '60s'), ask({ credential: 'key 1' }));
    expect(rooms.refusal(ask({ credential: 'key 1' }))).toBeDefined();
    expect(rooms.refusal(ask({ credential: 'key 2' }))).toBeUndefined();
    told(rooms, openai('requests', 60, 0, '60s'), ask({ credential: 'client' }));
    expect(rooms.refusal(ask({ credential: 'client' }))).toBeUndefined();
  });
});

describe('our own requests under way', () => {
  it('count until their answers have told what is left', () => {
    const rooms = createRateRooms(clock);
    told(rooms, openai('requests', 60, 2, '58s'));
    const first = begun(rooms);
    expect(rooms.refusal(ask())).toBeUndefined();
    const second = begun(rooms);
    expect(rooms.refusal(ask())).toBeDefined();
    first.headers(openai('requests', 60, 1, '59s'));
    expect(rooms.refusal(ask())).toBeDefined();
    second.settled('given-up', undefined as never);
    expect(rooms.refusal(ask())).toBeUndefined();
  });

  it('count by their tokens, and by what of those has counted before', () => {
    const rooms = createRateRooms(clock);
    const large = ask({ bytes: 200_000 });
    told(rooms, openai('tokens', 100_000, 60_000, '24s'));
    const first = begun(rooms, large);
    expect(rooms.refusal(large)).toBeUndefined();
    begun(rooms, large);
    expect(rooms.refusal(large)).toBeDefined();
    first.settled(whole({ input: 50_000, cacheRead: 50_000 }));
    const cached = createRateRooms(clock);
    told(cached, openai('tokens', 100_000, 60_000, '24s'));
    for (let turn = 0; turn < 12; turn++) begun(cached, large).settled(whole({ input: 50_000, cacheRead: 49_000 }));
    for (let turn = 0; turn < 12; turn++) begun(cached, large);
    expect(cached.refusal(large)).toBeUndefined();
  });
});

describe('stale and absurd data', () => {
  it.each([
    ['a reset in the past', { ...openai('requests', 60, 0, '2001-01-01T00:00:00Z') }],
    ['a limit of nothing', openai('requests', 0, 0, '60s')],
    ['words', openai('requests', Number.NaN, Number.NaN, 'tomorrow')],
  ])('refuses nothing: %s', (_what, headers) => {
    const rooms = createRateRooms(clock);
    told(rooms, headers);
    expect(rooms.refusal(ask())).toBeUndefined();
  });

  it('blocks for an hour at most, and for seconds where no end was told', async () => {
    const rooms = createRateRooms(clock);
    told(rooms, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '9000h' });
    expect(waitOf(rooms.refusal(ask()))).toBe(3_600_000);
    await clock.advance(3_600_000);
    expect(rooms.refusal(ask())).toBeUndefined();
    told(rooms, { 'x-ratelimit-remaining-req-minute': '0' });
    expect(waitOf(rooms.refusal(ask()))).toBe(20_000);
  });

  it('is not believed once a request was answered in spite of it', () => {
    const rooms = createRateRooms(clock);
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '30m' };
    told(rooms, headers);
    expect(rooms.refusal(ask())).toBeDefined();
    told(rooms, headers, ask({ lastResort: true }));
    expect(rooms.refusal(ask())).toBeUndefined();
  });
});

describe('when nobody else is left', () => {
  it('lets one request at a time go all the same', () => {
    const rooms = createRateRooms(clock);
    told(rooms, openai('requests', 60, 0, '60s'));
    const last = ask({ lastResort: true });
    expect(rooms.refusal(last)).toBeUndefined();
    const trial = begun(rooms, last);
    expect(rooms.refusal(last)?.until).toBeDefined();
    trial.settled(failed(openai('requests', 60, 0, '60s')));
    expect(rooms.refusal(last)).toBeUndefined();
  });
});

describe('an answer that refuses', () => {
  it('tells too, and its Retry-After is the last word', () => {
    const rooms = createRateRooms(clock);
    begun(rooms).settled(failed(openai('requests', 1, 0, '60s')));
    expect(waitOf(rooms.refusal(ask()))).toBe(60_000);
    begun(rooms).settled(failed(openai('requests', 1, 0, '60s'), { ...LIMITED, retryAfter: 7000 }));
    expect(waitOf(rooms.refusal(ask()))).toBe(7000);
    expect(rooms.refusal(ask({ kind: 'retry' }))).toBeUndefined();
  });

  it('speaks against the provider only where it is not the account’s own', () => {
    const evidence = (fault: Fault, headers: Headers, bytes = 40) =>
      rateEvidence(fault, { headers, body: '' }, Buffer.from('a b '.repeat(bytes / 4)), clock.now());
    expect(evidence(LIMITED, {})).toBe('unstated');
    expect(evidence({ ...LIMITED, retryAfter: 1000 }, {})).toBe(0);
    expect(evidence(LIMITED, openai('requests', 60, 0, '60s'))).toBe(0);
    expect(evidence(LIMITED, openai('requests', 60, 30, '30s'))).toBe(30);
    expect(evidence(LIMITED, openai('tokens', 30_000, 5000, '50s'), 80_000)).toBe(0);
    expect(evidence({ ...LIMITED, class: 'provider-fault' }, {})).toBeUndefined();
  });
});

describe('for people', () => {
  it('says what is left by now', async () => {
    const rooms = createRateRooms(clock);
    expect(rooms.status('p/m')).toEqual([]);
    told(rooms, openai('requests', 60, 0, '60s'), ask({ credential: 'key 2' }));
    const reset = clock.now() + 60_000;
    await clock.advance(30_000);
    expect(rooms.status('p/m')).toEqual([{ account: 'key 2', kind: 'requests', limit: 60, remaining: 30, reset }]);
    await clock.advance(30_000);
    expect(rooms.status('p/m')).toEqual([]);
  });
});
