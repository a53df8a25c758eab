import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptReports } from '../../watch/crowd/kept-reports.ts';
import { hubLab, type HubLab } from '../../watch/hub/testing/hub-lab.ts';
import { openWatch } from '../../watch/store/open.ts';
import { type Ran, runIn } from '../testing/run-in.ts';

let folder: string;
let lab: HubLab;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-report-'));
  lab = await hubLab({ now: Date.now() });
});

afterEach(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

function report(words: string, config?: string): Promise<Ran> {
  writeFileSync(join(folder, 'understudy.yaml'), config ?? '{}\n');
  return runIn(folder, ['report', ...words.split(' '), '--data', join(folder, 'data')]);
}

function named(more = ''): string {
  return `watch: { hub: { url: '${lab.address}'${more} } }\n`;
}

function kept(): string[] {
  const opened = openWatch(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  const all = keptReports(opened.value)
    .since(0)
    .map(({ product, symptom, state }) => `${product} ${symptom} ${state}`);
  opened.value.close();
  return all;
}

it('is kept here where no hub is named, and makes no key', async () => {
  expect(await report('claude.ai --symptom hangs')).toMatchObject({ code: 0, out: expect.stringContaining('nothing was sent') });
  expect(kept()).toEqual(['anthropic/chat hangs kept']);
  expect(existsSync(join(folder, 'data', 'install-key.pem'))).toBe(false);
  expect(await report('chatgpt -s slow --json')).toMatchObject({ code: 0, out: '{\n  "state": "kept"\n}\n' });
});

it('is shown before it is sent, and is not sent where nobody can be asked', async () => {
  const shown = await report('claude.ai -s hangs', named());
  expect(shown).toMatchObject({ code: 2, note: expect.stringContaining('Nothing was sent') });
  const dry = await report('claude.ai -s hangs --dry-run', named());
  expect(dry.code).toBe(0);
  for (const { out } of [shown, dry]) {
    expect(out).toContain(`This is sent to ${lab.address}:`);
    expect(out).toContain('"symptom":"hangs"');
  }
  expect(kept()).toEqual([]);
  expect(lab.hub.figures().keys).toBe(0);
});

it('is sent as it was shown', async () => {
  const sent = await report('claude.ai -s hangs --yes -m claude-opus-4-6', named(', region: AT'));
  expect(sent).toMatchObject({ code: 0, out: expect.stringContaining(`Reported to ${lab.address}. Thank you.`) });
  expect(kept()).toEqual(['anthropic/chat hangs sent']);
  expect(lab.hub.figures()).toMatchObject({ keys: 1, live: 2 });
  await lab.clock.advance(300_000);
  expect(lab.hub.store.slices(0, lab.clock.now())).toMatchObject([
    { product: 'anthropic/chat', model: 'claude-opus-4-6', country: 'AT', symptom: 'hangs', reports: 1 },
  ]);
  const again = await report('claude.ai -s works --yes', named());
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('one report an hour counts') });
  expect(kept()).toEqual(['anthropic/chat works kept', 'anthropic/chat hangs sent']);
});

it('as JSON is what was sent, to the letter', async () => {
  const dry = JSON.parse((await report('openai/api -s errors --dry-run --json', named())).out) as object;
  const sent = JSON.parse((await report('openai/api -s errors --yes --json', named())).out) as object;
  expect(sent).toEqual({ ...dry, state: 'sent' });
});

it('waits where the hub is away, and says so by its exit code', async () => {
  const ran = await report('claude.ai -s hangs --yes', 'watch: { hub: { url: "http://127.0.0.1:9" } }\n');
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('not sent yet') });
  expect(kept()).toEqual(['anthropic/chat hangs waiting']);
});

it('says what the hub says where it refuses', async () => {
  // The lab's hub knows three products.
  const ran = await report('grok -s hangs --yes', named());
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('does not know that product') });
});

it.each([
  ['claude.a --symptom hangs', 'Did you mean claude.ai'],
  ['claude.ai --symptom hang', 'Did you mean hangs'],
  ['claude.ai', 'Add --symptom'],
  ['--symptom hangs', 'Which product?'],
])('understudy report %s says what to type', async (words, said) => {
  expect(await report(words)).toMatchObject({ code: 2, note: expect.stringContaining(said) });
});

it('changes its key when it is told to', async () => {
  const path = join(folder, 'data', 'install-key.pem');
  expect((await report('--new-key')).code).toBe(0);
  const first = readFileSync(path, 'utf8');
  expect((await report('--new-key')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).not.toBe(first);
});
