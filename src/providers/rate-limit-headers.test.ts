import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRooms } from './rate-limit-headers.ts';

const NOW = Date.UTC(2026, 10, 22, 17, 0, 0);

describe('what is left, by provider', () => {
  it("reads Anthropic's limits, by Anthropic's clock", () => {
    const rooms = readRooms(
      {
        date: new Date(NOW + 5000).toUTCString(),
        'anthropic-ratelimit-requests-limit': '4000',
        'anthropic-ratelimit-requests-remaining': '3999',
        'anthropic-ratelimit-requests-reset': '2026-11-22T17:00:05Z',
        'anthropic-ratelimit-input-tokens-limit': '2000000',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-11-22T17:01:05Z',
      },
      NOW,
    );
    expect(rooms).toEqual([
      { kind: 'requests', limit: 4000, remaining: 3999, reset: NOW, steady: true },
      { kind: 'input-tokens', limit: 2_000_000, remaining: 0, reset: NOW + 60_000, steady: true },
    ]);
  });

  it("reads the windows of Anthropic's plans, of which only a refusal is an end", () => {
    const rooms = readRooms(
      {
        'anthropic-ratelimit-unified-status': 'allowed_warning',
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-utilization': '1.02',
        'anthropic-ratelimit-unified-5h-reset': String(NOW / 1000 + 600),
        'anthropic-ratelimit-unified-7d-status': 'allowed',
        'anthropic-ratelimit-unified-7d-utilization': '1.1',
        'anthropic-ratelimit-unified-7d-reset': String(NOW / 1000 + 6000),
        'anthropic-ratelimit-unified-overage-status': 'rejected',
        'anthropic-ratelimit-unified-fallback-percentage': '0.5',
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      },
      NOW,
    );
    expect(rooms.map(({ window, remaining }) => [window, remaining > 0])).toEqual([
      ['unified', true],
      ['5h', false],
      ['7d', true],
    ]);
    expect(rooms[1]).toMatchObject({ kind: 'share', limit: 1, remaining: 0, reset: NOW + 600_000 });
  });

  it.each([
    ['6m0s', 360_000],
    ['120ms', 120],
    ['1h2m3.5s', 3_723_500],
    ['7.66s', 7660],
    ['59', 59_000],
    ['0.5', 500],
    [String(NOW / 1000 + 30), 30_000],
    [String(NOW + 30_000), 30_000],
    ['2026-11-22T17:00:30Z', 30_000],
  ])("reads OpenAI's form with a reset of %s", (reset, wait) => {
    const headers = { 'x-ratelimit-limit-tokens': '30000', 'x-ratelimit-remaining-tokens': '29000', 'x-ratelimit-reset-tokens': reset };
    expect(readRooms(headers, NOW)).toEqual([
      { kind: 'tokens', limit: 30_000, remaining: 29_000, reset: NOW + wait, steady: /[a-z]/i.test(reset) },
    ]);
  });

  it('reads the windows of Cerebras and Mistral, and what OpenRouter, Together and LiteLLM have of their own', () => {
    expect(
      readRooms(
        { 'x-ratelimit-remaining-requests-day': '5', 'x-ratelimit-limit-requests-day': '9', 'x-ratelimit-reset-requests-day': '33.1' },
        NOW,
      ),
    ).toEqual([{ kind: 'requests', window: 'day', limit: 9, remaining: 5, reset: NOW + 33_100, steady: false }]);
    expect(readRooms({ 'x-ratelimit-remaining-req-minute': '0', 'x-ratelimitbysize-remaining-minute': '100' }, NOW)).toEqual([
      { kind: 'requests', window: 'minute', remaining: 0, steady: false },
      { kind: 'tokens', window: 'minute', remaining: 100, steady: false },
    ]);
    expect(
      readRooms(
        { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 1000), 'x-tokenlimit-remaining': '7' },
        NOW,
      ),
    ).toEqual([
      { kind: 'requests', limit: 50, remaining: 0, reset: NOW + 1000, steady: false },
      { kind: 'tokens', remaining: 7, steady: false },
    ]);
    expect(readRooms({ 'llm_provider-x-ratelimit-remaining-tokens': '3' }, NOW)).toEqual([{ kind: 'tokens', remaining: 3, steady: false }]);
    const codex = {
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-after-seconds': '60',
    };
    expect(readRooms({ ...codex, 'x-codex-credits-has-credits': 'true' }, NOW)[0]!.remaining).toBeGreaterThan(0);
    expect(readRooms(codex, NOW)).toEqual([{ kind: 'share', window: '5h', limit: 1, remaining: 0, reset: NOW + 60_000, steady: false }]);
  });

  it("reads Google's quotas and OpenRouter's headers out of the body", () => {
    const error = {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [{ quotaMetric: 'generate_content_requests', quotaId: 'GenerateRequestsPerMinutePerProject', quotaValue: '15' }],
        },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37s' },
      ],
    };
    const room = { kind: 'requests', window: 'minute', limit: 15, remaining: 0, reset: NOW + 37_000, steady: false };
    expect(readRooms({}, NOW, JSON.stringify({ error }))).toEqual([room]);
    expect(readRooms({}, NOW, JSON.stringify([{ error }]))).toEqual([room]);
    const routed = { error: { code: 429, metadata: { headers: { 'X-RateLimit-Limit': '20', 'X-RateLimit-Remaining': 0 } } } };
    expect(readRooms({}, NOW, JSON.stringify(routed))).toEqual([{ kind: 'requests', limit: 20, remaining: 0, steady: false }]);
    // Vertex without a word about whose limit it was.
    expect(readRooms({}, NOW, JSON.stringify({ error: { code: 429, message: 'Resource exhausted, please try again later.' } }))).toEqual(
      [],
    );
  });

  it('leaves out what can’t be true', () => {
    expect(readRooms({ 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0' }, NOW)).toEqual([]);
    expect(readRooms({ 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-remaining-tokens': '-3' }, NOW)).toMatchObject([{ remaining: 0 }]);
    expect(readRooms({ 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-remaining-tokens': '9' }, NOW)).toMatchObject([{ remaining: 5 }]);
    expect(readRooms({ 'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': 'soon' }, NOW)[0]).not.toHaveProperty('reset');
  });
});

describe('garbage', () => {
  const name = fc
    .tuple(
      fc.constantFrom(
        'anthropic-ratelimit-',
        'anthropic-ratelimit-unified-',
        'x-ratelimit-',
        'ratelimit-',
        'x-ratelimitbysize-',
        'x-codex-primary-',
        '',
      ),
      fc.constantFrom('limit', 'remaining', 'reset', 'status', 'utilization', 'used-percent', '5h-reset', 'constructor', '__proto__'),
      fc.constantFrom('', '-requests', '-tokens', '-tokens-minute', '-constructor', '-__proto__', '-toString-day'),
    )
    .map((parts) => parts.join(''));
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('0', '-1', '1e999', '6m0s', '99999999999999999999', 'NaN', '2026-99-99', '∞', '1, 2'),
    fc.double().map(String),
  );

  it('is never thrown over, and what comes of it is in order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(name, fc.string()), value), fc.oneof(fc.string(), fc.json()), (headers, body) => {
        const rooms = readRooms(headers, NOW, body);
        const wrong = rooms.filter(
          ({ remaining, limit = remaining, reset = 0 }) =>
            !Number.isFinite(remaining) || remaining < 0 || !(remaining <= limit) || !Number.isFinite(reset),
        );
        expect(wrong).toEqual([]);
      }),
    );
  });

  it('is never thrown over where it looks like an error of Google’s', () => {
    const details = fc.array(fc.dictionary(fc.constantFrom('violations', 'retryDelay', 'quotaId', '@type'), fc.jsonValue()));
    fc.assert(
      fc.property(details, (given) => {
        expect(Array.isArray(readRooms({}, NOW, JSON.stringify({ error: { details: given }, violations: 1 })))).toBe(true);
      }),
    );
  });
});
