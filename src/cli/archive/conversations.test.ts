import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt, chat, exchange, journalIn } from '../../archive/exchanges/testing/record.ts';
import { eventsOf } from '../../archive/exchanges/testing/talk.ts';
import { systemClock } from '../../exchange/clock.ts';
import { runCli } from '../cli.ts';
import type { CliDeps } from '../deps.ts';
import { EXIT } from '../exit-code.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-conversations-'));
const data = join(home, 'data');

beforeAll(async () => {
  const journal = await journalIn(data);
  chat(journal, 'first', 2);
  const { target } = attempt() as Extract<ReturnType<typeof attempt>, { type: 'attempt' }>;
  exchange(journal, { session: 'cut', body: { model: 'm', messages: [{ role: 'user', content: 'Where is the ferry?' }] } }, [
    attempt(),
    { type: 'events', attempt: 0, events: eventsOf([{ type: 'text', text: 'At the ' }]).slice(0, 3) },
    { type: 'attempt', ordinal: 1, kind: 'hop', target: { ...target, provider: 'other' }, native: true, losses: [], edits: [] },
    { type: 'seam', from: 'wall/m', to: 'other/m', delivered: 7, join: 'anchor' },
    { type: 'events', attempt: 1, events: [{ type: 'part-delta', index: 0, delta: { type: 'text', text: 'harbour.' } }] },
    { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
  ]);
  await journal.close();
});
afterAll(() => rmSync(home, { recursive: true }));

async function cli(...argv: string[]): Promise<{ code: number; out: string; notes: string }> {
  let out = '';
  let notes = '';
  const deps: CliDeps = {
    build: () => Promise.reject(new Error('no server is needed')),
    version: '0',
    clock: systemClock,
    surroundings: {
      streams: {
        stdin: {},
        stdout: { isTTY: true, columns: 80, write: (text: string) => (out += text) },
        stderr: { write: (text: string) => (notes += text) },
      },
      environment: {},
      workingFolder: home,
      home,
      platform: 'linux',
      nodeVersion: process.version,
      onSignal: () => () => undefined,
      called: 'understudy',
    } as CliDeps['surroundings'],
  };
  const code = await runCli([...argv, '--data', data], deps);
  return { code, out: stripVTControlCharacters(out), notes };
}

test('lists what was said, without a server, in 80 columns', async () => {
  const { code, out } = await cli('conversations');
  expect(code).toBe(EXIT.done);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(out).toContain('understudy  m         Where is the ferry?');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('shows one, by the beginning of its id, with its seam', async () => {
  const list = JSON.parse((await cli('conversations', '--json')).out) as { conversations: { id: string; title: string }[] };
  const ferry = list.conversations.find(({ title }) => title === 'Where is the ferry?')!;
  const { code, out } = await cli('conversations', 'show', ferry.id.slice(0, 8));
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/At the \n +── wall\/m broke off; other\/m went on ──\nharbour\./);
  expect((await cli('conversations', ferry.id)).out).toBe(out);
  const whole = JSON.parse((await cli('conversations', 'show', ferry.id, '--json')).out) as { shown: string[]; said: { key: string }[] };
  expect(whole.shown).toEqual(whole.said.map(({ key }) => key));
});

test('says what is wrong with what was typed', async () => {
  expect(await cli('conversations', 'show', 'c_zzzzzzzz')).toMatchObject({
    code: EXIT.usage,
    notes: expect.stringContaining('There is no conversation') as string,
  });
  expect(await cli('conversations', '--source', 'nobody')).toMatchObject({ code: EXIT.usage });
  expect(await cli('conversations', 'show')).toMatchObject({
    code: EXIT.usage,
    notes: expect.stringContaining('Which conversation?') as string,
  });
  expect(await cli('conversations', 'show', '--last', '--branch', '9')).toMatchObject({
    code: EXIT.usage,
    notes: expect.stringContaining('branch') as string,
  });
});

test('an id that several begin with is answered with what they are', async () => {
  const { code, notes } = await cli('conversations', 'show', 'c_');
  expect(code).toBe(EXIT.usage);
  expect(notes).toMatch(/Several conversations begin with c_.*\n {2}c_\w{16} {2}\S.*\n {2}c_\w{16} {2}\S/);
  expect((await cli('conversations', 'show', 'c_zzz')).notes).toContain('There is no conversation c_zzz.');
});
