import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StatusPage } from '../page.ts';
import { isIll } from '../verdict.ts';
import { API, FAILED, HAIKU, ILL, judgeBench, MINUTE, OK, OPUS, PAGE } from './judge.fixtures.ts';

const { begin, six, now, judge, later, ask, incident, page, verdict, judgement } = judgeBench();

beforeEach(() => {
  six();
  begin();
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
    const changes = judge().look();
    expect(changes.map(({ from, to }) => [to.key, from?.verdict, to.verdict])).toEqual([
      [`${API}/claude-opus-4-6`, 'operational', 'down'],
      [API, 'operational', 'down'],
    ]);
    expect(judge().look()).toEqual([]);
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
    judge().look();
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
    judge().look();
    later(6);
    expect(verdict()).toBe('operational');
  });

  it('blames nobody while this machine has no network', () => {
    judge().network('offline');
    ask({ type: 'provider', label: 'connect timeout', unreached: true }, 5);
    expect(judgement()).toMatchObject({ verdict: 'unknown', scope: 'network' });
    expect(judgement().summary).toContain('your network is the trouble');
    // What failed meanwhile is not counted afterwards; what fails now is.
    judge().network('online');
    expect(verdict()).not.toBe('down');
    ask(FAILED, 6);
    expect(verdict()).toBe('down');
  });

  it('takes a verdict back at once when the check finds that the network was away', () => {
    ask({ type: 'provider', label: 'connect timeout', unreached: true }, 6);
    expect(verdict()).toBe('down');
    expect(judge().doubtsNetwork()).toBe(true);
    judge().network('captive');
    expect(judgement()).toMatchObject({ verdict: 'unknown', scope: 'network' });
    ask(OK);
    expect(judge().doubtsNetwork()).toBe(false);
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
    judge().breaker(OPUS, 'anthropic/claude-opus-4-6', 'open');
    expect(verdict()).toBe('down');
  });

  it('takes the crowd for a hint, never for an outage', () => {
    page();
    judge().said([
      { key: 'anthropic/chat', evidence: { kind: 'crowd', weight: 2, at: now(), text: 'many people report problems', source: 'hub' } },
    ]);
    expect(judgement('anthropic/chat')).toMatchObject({ verdict: 'degraded', scope: 'everyone' });
  });

  it('sees a reseller’s failures, at the host that they are of, and knows the model by whatever name', () => {
    const reseller: StatusPage = { ...PAGE, id: 'reseller', covers: [{ provider: 'anthropic', product: 'api', names: ['^anthropic$'] }] };
    judge().watch([API], [reseller]);
    const uptimes = [
      { host: 'Anthropic', model: 'anthropic/claude-opus-4.6', last5Minutes: 61 },
      { host: 'Somebody', model: 'anthropic/claude-haiku-5', last5Minutes: 3 },
    ];
    const reading = { components: [], incidents: [], listsAllOpen: false, uptimes };
    judge().page({ page: 'reseller', state: 'fresh', readAt: now(), reading });
    expect(judgement(`${API}/claude-opus-4-6`)).toMatchObject({ verdict: 'degraded' });
    expect(
      judge()
        .judgements()
        .map(({ key }) => key),
    ).not.toContain(`${API}/claude-haiku-5`);
    begin();
    judge().watch([API], [reseller]);
    ask(OK, 1, { ...OPUS, model: 'claude-opus-4-6-20260205' });
    later(3);
    judge().page({ page: 'reseller', state: 'fresh', readAt: now(), reading });
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
        six();
        begin();
        const start = now();
        const changes: number[] = [];
        for (const { ok, wait } of attempts) {
          later(wait / 60);
          ask(ok ? OK : FAILED);
          for (const { to } of judge().look()) if (to.key === API) changes.push(now());
        }
        // Better needs five minutes each time; worse has two steps at most.
        expect(changes.length).toBeLessThanOrEqual(3 + (3 * (now() - start)) / (5 * MINUTE));
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
        six();
        begin();
        const start = now();
        let worse = 0;
        for (const { kind, wait } of steps) {
          later(wait / 60);
          if (kind === 'ok' || kind === 'failed') ask(kind === 'ok' ? OK : FAILED);
          else if (kind === 'refused') ask({ type: 'account', label: 'the key is refused' });
          else if (kind.startsWith('probe'))
            judge().probed(OPUS, 'anthropic/claude-opus-4-6', { ok: kind === 'probe ok', text: 'a probe' });
          else if (kind.startsWith('page'))
            page(
              kind === 'page well'
                ? {}
                : { components: ILL, incidents: [incident({ impact: kind === 'page ill' ? 'critical' : 'minor' })] },
              kind === 'page gone' ? 'unknown' : 'fresh',
            );
          else judge().said(kind === 'crowd' ? [{ key: API, evidence: { ...crowd, at: now() } }] : []);
          for (const { from, to } of judge().look()) {
            if (to.key === API && from !== undefined && isIll(to.verdict) && !isIll(from.verdict)) worse += 1;
          }
        }
        // Ill again only after it was called well, which takes five minutes without trouble, and twice as long each time.
        const minutes = (now() - start) / MINUTE;
        expect(worse).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(1 + minutes / 5)) + minutes / 40);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps since when over a restart', () => {
    begin([{ key: API, verdict: 'down', since: now() - 10 * MINUTE }]);
    ask(FAILED, 6);
    expect(judgement()).toMatchObject({ verdict: 'down', since: now() - 10 * MINUTE });
  });
});
