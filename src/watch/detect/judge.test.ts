import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PageState, StatusPage } from '../page.ts';
import type { PageIncident, PageReading } from '../page-reading.ts';
import type { ProductKey } from '../product.ts';
import { isIll, type Verdict } from '../verdict.ts';
import { createJudge, type Judge } from './judge.ts';
import type { AttemptOutcome } from './own-record.ts';

const MINUTE = 60_000;
const API = 'anthropic/api';
const OPUS: ProductKey = { provider: 'anthropic', product: 'api', model: 'claude-opus-4-6' };
const HAIKU: ProductKey = { ...OPUS, model: 'claude-haiku-5' };
const PAGE: StatusPage = {
  id: 'anthropic',
  family: 'statuspage',
  url: 'https://status.example',
  covers: [
    { provider: 'anthropic', product: 'api', components: ['k8'] },
    { provider: 'anthropic', product: 'chat', components: ['rw'] },
  ],
  source: 'made up',
};
const FAILED: AttemptOutcome = { type: 'provider', label: '529 overloaded_error' };
const OK: AttemptOutcome = { type: 'ok' };

let at: number;
let judge: Judge;

function begin(before: Parameters<typeof createJudge>[0]['before'] = []): void {
  judge = createJudge({
    now: () => at,
    title: ({ provider, product, model }) => model ?? `${provider} ${product}`,
    before,
  });
  judge.watch([API, 'anthropic/chat'], [PAGE]);
}

beforeEach(() => {
  at = Date.UTC(2026, 5, 2, 6, 0);
  begin();
});

function later(minutes: number): void {
  at += minutes * MINUTE;
}

function ask(outcome: AttemptOutcome, times = 1, key = OPUS): void {
  for (let time = 0; time < times; time++) judge.attempt(key, `${key.provider}/${key.model}`, outcome);
}

function incident(more: Partial<PageIncident> = {}): PageIncident {
  return {
    id: 'i',
    kind: 'incident',
    title: 'Elevated errors',
    impact: 'major',
    phase: 'investigating',
    startedAt: at,
    updates: [],
    components: [{ id: 'k8', name: 'Claude API' }],
    ...more,
  };
}

function page(reading: Partial<PageReading> = {}, state: PageState['state'] = 'fresh'): void {
  const components = [
    { id: 'k8', name: 'Claude API', state: 'operational' as const },
    { id: 'rw', name: 'claude.ai', state: 'operational' as const },
  ];
  judge.page({ page: 'anthropic', state, readAt: at, reading: { components, incidents: [], listsAllOpen: true, ...reading } });
}

const ILL = [{ id: 'k8', name: 'Claude API', state: 'partial-outage' as const }];

function verdict(key = API): Verdict | undefined {
  judge.look();
  return judge.judgements().find((one) => one.key === key)?.verdict;
}

function judgement(key = API): ReturnType<Judge['judgements']>[number] {
  judge.look();
  return judge.judgements().find((one) => one.key === key)!;
}

describe('2 June 2026, as it was replayed (test/june-second)', () => {
  it('what was answered a moment ago is not down because others say so', () => {
    ask(OK, 6);
    later(3);
    page({ components: ILL, incidents: [incident({ impact: 'critical' })] });
    expect(verdict(`${API}/${OPUS.model}`)).toBe('degraded');
    later(8);
    expect(verdict(`${API}/${OPUS.model}`)).toBe('down');
  });

  it('what its page calls mended and not well is degraded, unless it answers here', () => {
    const chat = [{ id: 'rw', name: 'claude.ai', state: 'partial-outage' as const }];
    page({ components: chat, incidents: [incident({ components: [{ id: 'rw', name: 'claude.ai' }] })] });
    expect(verdict('anthropic/chat')).toBe('degraded');
    later(20);
    page({ components: chat, incidents: [incident({ phase: 'monitoring', components: [{ id: 'rw', name: 'claude.ai' }] })] });
    later(20);
    expect(verdict('anthropic/chat')).toBe('degraded');
    ask(OK, 6, { ...OPUS, product: 'chat' });
    verdict('anthropic/chat');
    ask(OK, 10, { ...OPUS, product: 'chat' });
    later(6);
    ask(OK, 10, { ...OPUS, product: 'chat' });
    expect(verdict('anthropic/chat')).toBe('operational');
  });

  it('reports of people that come and go do not make it down and degraded by turns while its page says the same', () => {
    const crowd = (weight: number): void =>
      judge.said(
        weight === 0
          ? []
          : [{ key: 'anthropic/chat', evidence: { kind: 'crowd', weight, at, text: 'many people report problems', source: 'hub' } }],
      );
    const linked = [{ id: 'rw', name: 'claude.ai' }];
    const said = (more: Partial<PageIncident>): void =>
      page({
        components: [{ id: 'rw', name: 'claude.ai', state: 'partial-outage' }],
        incidents: [incident({ components: linked, ...more })],
      });
    said({});
    expect(verdict('anthropic/chat')).toBe('degraded');
    for (let turn = 0; turn < 4; turn++) {
      crowd(2);
      said({});
      expect(verdict('anthropic/chat')).toBe('down');
      crowd(0);
      for (let minute = 0; minute < 30; minute++) {
        later(1);
        said({});
        expect(verdict('anthropic/chat')).toBe('down');
      }
    }
    said({ phase: 'monitoring' });
    verdict('anthropic/chat');
    later(10);
    said({ phase: 'monitoring' });
    expect(verdict('anthropic/chat')).toBe('degraded');
  });

  it('a sibling that answers now and then does not make everybody’s trouble one model’s', () => {
    page({ components: ILL, incidents: [incident()] });
    ask(FAILED, 6);
    expect(judgement()).toMatchObject({ scope: 'everyone' });
    ask(OK, 1, HAIKU);
    expect(judgement()).toMatchObject({ scope: 'everyone' });
    for (let minute = 0; minute < 11; minute++) {
      later(1);
      ask(FAILED);
      ask(OK, 1, HAIKU);
      judge.look();
    }
    expect(judgement()).toMatchObject({ scope: 'model' });
  });
});

describe('the verdict', () => {
  it('is unknown while nothing fresh is known, and never green from a page that was not read', () => {
    expect(verdict()).toBe('unknown');
    page({}, 'unknown');
    expect(verdict()).toBe('unknown');
    page();
    expect(verdict()).toBe('operational');
  });

  it('is down after a few failures, at once, and told once', () => {
    ask(OK, 5);
    expect(verdict()).toBe('operational');
    ask(FAILED, 6);
    const changes = judge.look();
    expect(changes.map(({ from, to }) => [to.key, from?.verdict, to.verdict])).toEqual([
      [`${API}/claude-opus-4-6`, 'operational', 'down'],
      [API, 'operational', 'down'],
    ]);
    expect(judge.look()).toEqual([]);
    expect(judgement().summary).toBe(
      'anthropic api has been down as seen from here since 2026-06-02 06:00 UTC: claude-opus-4-6: 6 of your last 11 requests failed: 529 overloaded_error.',
    );
  });

  it('takes failures that come in a burst for less than the same number over time', () => {
    ask(FAILED, 3);
    expect(verdict()).toBe('degraded');
    begin();
    for (let time = 0; time < 3; time++) {
      ask(FAILED);
      later(3);
    }
    judge.look();
    ask(FAILED);
    expect(verdict()).toBe('down');
  });

  it('calls degraded what fails now and then, however sure it is of that', () => {
    for (let time = 0; time < 12; time++) {
      ask(FAILED);
      later(3);
      ask(OK, 2);
    }
    ask(OK, 2);
    expect(judgement()).toMatchObject({ verdict: 'degraded' });
    expect(judgement(`${API}/claude-opus-4-6`).score).toBeGreaterThanOrEqual(4);
  });

  it('knows a page’s trouble, but does not call down what succeeds here', () => {
    page({ components: ILL, incidents: [incident({ impact: 'critical' })] });
    expect(judgement()).toMatchObject({ verdict: 'down', scope: 'everyone' });
    begin();
    ask(OK);
    page({ components: ILL, incidents: [incident({ impact: 'critical' })] });
    expect(verdict()).toBe('operational');
    expect(judgement().evidence.map(({ text }) => text)).toContain('status.example: investigating, “Elevated errors”');
  });

  it('halves what is being monitored, and passes over what is linked to a component that is said to be well', () => {
    page({ components: ILL, incidents: [incident({ phase: 'monitoring' })] });
    expect(judgement().score).toBe(1.5);
    begin();
    page({ incidents: [incident()] });
    expect(verdict()).toBe('operational');
  });

  it('is about one model where its siblings succeed, and where a page says so', () => {
    ask(OK, 3, HAIKU);
    ask(FAILED, 6);
    expect(judgement(`${API}/claude-opus-4-6`)).toMatchObject({ verdict: 'down', scope: 'model' });
    expect(judgement(`${API}/claude-haiku-5`).verdict).toBe('operational');
    expect(judgement()).toMatchObject({ verdict: 'degraded', scope: 'model' });
    begin();
    page({ components: ILL, incidents: [incident({ title: 'Elevated errors on Claude Opus 4.6' })] });
    expect(judgement(`${API}/claude-opus-4-6`)).toMatchObject({ verdict: 'degraded', scope: 'model' });
    expect(judgement()).toMatchObject({ verdict: 'degraded', scope: 'model' });
  });

  it('a rate limit lasts as long as it says, is not called an outage, and leaves nothing behind', () => {
    ask(OK);
    expect(verdict()).toBe('operational');
    ask({ type: 'account', label: 'your account’s rate limit is reached (429)', lasts: 35_000 });
    expect(judgement()).toMatchObject({
      verdict: 'degraded',
      scope: 'account',
      summary:
        'anthropic api: your account’s rate limit is reached (429), until about 06:00 UTC. That is about your account, and no sign of an outage.',
    });
    later(0.5);
    expect(verdict()).toBe('degraded');
    later(0.1);
    expect(verdict()).toBe('operational');
    expect(verdict(`${API}/${OPUS.model}`)).toBe('operational');
    // An outage that follows is no relapse: it is over after five minutes.
    ask(FAILED, 6);
    expect(verdict()).toBe('down');
    later(31);
    verdict();
    later(5);
    expect(isIll(verdict()!)).toBe(false);
  });

  it('who has not asked for long is not refused', () => {
    page();
    ask(OK);
    expect(verdict()).toBe('operational');
    later(31);
    page();
    expect(verdict()).toBe('operational');
  });

  it('calls a refused account what it is', () => {
    ask({ type: 'account', label: 'quota: insufficient_quota' }, 5);
    expect(judgement()).toMatchObject({ verdict: 'degraded', scope: 'account' });
    ask(OK);
    later(6);
    judge.look();
    later(6);
    expect(verdict()).toBe('operational');
  });

  it('blames nobody while this machine has no network', () => {
    judge.network('offline');
    ask({ type: 'provider', label: 'connect timeout', unreached: true }, 5);
    expect(judgement()).toMatchObject({ verdict: 'unknown', scope: 'network' });
    expect(judgement().summary).toContain('your network is the trouble');
    // What failed meanwhile is not counted afterwards; what fails now is.
    judge.network('online');
    expect(verdict()).not.toBe('down');
    ask(FAILED, 6);
    expect(verdict()).toBe('down');
  });

  it('takes a verdict back at once when the check finds that the network was away', () => {
    ask({ type: 'provider', label: 'connect timeout', unreached: true }, 6);
    expect(verdict()).toBe('down');
    expect(judge.doubtsNetwork()).toBe(true);
    judge.network('captive');
    expect(judgement()).toMatchObject({ verdict: 'unknown', scope: 'network' });
    ask(OK);
    expect(judge.doubtsNetwork()).toBe(false);
    expect(verdict()).toBe('operational');
  });

  it('blames the network where unrelated providers cannot be reached at the same time', () => {
    ask({ type: 'provider', label: 'dns', unreached: true }, 6);
    ask({ type: 'provider', label: 'dns', unreached: true }, 1, { provider: 'openai', product: 'api', model: 'gpt-5.6' });
    expect(judgement()).toMatchObject({ verdict: 'unknown', scope: 'network' });
    expect(judgement('openai/api')).toMatchObject({ verdict: 'unknown', scope: 'network' });
  });

  it('believes health where it has taken a target out of service', () => {
    ask(FAILED);
    expect(verdict()).toBe('unknown');
    judge.breaker(OPUS, 'anthropic/claude-opus-4-6', 'open');
    expect(verdict()).toBe('down');
  });

  it('takes the crowd for a hint, never for an outage', () => {
    page();
    judge.said([{ key: 'anthropic/chat', evidence: { kind: 'crowd', weight: 2, at, text: 'many people report problems', source: 'hub' } }]);
    expect(judgement('anthropic/chat')).toMatchObject({ verdict: 'degraded', scope: 'everyone' });
  });

  it('sees a reseller’s failures, at the host that they are of, and knows the model by whatever name', () => {
    const reseller: StatusPage = { ...PAGE, id: 'reseller', covers: [{ provider: 'anthropic', product: 'api', names: ['^anthropic$'] }] };
    judge.watch([API], [reseller]);
    const uptimes = [
      { host: 'Anthropic', model: 'anthropic/claude-opus-4.6', last5Minutes: 61 },
      { host: 'Somebody', model: 'anthropic/claude-haiku-5', last5Minutes: 3 },
    ];
    const reading = { components: [], incidents: [], listsAllOpen: false, uptimes };
    judge.page({ page: 'reseller', state: 'fresh', readAt: at, reading });
    expect(judgement(`${API}/claude-opus-4-6`)).toMatchObject({ verdict: 'degraded' });
    expect(judge.judgements().map(({ key }) => key)).not.toContain(`${API}/claude-haiku-5`);
    begin();
    judge.watch([API], [reseller]);
    ask(OK, 1, { ...OPUS, model: 'claude-opus-4-6-20260205' });
    later(3);
    judge.page({ page: 'reseller', state: 'fresh', readAt: at, reading });
    expect(judgement(`${API}/claude-opus-4-6-20260205`)).toMatchObject({ verdict: 'degraded' });
  });
});

describe('recovery', () => {
  it('is called so after five calm minutes with ten successes, not at the first', () => {
    ask(FAILED, 6);
    expect(verdict()).toBe('down');
    ask(OK, 12);
    for (let minute = 0; minute < 4; minute++) {
      expect(verdict()).toBe('down');
      later(1);
      ask(OK, 4);
    }
    later(2);
    ask(OK);
    expect(verdict()).toBe('operational');
  });

  it('takes twice as long after a relapse', () => {
    const calm = (): number => {
      let minutes = 0;
      while (verdict() !== 'operational') {
        ask(OK, 10);
        later(1);
        minutes += 1;
      }
      return minutes;
    };
    ask(FAILED, 6);
    verdict();
    const first = calm();
    ask(FAILED, 20);
    expect(verdict()).toBe('down');
    expect(calm()).toBeGreaterThan(first + 3);
  });

  it('holds on to down longer each time it was only half well', () => {
    const spells: number[] = [];
    for (let spell = 0; spell < 3; spell++) {
      page({ components: ILL, incidents: [incident({ impact: 'critical' })] });
      expect(verdict()).toBe('down');
      page({ components: ILL, incidents: [incident()] });
      let minutes = 0;
      for (; verdict() === 'down'; minutes++) later(1);
      spells.push(minutes);
    }
    expect(spells).toEqual([5, 10, 20]);
  });

  it('does not flap, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ ok: fc.boolean(), wait: fc.integer({ min: 0, max: 90 }) }), { maxLength: 300 }), (attempts) => {
        at = Date.UTC(2026, 5, 2, 6, 0);
        begin();
        const start = at;
        const changes: number[] = [];
        for (const { ok, wait } of attempts) {
          at += wait * 1000;
          ask(ok ? OK : FAILED);
          for (const { to } of judge.look()) if (to.key === API) changes.push(at);
        }
        // Better needs five minutes each time; worse has two steps at most.
        expect(changes.length).toBeLessThanOrEqual(3 + (3 * (at - start)) / (5 * MINUTE));
      }),
      { numRuns: 60 },
    );
  });

  it('does not flap whoever speaks, and in whatever order', () => {
    const kinds = [
      'ok',
      'failed',
      'probe ok',
      'probe failed',
      'page well',
      'page ill',
      'page minor',
      'page gone',
      'crowd',
      'no crowd',
      'refused',
    ] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds), wait: fc.integer({ min: 0, max: 120 }) });
    const crowd = { kind: 'crowd' as const, weight: 2, text: 'many people report problems', source: 'hub' };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        at = Date.UTC(2026, 5, 2, 6, 0);
        begin();
        const start = at;
        let worse = 0;
        for (const { kind, wait } of steps) {
          at += wait * 1000;
          if (kind === 'ok' || kind === 'failed') ask(kind === 'ok' ? OK : FAILED);
          else if (kind === 'refused') ask({ type: 'account', label: 'the key is refused' });
          else if (kind.startsWith('probe')) judge.probed(OPUS, 'anthropic/claude-opus-4-6', { ok: kind === 'probe ok', text: 'a probe' });
          else if (kind.startsWith('page'))
            page(
              kind === 'page well'
                ? {}
                : { components: ILL, incidents: [incident({ impact: kind === 'page ill' ? 'critical' : 'minor' })] },
              kind === 'page gone' ? 'unknown' : 'fresh',
            );
          else judge.said(kind === 'crowd' ? [{ key: API, evidence: { ...crowd, at } }] : []);
          for (const { from, to } of judge.look()) {
            if (to.key === API && from !== undefined && isIll(to.verdict) && !isIll(from.verdict)) worse += 1;
          }
        }
        // Ill again only after it was called well, which takes five minutes without trouble, and twice as long each time.
        const minutes = (at - start) / MINUTE;
        expect(worse).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(1 + minutes / 5)) + minutes / 40);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps since when over a restart', () => {
    begin([{ key: API, verdict: 'down', since: at - 10 * MINUTE }]);
    ask(FAILED, 6);
    expect(judgement()).toMatchObject({ verdict: 'down', since: at - 10 * MINUTE });
  });
});
