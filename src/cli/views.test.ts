import { describe, expect, it } from 'vitest';
import type { AttemptEnd, Opening } from '../journal/entry.ts';
import type { Change } from '../journal/journal.ts';
import type { StatusReport } from '../server/ports.ts';
import { loadScript } from '../drill/scripts.ts';
import { tally } from '../drill/scoreboard.ts';
import { scoreboard } from './drill-view.ts';
import { consentLines } from './first-start.ts';
import { offeredKeys } from './offered-keys.ts';
import { propose } from './proposal.ts';
import { firstConfig } from '../config/write.ts';
import { findRoute, parseRoute } from '../failover/route.ts';
import { routeSettings } from '../failover/settings.ts';
import { presets } from '../providers/catalogue.ts';
import { flowed, hanging, shown, wrapped } from './wrap.ts';
import { durationText } from './duration-text.ts';
import { statusLines } from './status/status-view.ts';
import { switchTeller } from './run/switches.ts';
import { table } from './table.ts';
import { terminal } from './terminal.ts';

const plain = terminal({ stdin: {}, stdout: { write: () => {} }, stderr: { write: () => {} } }, {});

describe('colours', () => {
  const screen = (environment: Record<string, string>) =>
    terminal({ stdin: { isTTY: true }, stdout: { isTTY: true, write: () => {} }, stderr: { write: () => {} } }, environment);

  it('are for screens, and not where they are unwanted', () => {
    expect(screen({}).paint.bad('x')).not.toBe('x');
    expect(screen({ NO_COLOR: '1' }).paint.bad('x')).toBe('x');
    expect(screen({ TERM: 'dumb' }).paint.bad('x')).toBe('x');
    expect(plain.paint.bad('x')).toBe('x');
  });

  it('folds the widest columns where it is wider than the screen, and loses nothing', () => {
    const row = ['fault', 'what happens when it strikes', '/a/path/that/has/no/blank/anywhere/and/goes/on'];
    const lines = table([{ title: 'a' }, { title: 'b' }, { title: 'c' }], [row], 48);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(48);
    expect(lines.slice(2).join('').replaceAll(/\s/g, '').split('').toSorted()).toEqual(
      row.join('').replaceAll(' ', '').split('').toSorted(),
    );
    expect(table([{ title: 'a' }], [['short']], 48)).toEqual(['a', '-----', 'short']);
  });

  it('do not count when a table is lined up', () => {
    const paint = screen({}).paint;
    const [head, , row] = table([{ title: 'a' }, { title: 'b' }], [[paint.bad('wide'), 'z']]);
    expect(head!.indexOf('b')).toBe('wide'.length + 2);
    expect(row).toBe(`${paint.bad('wide')}  z`);
  });

  it('nobody is asked in CI', () => expect(screen({ CI: 'true' }).canAsk).toBe(false));
});

describe('durations', () => {
  it.each([
    [340, '340 ms'],
    [2400, '2.4 s'],
    [190_000, '3 min 10 s'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('the line for a switch', () => {
  function told(entries: Extract<Change, { type: 'entry' }>['entry'][]): string[] {
    const lines: string[] = [];
    const tell = switchTeller({ ...plain, out: (line) => lines.push(line) });
    const opening: Opening = {
      id: 'x_1',
      at: 0,
      dialect: 'openai-chat',
      model: 'gpt',
      route: 'default',
      stream: true,
      principal: 'local',
      save: true,
    };
    tell({ version: 1, exchange: 'x_1', at: 0, type: 'opened', opening });
    for (const entry of entries) tell({ version: 1, exchange: 'x_1', at: 0, type: 'entry', entry });
    return lines.map((line) => line.replace(/^\S+ {2}/, ''));
  }
  const attempt = (ordinal: number, provider: string, kind: 'first' | 'next' | 'retry' | 'hop' | 'hedge' = 'next') => ({
    type: 'attempt' as const,
    ordinal,
    kind,
    target: { provider, model: 'm', credential: 'key', dialect: 'openai-chat' as const, vendor: provider },
    native: true,
    losses: [],
    edits: [],
  });
  const failed = (message: string) => ({
    type: 'attempt-end' as const,
    ordinal: 0,
    outcome: { type: 'failed' as const, fault: { class: 'provider-fault' as const, symptom: 'status' as const, message } },
    took: 1,
  });

  it('says from whom to whom, and why', () => {
    const asked = [attempt(0, 'a', 'first'), failed('Overloaded'), attempt(1, 'b')];
    // Nobody has answered yet.
    expect(told(asked)).toEqual([]);
    const whole = { type: 'attempt-end' as const, ordinal: 1, outcome: { type: 'whole' as const, mended: false }, took: 1 };
    expect(told([...asked, whole])).toEqual(['switched  a/m → b/m: Overloaded']);
    expect(told([...asked, { type: 'head', status: 200, headers: [], target: 'b/m' }, whole])).toEqual(['switched  a/m → b/m: Overloaded']);
  });

  it('is silent about a retry on the same target and about what goes well', () => {
    expect(
      told([
        attempt(0, 'a', 'first'),
        failed('reset'),
        attempt(1, 'a', 'retry'),
        { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
      ]),
    ).toEqual([]);
  });

  it('tells of a hedge when it has answered, not when it was started', () => {
    const ended = (ordinal: number, outcome: AttemptEnd['outcome']) => ({ type: 'attempt-end' as const, ordinal, outcome, took: 1 });
    const [whole, cancelled] = [{ type: 'whole', mended: false } as const, { type: 'cancelled' } as const];
    const both = [attempt(0, 'a', 'first'), attempt(1, 'b', 'hedge')];
    expect(told([...both, ended(1, cancelled), ended(0, whole)])).toEqual([]);
    expect(told([...both, ended(0, cancelled), ended(1, whole)])).toEqual(['switched  a/m → b/m: slow to begin']);
    expect(told([...both, failed('Overloaded'), ended(1, whole)])).toEqual(['switched  a/m → b/m: Overloaded']);
  });

  it('tells of a continuation once', () => {
    const seam = { type: 'seam' as const, from: 'a/m', to: 'b/m', delivered: 120, join: 'anchor' as const };
    expect(told([attempt(0, 'a', 'first'), failed('reset'), attempt(1, 'b', 'hop'), seam])).toEqual([
      'continued a/m → b/m after 120 characters: reset',
    ]);
  });
});

describe('the status table', () => {
  const report: StatusReport = {
    version: '1',
    startedAt: 0,
    address: 'http://127.0.0.1:4141',
    data: '/data',
    journal: { type: 'degraded', since: 0, reason: 'the disk is full', action: 'Free some space.' },
    running: 1,
    deferred: 0,
    routes: [{ pattern: 'default', targets: ['a/*', 'b/m'], never: [], save: true }],
    targets: [
      {
        target: 'a/m#key',
        verdict: 'down',
        reasons: ['5 of the last 6 failed'],
        breaker: { type: 'open', since: 0, until: 70_000, trials: 1 },
        score: 24,
        mark: { reason: 'rate limited', until: 90_000 },
        limits: {
          headers: 1,
          firstEvent: 2000,
          firstEventAlive: 3,
          idle: 4000,
          idleAlive: 5,
          thinking: 4,
          thinkingAlive: 5,
          whole: 6,
          source: 'learned',
        },
        explained: { requests: 'requests like the last', limits: [] },
        successes: 1,
        failures: 5,
      },
    ],
    away: { 'b/m': 2 },
    spend: [],
    notices: ['look here'],
  };

  it('says who is passed over for something else than its health, on which routes, and why', () => {
    const [target] = report.targets;
    const reason = 'it would cost about $0.01, backups have cost $5.00 of the $5 that they may cost a day';
    const passedOver = [
      { routes: ['default', 'work'], reason, until: 5 },
      { routes: ['own'], reason: 'its only place is taken (providers.a.concurrency)' },
    ];
    const lines = statusLines({ ...report, targets: [{ ...target!, passedOver }] }, 0, plain);
    expect(lines.every((line) => line.length <= plain.width)).toBe(true);
    const said = lines.map((line) => line.trim()).join(' ');
    expect(said).toContain(`passed over now on routes default, work: ${reason}`);
    expect(said).toContain('passed over now on route own: its only place is taken (providers.a.concurrency)');
    expect(statusLines(report, 0, plain).join('\n')).not.toContain('passed over now');
  });

  it('says what has been spent of what may be, and what it would cost to go elsewhere in the middle of the work', () => {
    const spend = [
      { setting: 'failover.backupSpend', who: 'Backups have', dollars: 5, per: 'day' as const, spent: 1.234, underWay: 0.5, resetsAt: 0 },
      {
        setting: 'routes.work.spend',
        who: 'Answers of route work have',
        dollars: 20,
        per: 'day' as const,
        spent: 0,
        underWay: 0,
        resetsAt: 0,
      },
    ];
    const routes = [{ ...report.routes[0]!, turns: [{ target: 'b/m', dollars: 0.75 }] }];
    const text = statusLines({ ...report, spend, routes }, 60_000, plain).join('\n');
    expect(text).toContain('Backups have cost $1.23 of $5 a day, about $0.50 more under way (failover.backupSpend).');
    expect(text).not.toContain('routes.work.spend');
    expect(text.replace(/\s+/g, ' ')).toContain('a turn of 150k tokens without a cache: about $0.75 at b/m');
  });

  it('says what is down, why, and until when', () => {
    const text = statusLines(report, 60_000, plain).join('\n');
    for (const piece of [
      'not saving: the disk is full. Free some space.',
      '! look here',
      'down',
      'tried again in 10.0 s',
      '5 of the last 6 failed',
      'rate limited, for another 30.0 s',
      'a/* → b/m',
      '2 conversations with b/m',
    ]) {
      expect(text).toContain(piece);
    }
  });

  const target = report.targets[0]!;
  const shownFor = (changes: Partial<(typeof report.targets)[0]>, width = 140): string =>
    statusLines({ ...report, targets: [{ ...target, ...changes }] }, 60_000, { paint: plain.paint, width }).join('\n');

  it('does not call operational what has only failed', () => {
    const failedOnce = { verdict: 'operational', breaker: { type: 'closed' }, successes: 0, failures: 1 } as const;
    expect(shownFor(failedOnce)).toMatch(/^a\/m#key +unproven/m);
    const { mark: _mark, ...unmarked } = target;
    const text = statusLines({ ...report, targets: [{ ...unmarked, ...failedOnce, successes: 1 }] }, 0, {
      paint: plain.paint,
      width: 140,
    }).join('\n');
    expect(text).toMatch(/^a\/m#key +operational/m);
  });

  it('does not call operational what is not asked because its key or quota was refused', () => {
    expect(shownFor({ verdict: 'operational', successes: 7, failures: 0 })).toMatch(/^a\/m#key +set aside/m);
  });

  it('says of a connection that it was closed, not only `closed`, which is a state of the breaker', () => {
    const text = shownFor({ breaker: { type: 'closed' }, reasons: ['1 of the last 2 requests failed: closed'] });
    expect(text).toContain('1 of the last 2 requests failed: connection closed');
    expect(text).toContain('breaker: closed = asked as usual');
  });

  it('shows who is never asked, and what is not saved', () => {
    const routes = [{ pattern: 'default', targets: ['a/*', 'b/m'], allow: ['a', 'b'], never: ['b'], save: false }];
    const text = statusLines({ ...report, routes }, 0, plain).join('\n');
    expect(text).toContain('a/* → (b/m)');
    expect(text).toContain('only a, b; never b; nothing is saved; those in brackets are not asked');
  });

  it('gives a target lines of its own where it is too long for a table', () => {
    const lines = shownFor({ target: 'openrouter/anthropic/claude-sonnet-5.5-20260901' }, 80).split('\n');
    for (const line of lines) expect(shown(line)).toBeLessThanOrEqual(80);
    const at = lines.indexOf('openrouter/anthropic/claude-sonnet-5.5-20260901  down');
    expect(lines[at + 1]).toBe('  breaker open, tried again in 10.0 s; 1 answered, 5 failed');
    expect(lines).not.toContain('target');
  });

  it('fits on a narrow screen', () => {
    const long = { target: 'openrouter/anthropic/claude-sonnet-5.5' };
    const lines = shownFor({ ...long, breaker: { type: 'closed' } }, 80).split('\n');
    for (const line of lines) expect(shown(line)).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).toContain('first words 2.0 s, idle 4.0 s, limits learned');
  });
});

describe('lines', () => {
  it('break between words and keep what must stay together', () => {
    expect(wrapped('one two three', 7, '  ')).toEqual(['one two', '  three']);
    expect(wrapped('a-very-long-path b', 5)).toEqual(['a-very-long-path', 'b']);
    expect(wrapped('  a-very-long-path b', 5, '  ')).toEqual(['  a-very-long-path', '  b']);
    expect(hanging('  name  what it is', 16)).toEqual(['  name  what it', '        is']);
    expect(hanging('  a long name  what it is', 16)).toEqual(['  a long name', '      what it is']);
    expect(flowed(['a b', 'c d', 'e'], ', ', 8)).toEqual(['a b,', 'c d, e']);
  });
});

describe('the consent screen', () => {
  const environment = { ANTHROPIC_API_KEY: 'sk-one', OPENAI_API_KEY: 'sk-two', OPENROUTER_API_KEY: 'sk-three' };
  const keys = offeredKeys(environment);
  const proposal = propose(keys, { environment, home: '/h', platform: 'linux' });

  it.each([80, 140])('shows every route, target and variable that Yes writes, in %i columns', (width) => {
    const lines = consentLines(keys, proposal, '/h/understudy.yaml', { paint: plain.paint, width });
    const text = lines.join('\n');
    for (const line of lines) expect(shown(line)).toBeLessThanOrEqual(width);
    for (const [pattern, targets] of Object.entries(proposal.config.routes)) {
      expect(text).toContain(pattern === 'default' ? 'any other model' : pattern);
      for (const target of targets) expect(text).toContain(target);
    }
    for (const { variable } of keys) expect(text).toContain(variable);
    expect(text).toContain('/h/understudy.yaml');
    expect(text).not.toContain('sk-');
  });

  it('tells of each route what is written of it, and no target twice', () => {
    const told = proposal.routes.flatMap(({ patterns, order }) => patterns.map((pattern) => [pattern, order.map(({ target }) => target)]));
    expect(Object.fromEntries(told)).toEqual(proposal.config.routes);
    const routes = new Map(
      Object.entries(proposal.config.routes).map(([pattern, targets]) => [pattern, parseRoute(pattern, routeSettings.parse(targets))]),
    );
    const models = presets.flatMap(({ picks }) => Object.values(picks));
    for (const model of [...models, ...models.map((name) => `${name}-20261101`), 'claude-haiku-4-5', 'o9', 'unheard-of']) {
      const asked = findRoute(routes, model, () => false)!.targets.map((one) => `${one.provider}/${one.model === '*' ? model : one.model}`);
      expect(new Set(asked).size).toBe(asked.length);
    }
    expect(firstConfig(proposal.config)).not.toContain('sk-');
  });
});

describe('the scoreboard', () => {
  const script = loadScript('first-look');
  if (!script.ok) throw new Error(script.error.join());
  const side = (...verdicts: Parameters<ReturnType<typeof tally>['judged']>[]) => {
    const sums = tally();
    for (const verdict of verdicts) {
      sums.asked();
      sums.judged(...verdict);
    }
    return sums.score();
  };
  const board = (understudy: ReturnType<typeof side>, width?: number): string[] =>
    scoreboard(
      { script: 'x', seed: 1, took: 1000, ended: 'whole', straight: side(['hung', 0, {}]), understudy, upstreamRequests: 1 },
      script.value,
      plain.paint,
      width,
    );

  it('says loudly that nothing came whole, and what was said instead, commonest first', () => {
    const text = board(
      side(['failed', 0, { error: 'no key' }], ['failed', 0, { error: 'bad key' }], ['failed', 0, { error: 'bad key' }]),
    ).join('\n');
    expect(text).toContain('NOT ONE ANSWER CAME WHOLE');
    expect(text).toMatch(/2 x bad key\n +1 x no key/);
    expect(board(side(['whole', 1, {}])).join('\n')).not.toContain('NOT ONE');
  });

  it('is turned where it would not fit', () => {
    const score = side(['whole', 1234, { answeredBy: 'a/b' }]);
    const narrow = board(score, 80);
    for (const line of narrow) expect(shown(line)).toBeLessThanOrEqual(80);
    expect(narrow.join('\n')).toMatch(/^added wait p99 +- +1\.2 s$/m);
    expect(board(score, 140)[0]).toContain('added wait p50');
  });
});

describe('what is left of limits', () => {
  it('is told account by account, with the places that are taken', async () => {
    const { roomText } = await import('./status/room-text.ts');
    const now = 1000;
    const rooms = [
      { account: 'key 1', kind: 'input-tokens' as const, limit: 2_000_000, remaining: 0, reset: now + 30_000 },
      { account: 'key 1', kind: 'requests' as const, window: 'day', limit: 50, remaining: 12 },
      { account: 'key 2', kind: 'share' as const, window: '5h', limit: 1, remaining: 0.58 },
    ];
    expect(roomText({ rooms, concurrency: { now: 2, most: 4, waiting: 1 } }, now)).toEqual([
      'room: key 1: 0 of 2M input tokens left, full in 30.0 s, 12 of 50 requests left (day); key 2: 42 % of the plan used (5h); 2 of 4 places taken, 1 waiting',
    ]);
    expect(roomText({}, now)).toEqual([]);
  });
});
