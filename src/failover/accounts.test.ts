import { describe, expect, it } from 'vitest';
import { answered, houseOfAccounts, refusedWith, type Service } from '../../test/matrix/house-of-accounts.ts';

const GONE = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '60s' };
const BACKUP: Service = { name: 'q', answer: () => answered() };

/** A service where all keys but these are refused in some way. */
function service(refused: Record<string, () => ReturnType<Service['answer']>>, keys = ['a', 'b']): Service {
  return { name: 'p', keys, answer: (key) => refused[key]?.() ?? answered() };
}

async function turn(house: ReturnType<typeof houseOfAccounts>): Promise<string[]> {
  const asked = house.ask();
  for (let second = 0; second < 120 && !asked.outcome(); second++) await house.clock.advance(1000);
  return asked.kinds();
}

describe('several keys of one service', () => {
  it('stays with the first that works, and shares no load', async () => {
    const house = houseOfAccounts([service({}), BACKUP]);
    for (let time = 0; time < 3; time++) expect(await turn(house)).toEqual(['first p key 1']);
    expect(house.seen).toEqual(['p a', 'p a', 'p a']);
  });

  it.each([
    ['a rate limit', () => refusedWith(429, 'rate_limit_exceeded', { 'retry-after': '2' })],
    ['a quota', () => refusedWith(429, 'insufficient_quota')],
    ['a bill', () => refusedWith(402, 'billing_error')],
    ['a refused key', () => refusedWith(401, 'invalid_api_key')],
  ])('goes to the next key at once after %s, and to it first from then on', async (_what, refusal) => {
    const house = houseOfAccounts([service({ a: refusal }), BACKUP]);
    expect(await turn(house)).toEqual(['first p key 1', 'next p key 2']);
    const again = house.ask();
    await house.clock.advance(1);
    expect(again.kinds()).toEqual(['first p key 2']);
  });

  it('goes to the next target when all keys are out', async () => {
    const refusal = (): ReturnType<Service['answer']> => refusedWith(429, 'insufficient_quota');
    const house = houseOfAccounts([service({ a: refusal, b: refusal }), BACKUP]);
    expect(await turn(house)).toEqual(['first p key 1', 'next p key 2', 'next q key']);
    expect(await turn(house)).toEqual(['first q key']);
    const [status] = house.health.status();
    expect(status).toMatchObject({ target: 'p/m', verdict: 'unknown', breaker: { type: 'closed' }, failures: 0 });
    expect(status!.reasons.filter((reason) => /^key [12]: p: 429 insufficient_quota since/.test(reason))).toHaveLength(2);
    expect(status!.mark).toBeDefined();
  });

  it('does not try an outage with every key', async () => {
    const house = houseOfAccounts([service({ a: () => refusedWith(503, 'server_error') }), BACKUP]);
    expect(await turn(house)).toEqual(['first p key 1', 'next q key']);
    for (let time = 0; time < 3; time++) await turn(house);
    expect(house.seen.filter((one) => one === 'p b')).toEqual([]);
    expect(house.health.status().find(({ target }) => target === 'p/m')).toMatchObject({ verdict: 'down', failures: 3 });
  });

  it('says which key it was where nobody could answer, and never the key', async () => {
    const refusal = (): ReturnType<Service['answer']> => refusedWith(401, 'invalid_api_key');
    const house = houseOfAccounts([service({ secretone: refusal, secrettwo: refusal }, ['secretone', 'secrettwo'])]);
    const asked = house.ask();
    await house.clock.advance(60_000);
    const text = JSON.stringify(asked.entries);
    expect(text).toContain('p/m (key 1)');
    expect(text).toContain('p/m (key 2)');
    expect(text).not.toMatch(/secret(one|two)/);
  });

  it('a short limit is waited for only where no other key is left', async () => {
    let limited = true;
    const alone: Service = {
      name: 'p',
      answer() {
        const now = limited;
        limited = false;
        return now ? refusedWith(429, 'rate_limit_exceeded', { 'retry-after': '1' }) : answered();
      },
    };
    expect(await turn(houseOfAccounts([alone, BACKUP]))).toEqual(['first p key', 'retry p key']);
  });
});

describe('what headers say is used up', () => {
  it('is left alone ahead of time, and asked again when it is back', async () => {
    const minute = { 'x-ratelimit-limit-requests': '1', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '60s' };
    const house = houseOfAccounts([{ name: 'p', keys: ['a', 'b'], answer: (key) => answered(key === 'a' ? minute : {}) }, BACKUP]);
    expect(await turn(house)).toEqual(['first p key 1']);
    expect(await turn(house)).toEqual(['first p key 2']);
    await house.clock.advance(60_000);
    expect(await turn(house)).toEqual(['first p key 1']);
  });

  it('is waited for where it will be back within anybody’s patience, and nobody else is there', async () => {
    const house = houseOfAccounts([{ name: 'p', answer: () => answered(GONE) }]);
    const [first, second] = [house.ask(), house.ask()];
    await house.clock.advance(900);
    expect([first.kinds(), second.kinds()]).toEqual([['first p key'], ['first p key']]);
    const third = house.ask();
    expect(third.kinds()).toEqual([]);
    await house.clock.advance(200);
    expect(third.kinds()).toEqual(['first p key']);
  });

  it('sends a request to the next target while it lasts', async () => {
    const day = {
      'x-ratelimit-limit-requests-day': '9',
      'x-ratelimit-remaining-requests-day': '0',
      'x-ratelimit-reset-requests-day': '600',
    };
    const house = houseOfAccounts([{ name: 'p', answer: () => answered(day) }, BACKUP]);
    expect(await turn(house)).toEqual(['first p key']);
    expect(await turn(house)).toEqual(['first q key']);
    await house.clock.advance(600_000);
    expect(await turn(house)).toEqual(['first p key']);
  });

  it('is the last resort all the same, one request at a time; the others are told when to come back', async () => {
    const day = { 'x-ratelimit-remaining-requests-day': '0', 'x-ratelimit-reset-requests-day': '600' };
    const house = houseOfAccounts([{ name: 'p', answer: (_key, time) => (time === 1 ? answered(day) : answered(day, 5000)) }]);
    await turn(house);
    const [first, second] = [house.ask(), house.ask()];
    await house.clock.advance(1);
    expect(first.kinds()).toEqual(['first p key']);
    expect(second.outcome()).toMatchObject({ type: 'failed', fault: { message: expect.stringContaining('requests (day) used up until') } });
    const outcome = second.outcome();
    const retryAfter = outcome?.type === 'failed' ? outcome.fault.retryAfter : undefined;
    expect(retryAfter).toBeGreaterThan(500_000);
    await house.clock.advance(10_000);
    expect(first.outcome()).toMatchObject({ type: 'complete' });
  });
});

describe('a rate limit and the outage detector', () => {
  async function afterThree(headers: Record<string, string>): Promise<string | undefined> {
    const house = houseOfAccounts([{ name: 'p', answer: () => refusedWith(429, 'rate_limit_exceeded', headers) }, BACKUP]);
    for (let time = 0; time < 3; time++) {
      await turn(house);
      await house.clock.advance(120_000);
    }
    return house.health.status().find(({ target }) => target === 'p/m')?.breaker.type;
  }

  it('speaks against the provider only where the account had room', async () => {
    expect(await afterThree({ ...GONE })).toBe('closed');
    expect(await afterThree({ 'retry-after': '60' })).toBe('closed');
    expect(await afterThree({ ...GONE, 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-reset-requests': '1s' })).toBe('open');
  });
});
