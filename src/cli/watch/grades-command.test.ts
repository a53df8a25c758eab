import { expect, it } from 'vitest';
import { gradePage } from '../../watch/grades/grade.ts';
import type { Incident } from '../../watch/incident.ts';
import type { Paint } from '../terminal.ts';
import { gradeLines } from './grades-command.ts';

const NOW = Date.UTC(2026, 5, 2, 12);
const MINUTE = 60_000;
const paint = new Proxy({} as Paint, {
  get:
    () =>
    (text: string): string =>
      text,
});
const screen = { paint, width: 80 };

/** Failures were seen here, and the page told of them `lag` minutes later. */
function outage(number: number, lag: number): Incident {
  const began = NOW - (number + 1) * 5 * 60 * MINUTE;
  const own = { type: 'own' as const, product: 'anthropic/api' };
  const page = { type: 'page' as const, page: 'anthropic', id: `p${number}` };
  const at = began + lag * MINUTE;
  return {
    id: `i_${number}`,
    kind: 'incident',
    title: 'Errors',
    products: ['anthropic/api'],
    models: [],
    severity: 'major',
    phase: 'monitoring',
    startedAt: began,
    firstSeenAt: began,
    updates: [
      { at: began, seenAt: began, phase: 'investigating', text: 'Claude API is down', source: own },
      { at, seenAt: at, phase: 'investigating', text: 'We look into it.', source: page },
    ],
    sources: [own, page],
  };
}

it('shows a letter with its figures, best first, and what has none', () => {
  const grades = [gradePage('empty', [], NOW), gradePage('anthropic', [outage(0, 20), outage(1, 30), outage(2, 40)], NOW)];
  const lines = gradeLines(grades, screen);
  expect(lines[0]).toMatch(/grade +early +complete +honest/);
  expect(lines[1]).toMatch(/^anthropic +[A-E] +\d+ +100 +\d+$/);
  expect(lines.join(' ')).toContain('30 min after the first sign here');
  expect(lines.find((line) => line.startsWith('empty'))).toMatch(/^empty +- +- +- +-$/);
  expect(lines.join(' ')).not.toContain('too little evidence');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

it('says plainly that there is too little to go by', () => {
  expect(gradeLines([gradePage('anthropic', [outage(0, 20)], NOW)], screen).join(' ')).toContain('too little evidence');
  expect(gradeLines([], screen).join(' ')).toContain('No status page is read yet');
});
