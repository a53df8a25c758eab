/** The thread of the offline desk: started when it is needed, and told of another configuration. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { offlineClient, type OfflineClient } from './client.ts';

let home: string;
let client: OfflineClient;
let told = 0;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-offline-client-'));
  for (const name of ['notes', 'other', 'runbooks']) mkdirSync(join(home, name));
  writeFileSync(join(home, 'notes', 'a.md'), '# Otters\n\nThey hold hands.');
  writeFileSync(join(home, 'other', 'b.md'), '# Badgers\n\nThey dig tunnels.');
  writeFileSync(join(home, 'runbooks', 'mine.md'), '---\ntitle: Mine\nwhen: { product: openai }\n---\n- [ ] Call Ann');
  told = 0;
});
afterEach(async () => {
  await client.close();
  rmSync(home, { recursive: true });
});

function open(notes: string[], runbooks: string[] = []): void {
  const setup = {
    folder: join(home, 'data'),
    places: { notes: notes.map((name) => join(home, name)), runbooks: runbooks.map((name) => join(home, name)) },
  };
  client = offlineClient(setup, systemClock, () => (told += 1));
}

async function found(question: string): Promise<string[]> {
  const answer = await client.ask('search', { question, limit: 3, patience: 10_000 });
  if (!answer.ok) throw new Error(answer.error);
  return answer.value.notes.map(({ path }) => path.slice(home.length + 1));
}

test('knows the runbooks that come along at once, and answers when it is asked', async () => {
  open([]);
  expect(client.hints().map(({ name }) => name)).toContain('claude-api-down');
  const list = await client.ask('runbooks', { incidents: [] });
  expect(list.ok && list.value.runbooks.length).toBe(client.hints().length);
  expect(await found('otters hold hands')).toEqual([]);
});

test('reads the folders that it is given, and others when the configuration changes', async () => {
  open(['notes'], ['runbooks']);
  expect(await found('otters hold hands')).toEqual(['notes/a.md']);
  await vi.waitFor(() => expect(client.hints().map(({ name }) => name)).toContain('mine'));
  client.apply({ notes: [join(home, 'other')], runbooks: [] });
  expect(await found('badgers dig tunnels')).toEqual(['other/b.md']);
  expect(await found('otters hold hands')).toEqual([]);
  await vi.waitFor(() => expect(client.hints().map(({ name }) => name)).not.toContain('mine'));
  expect(told).toBeGreaterThan(1);
});

test('what can’t be read is a problem of the answer, and no error', async () => {
  open(['notes']);
  writeFileSync(join(home, 'data'), 'no folder');
  const answer = await client.ask('search', { question: 'otters', limit: 3, patience: 1000 });
  expect(answer).toMatchObject({
    ok: true,
    value: { answers: [], notes: [], problems: [expect.stringContaining("Earlier answers can't be read"), expect.any(String)] },
  });
});

test('can be closed without having been asked', async () => {
  open([]);
  await expect(client.close()).resolves.toBeUndefined();
});
