import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runIn } from '../../src/cli/testing/run-in.ts';
import type { ReadinessReport } from '../../src/drill/readiness/report.ts';
import { backupWith } from './cases.ts';
import { type House, openHouse } from './house.ts';

let house: House;
const folder = mkdtempSync(join(tmpdir(), 'understudy-drill-command-'));

beforeAll(async () => {
  house = await openHouse([
    { name: 'ready', backups: [backupWith('openai-chat', [], 0)] },
    { name: 'broken', backups: [backupWith('gemini', ['key-refused'], 0)] },
  ]);
}, 30_000);
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

function drill(...words: string[]): ReturnType<typeof runIn> {
  return runIn(folder, ['drill', '--url', house.origin, ...words]);
}

it('shows what would be asked of whom, and asks nobody', async () => {
  const { code, out } = await drill('--on', 'my-routes', '--dry-run');
  expect(code).toBe(0);
  expect(out).toContain('dead: lead-0/the-lead');
  expect(out).toMatch(/backup-0-0\/the-backup: \d+ requests/);
  expect(out).toContain('Why is the sea salt');
  expect(out).toContain('never more than $0.50 and 5 min');
  expect(await (await house.get('/api/drills')).json()).toEqual({ drills: [] });
});

it('asks nobody where nobody can agree to it', async () => {
  const { code, note } = await drill('--on', 'my-routes');
  expect(code).toBe(2);
  expect(note).toContain('--yes');
  expect(await (await house.get('/api/drills')).json()).toEqual({ drills: [] });
});

it('drills a route that is ready: exit code 0, and the report in a folder', async () => {
  const { code, out, note } = await drill('--on', house.routeOf('ready'), '--yes', '--out', 'reports');
  expect([code, note]).toEqual([0, expect.stringContaining('reports') as string]);
  expect(out).toContain('Readiness: 100 of 100');
  const names = readdirSync(join(folder, 'reports')).map((name) => name.replace(/\d{4}-\d\d-\d\d/, 'DATE'));
  expect(names.toSorted()).toEqual(['readiness-DATE.html', 'readiness-DATE.json', 'readiness-DATE.md']);
  const page = readdirSync(join(folder, 'reports')).find((name) => name.endsWith('.html'))!;
  expect(readFileSync(join(folder, 'reports', page), 'utf8')).toContain('Why is the sea salt');
});

it('drills one that is not: exit code 1, as JSON for programs', async () => {
  const { code, out } = await drill('--on', house.routeOf('broken'), '--yes', '--json', '--sample', '2');
  expect(code).toBe(1);
  const report = JSON.parse(out) as ReadinessReport;
  expect(report.score).toBe(0);
  expect(report.sentence).toContain('the key is refused');
  expect(report.before!.score).toBe(100);
});

it('names what it does not understand', async () => {
  for (const words of [
    ['--sample', 'many'],
    ['--budget', '-1'],
    ['--time', 'soon'],
    ['--on', 'nowhere'],
  ]) {
    const { code, note } = await drill('--yes', ...(words[0] === '--on' ? [] : ['--on', 'my-routes']), ...words);
    expect([1, 2]).toContain(code);
    expect(note).toContain(words[0] === '--on' ? 'nowhere' : words[0]!);
  }
});
