import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openArchive } from '../archive/store/open.ts';
import { putInto } from '../archive/store/put.ts';
import { runIn } from './testing/run-in.ts';

const HOUR = 3_600_000;
const MODEL = 'claude-opus-4-6';
let folder: string;
/** An hour of two days ago. */
const AT = Math.floor(Date.now() / HOUR) * HOUR - 48 * HOUR;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-replay-'));
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  putInto(opened.value).conversation(
    { source: 'claude-code', key: 'one', title: 'A day’s work' },
    Array.from({ length: 40 }, (_, place) => ({
      key: String(place),
      role: place % 2 === 0 ? ('user' as const) : ('assistant' as const),
      status: 'complete' as const,
      at: AT + place * 60_000,
      parts: [{ type: 'text' as const, text: `words ${place}` }],
      ...(place % 2 === 1 && { producer: { provider: 'anthropic', model: MODEL } }),
    })),
  );
  opened.value.close();
  const line = (provider: string, product: string, hours: number): string =>
    JSON.stringify({
      provider,
      product,
      start: new Date(AT).toISOString(),
      end: new Date(AT + hours * HOUR).toISOString(),
      severity: 'critical',
      title: `<b>${provider}</b> is out`,
    });
  writeFileSync(join(folder, 'incidents.jsonl'), [line('anthropic', 'claude code, claude api', 1), line('xai', 'xai api', 2)].join('\n'));
  writeFileSync(
    join(folder, 'understudy.yaml'),
    'providers: { anthropic: { apiKey: sk-a }, openai: { apiKey: sk-b } }\nroutes: { default: [anthropic/*, openai/gpt-5.6] }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function replay(...words: string[]): ReturnType<typeof runIn> {
  return runIn(folder, ['replay', '--data', join(folder, 'data'), ...words]);
}

it('lays outages over the archive, with the routes of the configuration, as a table and as a page', async () => {
  const page = join(folder, 'replay.html');
  const shown = await replay('--incidents', join(folder, 'incidents.jsonl'), '--html', page);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain('about 20 requests lost with nobody else to ask, 0 with your routes');
  expect(shown.out).toMatch(/nobody else +20 +█/);
  expect(shown.out).toContain('Claude Code');
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('&lt;b&gt;anthropic&lt;/b&gt; is out');
  expect(html).not.toMatch(/<b>anthropic|<script|https?:\/\//);
});

it('gives its figures to machines', async () => {
  const { out, code } = await replay('--incidents', join(folder, 'incidents.jsonl'), '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ answers: 20, without: 20, withRoutes: 0, outages: [{ asked: 'Claude Code' }] });
});

it('says what is missing', async () => {
  const nothing = await replay();
  expect([nothing.code, nothing.note]).toEqual([1, expect.stringContaining('No past outages are known here')]);
  const wrong = await replay('--days', 'many');
  expect([wrong.code, wrong.note]).toEqual([2, expect.stringContaining('--days many')]);
  writeFileSync(join(folder, 'bad.jsonl'), '{"provider": "anthropic"}');
  const bad = await replay('--incidents', join(folder, 'bad.jsonl'));
  expect([bad.code, bad.note]).toEqual([2, expect.stringContaining('`start` is no time')]);
  const early = await replay('--incidents', join(folder, 'incidents.jsonl'), '--days', '1');
  expect(early.out).toContain('The archive has no answers of that time');
});
