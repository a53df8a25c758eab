import { afterEach, describe, expect, it } from 'vitest';
import { type AlertBench, alertBench, judged, pageIncident } from './testing/bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hook = { type: 'webhook', url: 'https://hooks.example.org/a' } as const;

let bench: AlertBench | undefined;

function made(...given: Parameters<typeof alertBench>): AlertBench {
  bench = alertBench(...given);
  return bench;
}

afterEach(() => bench?.close());

describe('one alert', () => {
  it('is told once it has lasted, and so is its end', async () => {
    const { say, pass, told, clock, got } = made({});
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(50_000);
    expect(got).toEqual([]);
    await pass(15_000);
    expect(told('desktop')).toEqual(['new: Claude API is down']);
    expect(told('bell')).toEqual(['new: Claude API is down']);
    await pass(2 * HOUR);
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(50_000);
    expect(told('desktop')).toHaveLength(1);
    await pass(15_000);
    expect(told('desktop')).toEqual(['new: Claude API is down', 'over: Claude API is well again']);
    const [first, last] = got.filter(({ channel }) => channel === 'desktop');
    expect(last!.message.alert).toBe(first!.message.alert);
    expect(last!.message.lines[0]).toContain('It lasted 2 h 1 min');
    expect(last!.handle).toBe('desktop-1');
  });

  it('is not told of what is gone at once, nor of what is only degraded', async () => {
    const { say, pass, got, clock } = made({});
    await say([judged('anthropic/api', 'down', clock.now()), judged('openai/api', 'degraded', clock.now())]);
    await pass(45_000);
    await say([judged('anthropic/api', 'operational', clock.now()), judged('openai/api', 'degraded', clock.now())]);
    await pass(HOUR);
    expect(got).toEqual([]);
  });

  it('goes on while it is still degraded', async () => {
    const { say, pass, told, clock } = made({});
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(2 * MINUTE);
    await say([judged('anthropic/api', 'degraded', clock.now())]);
    await pass(10 * MINUTE);
    expect(told('desktop')).toEqual(['new: Claude API is down']);
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(2 * MINUTE);
    expect(told('desktop')).toEqual(['new: Claude API is down', 'over: Claude API is well again']);
  });

  it('brings what can be changed up to date, and disturbs nobody with it', async () => {
    const { say, pass, got, clock } = made(
      { channels: { team: hook }, rules: [{ channels: ['team', 'desktop'] }] },
      { quiet: { team: 'edits' } },
    );
    const down = judged('anthropic/api', 'down', clock.now());
    await say([down]);
    await pass(2 * MINUTE);
    await say([down], [pageIncident('i1', ['anthropic/api'])]);
    await pass(2 * MINUTE);
    await say([down], [pageIncident('i1', ['anthropic/api'], { phase: 'identified' })]);
    await pass(2 * MINUTE);
    const team = got.filter(({ channel }) => channel === 'team');
    expect(team.map(({ message }) => [message.kind, message.loud])).toEqual([
      ['new', true],
      ['update', false],
      ['update', false],
    ]);
    expect(team.map(({ handle }) => handle)).toEqual([undefined, team[1]!.handle, team[1]!.handle]);
    expect(team[2]!.message.lines).toContain('Status page, identified: «Elevated errors»');
    expect(team[2]!.message.url).toBe('https://status.claude.com/incidents/i1');
    expect(got.filter(({ channel }) => channel === 'desktop')).toHaveLength(1);
  });

  it('is not sent again because more requests have failed', async () => {
    const { say, pass, got, clock } = made({ channels: { team: hook }, rules: [{ channels: ['team'] }] }, { quiet: { team: 'all' } });
    const since = clock.now();
    for (let count = 0; count < 20; count++) {
      await say([{ ...judged('anthropic/api', 'down', since), summary: `${count} requests have failed.` }]);
      await pass(MINUTE);
    }
    expect(got).toHaveLength(1);
  });

  it('is one for all products of a provider that fail together', async () => {
    const { say, pass, told, got, clock } = made({});
    const now = clock.now();
    await say([
      judged('anthropic/chat', 'down', now),
      judged('anthropic/api', 'down', now),
      judged('anthropic/api/claude-opus-4-6', 'down', now),
    ]);
    await pass(2 * MINUTE);
    expect(told('desktop')).toEqual(['new: Claude (claude.ai) and Claude API are down']);
    await say([judged('anthropic/chat', 'down', now), judged('anthropic/api', 'down', now), judged('anthropic/code', 'down', now)]);
    await pass(2 * MINUTE);
    expect(told('desktop').at(-1)).toBe('update: Claude (claude.ai), Claude API and Claude Code are down');
    await say([judged('openai/api', 'down', now)]);
    await pass(2 * MINUTE);
    expect(new Set(got.map(({ message }) => message.alert)).size).toBe(2);
  });

  it('says of a product what its own verdict says, whatever models of it are and whatever else its page names', async () => {
    const { say, pass, told, clock, got } = made(
      { channels: { team: hook }, rules: [{ channels: ['team'] }] },
      { quiet: { team: 'edits' } },
    );
    const now = clock.now();
    const model = judged('anthropic/api/claude-opus-4-6', 'down', now);
    const named = [pageIncident('i1', ['anthropic/chat', 'anthropic/api', 'anthropic/code'])];
    await say([judged('anthropic/api', 'down', now), model], named);
    await pass(2 * MINUTE);
    await say([judged('anthropic/api', 'down', now), model, judged('anthropic/api/claude-haiku-5', 'down', now)], named);
    await pass(2 * MINUTE);
    await say([judged('anthropic/api', 'degraded', now), model], named);
    await pass(2 * MINUTE);
    expect(told('team')[0]).toBe('new: Claude API is down');
    expect(told('team').at(-1)).toBe('update: Claude API is degraded');
    expect(told('team').join()).not.toContain(' are ');
    expect(got.filter(({ message }) => message.loud)).toHaveLength(1);
  });

  it('of what flaps comes once in a while, and never without its end', async () => {
    const { say, pass, told, clock } = made({ again: '30m' });
    for (let round = 0; round < 40; round++) {
      await say([judged('anthropic/api', round % 2 === 0 ? 'down' : 'operational', clock.now())]);
      await pass(3 * MINUTE);
    }
    const kinds = told('desktop').map((text) => text.split(':')[0]);
    // Two hours: once in half an hour at most.
    expect(kinds.filter((kind) => kind !== 'over').length).toBeLessThanOrEqual(4);
    expect(kinds.slice(0, 3)).toEqual(['new', 'over', 'again']);
    kinds.forEach((kind, index) => expect(kind === 'over').toBe(index % 2 === 1));
  });

  it('ends as not known when nothing more is heard', async () => {
    const { say, pass, got, told, clock } = made({});
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(2 * MINUTE);
    await say([judged('anthropic/api', 'unknown', clock.now())]);
    await pass(50 * MINUTE);
    expect(told('desktop')).toHaveLength(1);
    await pass(20 * MINUTE);
    expect(told('desktop')).toHaveLength(2);
    expect(got.at(-1)!.message.lines[0]).toContain('is not known');
  });
});

describe('rules', () => {
  it('choose by product, model, severity and planned work', async () => {
    const { say, pass, told, clock } = made({
      channels: { team: hook, ops: hook, plans: hook },
      rules: [
        { products: ['openai'], channels: ['team'] },
        { models: ['claude-opus-*'], verdict: 'degraded', channels: ['ops'] },
        { verdict: 'never', severity: 'critical', maintenance: 'on', channels: ['plans'] },
      ],
    });
    const now = clock.now();
    await say(
      [
        judged('openai/api', 'down', now),
        judged('anthropic/api/claude-opus-4-6', 'degraded', now, 'model'),
        judged('anthropic/api/claude-haiku-4-5', 'degraded', now, 'model'),
      ],
      [
        pageIncident('i1', ['google/api'], { severity: 'critical', title: 'Gemini API is away' }),
        pageIncident('i2', ['mistral/api'], { severity: 'major' }),
        pageIncident('i3', ['groq/api'], { kind: 'maintenance', phase: 'in-progress', title: 'Database upgrade' }),
        pageIncident('i4', ['groq/api'], { kind: 'maintenance', phase: 'scheduled', title: 'Another upgrade' }),
      ],
    );
    await pass(2 * MINUTE);
    expect(told('team')).toEqual(['new: OpenAI API is down']);
    expect(told('ops')).toEqual(['new: claude-opus-4-6 (Claude API) is degraded']);
    expect(told('plans').toSorted()).toEqual([
      'new: Gemini API: incident «Gemini API is away»',
      'new: Groq API: planned work «Database upgrade»',
    ]);
    expect(told('desktop')).toEqual([]);
  });
});

describe('quiet hours', () => {
  const quiet = { from: '22:00', to: '07:00', zone: 'Europe/Berlin' };

  it('hold what begins in them, across midnight, and tell it after', async () => {
    // 23:30 in Berlin.
    const { say, pass, told, got, clock } = made({ quiet }, { start: Date.UTC(2026, 5, 2, 21, 30) });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(7 * HOUR);
    expect(got).toEqual([]);
    await pass(HOUR);
    expect(told('desktop')).toEqual(['new: Claude API is down']);
    expect(got[0]!.at).toBe(Date.UTC(2026, 5, 3, 5, 0));
  });

  it('tell in the past tense what has come and gone in them', async () => {
    const { say, pass, told, clock } = made({ quiet }, { start: Date.UTC(2026, 5, 2, 21, 30) });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(HOUR);
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(7 * HOUR);
    expect(told('desktop')).toEqual(['past: Claude API was down from 2 Jun 21:30 UTC to 2 Jun 22:30 UTC']);
  });

  it.each([
    // Clocks go forward at 02:00 on 29 March: 07:00 is 05:00 UTC, a day before 06:00.
    ['forward', Date.UTC(2026, 2, 28, 22, 0), Date.UTC(2026, 2, 29, 5, 0)],
    ['back', Date.UTC(2026, 9, 24, 22, 0), Date.UTC(2026, 9, 25, 6, 0)],
  ])('end on time in the night when clocks go %s', async (_name, start, end) => {
    const { say, pass, got, clock } = made({ quiet }, { start });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(10 * HOUR);
    expect(got[0]!.at).toBe(end);
  });

  it('let what is critical through where that is wanted, and keep to their channels', async () => {
    const { say, pass, told, clock } = made(
      { quiet: { ...quiet, channels: ['bell'], critical: 'told' } },
      { start: Date.UTC(2026, 5, 2, 21, 30) },
    );
    await say([judged('openai/api', 'down', clock.now(), 'inconclusive')]);
    await pass(5 * MINUTE);
    expect(told('bell')).toEqual([]);
    expect(told('desktop')).toHaveLength(1);
    await say([judged('anthropic/api', 'down', clock.now(), 'everyone'), judged('openai/api', 'down', clock.now(), 'inconclusive')]);
    await pass(5 * MINUTE);
    expect(told('bell')).toEqual(['new: Claude API is down']);
  });
});

describe('deliveries', () => {
  it('are tried again until they are taken, and leave alone for as long as they are asked to', async () => {
    const { say, pass, told, refuses, alerts, clock, got } = made({});
    refuses.set('desktop', { message: 'busy', passing: true, retryAfter: 10 * MINUTE });
    await say([judged('anthropic/api', 'down', clock.now())]);
    const began = clock.now();
    await pass(2 * MINUTE);
    refuses.clear();
    await pass(8 * MINUTE);
    expect(told('desktop')).toEqual([]);
    await pass(5 * MINUTE);
    expect(told('desktop')).toEqual(['new: Claude API is down']);
    expect(got.find(({ channel }) => channel === 'desktop')!.at - began).toBeGreaterThanOrEqual(11 * MINUTE);
    expect(
      alerts
        .overview(10)
        .log.filter(({ channel }) => channel === 'desktop')
        .map(({ outcome }) => outcome),
    ).toEqual(['sent', 'retried']);
  });

  it('survive restarts in the middle', async () => {
    const bed = made({});
    bed.refuses.set('desktop', { message: 'away', passing: true });
    await bed.say([judged('anthropic/api', 'down', bed.clock.now())]);
    await bed.pass(30_000);
    bed.restart();
    await bed.pass(3 * MINUTE);
    expect(bed.told('bell')).toHaveLength(1);
    bed.restart();
    bed.refuses.clear();
    await bed.pass(20 * MINUTE);
    expect(bed.told('desktop')).toEqual(['new: Claude API is down']);
    bed.restart();
    await bed.say([judged('anthropic/api', 'operational', bed.clock.now())]);
    await bed.pass(30_000);
    bed.restart();
    await bed.pass(2 * MINUTE);
    expect(bed.told('bell')).toEqual(['new: Claude API is down', 'over: Claude API is well again']);
    expect(bed.told('desktop')).toEqual(['new: Claude API is down', 'over: Claude API is well again']);
  });

  it('tell in the past tense what is over when they get through, and not at all what is long over', async () => {
    const { say, pass, told, refuses, alerts, clock } = made({});
    refuses.set('desktop', { message: 'away', passing: true });
    refuses.set('bell', { message: 'away', passing: true });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(10 * MINUTE);
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(2 * HOUR);
    refuses.delete('bell');
    await pass(HOUR);
    expect(told('bell')[0]).toMatch(/^past: Claude API was down from/);
    await pass(25 * HOUR);
    refuses.clear();
    await pass(2 * HOUR);
    expect(told('desktop')).toEqual([]);
    expect(alerts.overview(100).log[0]).toMatchObject({ channel: 'desktop', outcome: 'expired' });
  });

  it('that are refused for good are not tried again until there is something to notice', async () => {
    const { say, pass, told, refuses, alerts, clock } = made({ rules: [{ channels: ['desktop'] }] });
    refuses.set('desktop', { message: 'hooks.example.org answered 404: no_service', passing: false });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(3 * HOUR);
    expect(alerts.overview(10).log).toHaveLength(1);
    refuses.clear();
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(5 * MINUTE);
    expect(told('desktop')[0]).toMatch(/^past: /);
  });

  it('log no secrets', async () => {
    const { say, pass, refuses, alerts, clock } = made({ channels: { team: hook }, rules: [{ channels: ['team'] }] });
    refuses.set('team', { message: `no way to ${hook.url} today`, passing: false });
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(5 * MINUTE);
    expect(alerts.overview(10).log[0]!.problem).toBe('no way to [secret] today');
  });
});

describe('the question', () => {
  it('is asked once, is answered by its link or by its id, and feeds the verdict', async () => {
    const { say, pass, got, answers, alerts, clock } = made(
      { channels: { team: hook }, rules: [{ channels: ['team'] }] },
      { quiet: { team: 'edits' } },
    );
    await say([judged('anthropic/api', 'down', clock.now())]);
    await pass(2 * MINUTE);
    const link = new URL(got[0]!.message.question!.yes);
    const [, , token, word] = link.pathname.split('/');
    expect(word).toBe('yes');
    expect(alerts.asks(token!)).toBe('Claude API is down');
    expect(alerts.answer({ token: token! }, true)).toMatchObject({ ok: true, value: { product: 'anthropic/api' } });
    expect(alerts.answer({ token: token! }, false).ok).toBe(false);
    expect(answers).toEqual([['anthropic/api', true]]);
    await pass(2 * MINUTE);
    expect(got.at(-1)!.message.question).toBeUndefined();
    expect(alerts.answer({ id: got[0]!.message.alert }, false).ok).toBe(true);
    await say([judged('anthropic/api', 'operational', clock.now())]);
    await pass(5 * MINUTE);
    expect(alerts.answer({ id: got[0]!.message.alert }, false).ok).toBe(false);
    expect(alerts.overview(5).alerts[0]).toMatchObject({ state: 'over', answer: { failing: false } });
  });
});

it('tests a channel at any hour', async () => {
  const { alerts, got } = made({ quiet: { from: '00:00', to: '23:59' } });
  expect(await alerts.test('desktop')).toMatchObject({ ok: true });
  expect(got[0]!.message.kind).toBe('test');
  expect(await alerts.test('pager')).toMatchObject({ ok: false });
});
