import { describe, expect, it } from 'vitest';
import type { Opening } from '../journal/entry.ts';
import type { Change } from '../journal/journal.ts';
import type { StatusReport } from '../server/ports.ts';
import { durationText } from './duration-text.ts';
import { statusLines } from './status-view.ts';
import { switchTeller } from './switches.ts';
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
    const tell = switchTeller({ out: (line) => lines.push(line), paint: plain.paint });
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
  const attempt = (ordinal: number, provider: string, kind: 'first' | 'next' | 'retry' | 'hop' = 'next') => ({
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
    expect(told([attempt(0, 'a', 'first'), failed('Overloaded'), attempt(1, 'b')])).toEqual(['switched  a/m → b/m: Overloaded']);
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
    routes: [{ pattern: 'default', targets: ['a/*', 'b/m'], never: [], save: true }],
    targets: [
      {
        target: 'a/m#key',
        verdict: 'down',
        reasons: ['5 of the last 6 failed'],
        breaker: { type: 'open', since: 0, until: 70_000, trials: 1 },
        score: 24,
        mark: { reason: 'rate limited', until: 90_000 },
        limits: { headers: 1, firstEvent: 2000, firstEventAlive: 3, idle: 4000, idleAlive: 5, whole: 6, source: 'learned' },
        successes: 1,
        failures: 5,
      },
    ],
    backupSpend: { spent: 0, cap: '5/day' },
    notices: ['look here'],
  };

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
    ]) {
      expect(text).toContain(piece);
    }
  });
});
