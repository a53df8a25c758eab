import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { exchangeId } from '../exchange/ids.ts';
import type { Extras } from '../exchange/part.ts';
import type { Journal } from './journal.ts';
import { openRecord } from './record/database.ts';
import { attemptStart, bytesEntry, openingOf, wholeEnd } from './testing/entries.ts';
import { readToEnd, testFolder, turn } from './testing/folder.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const newId = (): string => exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
const QUESTION = Buffer.from('{"input":"hi"}');

test('an answer is found by its provider’s id while it runs, after its end and after a restart, by its own principal only', async () => {
  using folder = testFolder();
  const id = newId();
  const query = { dialect: 'openai-responses', principal: 'local', name: 'resp_7' } as const;
  const journal = await folder.journal();
  const log = journal.open(openingOf(id, { dialect: 'openai-responses' }), QUESTION);
  log.append(attemptStart());
  expect(await journal.find(query)).toBeUndefined();
  log.append({ type: 'events', attempt: 0, events: [{ type: 'start', id: 'resp_7', model: 'm' }] });
  log.append(bytesEntry('one'));
  await turn();
  expect(await journal.find(query)).toBe(id);
  expect(await journal.recall(id)).toMatchObject({ opening: { id, principal: 'local' }, request: QUESTION, entries: [{}, {}, {}] });
  log.append(wholeEnd());
  const entries = await readToEnd(log);
  expect(entries.at(-1)?.entry).toMatchObject({ type: 'end', answer: 'resp_7' });
  await journal.close();

  const again = await folder.journal();
  expect(await again.find(query)).toBe(id);
  expect(await again.recall(id)).toMatchObject({ opening: { id, principal: 'local' }, request: QUESTION, entries });
  expect(await again.find({ ...query, principal: 'token' })).toBeUndefined();
  expect(await again.find({ ...query, dialect: 'openai-chat' })).toBeUndefined();
  expect(await again.find({ ...query, name: 'resp_8' })).toBeUndefined();
  expect(await again.recall('x_none')).toBeUndefined();
  await again.close();
});

test('an answer is found by the names of its items', async () => {
  using folder = testFolder();
  const id = newId();
  const journal = await folder.journal();
  const log = journal.open(openingOf(id, { dialect: 'openai-responses' }), QUESTION);
  const extras = (name: string): Extras => ({ dialect: 'openai-responses', fields: { id: name } });
  log.append({
    type: 'events',
    attempt: 0,
    events: [
      { type: 'start', id: 'resp_7', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text', extras: extras('msg_1') } },
      { type: 'part-start', index: 1, part: { type: 'tool-call', id: 'call_1', name: 'look', extras: extras('fc_1') } },
      { type: 'part-start', index: 2, part: { type: 'opaque', producer: { dialect: 'openai-responses' }, value: { id: 'ws_1' } } },
    ],
  });
  log.append(wholeEnd());
  await readToEnd(log);
  const names = ['resp_7', 'msg_1', 'fc_1', 'ws_1', 'call_1'];
  const find = (where: Journal): Promise<(string | undefined)[]> =>
    Promise.all(names.map((name) => where.find({ dialect: 'openai-responses', principal: 'local', name })));
  expect(await find(journal)).toEqual([id, id, id, id, undefined]);
  await journal.close();
  const again = await folder.journal();
  expect(await find(again)).toEqual([id, id, id, id, undefined]);
  await again.close();
});

test('of two answers with the same id the newer one is found', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const ids = [newId(), newId()].toSorted();
  for (const id of ids.toReversed()) {
    const log = journal.open(openingOf(id), QUESTION);
    log.append({ type: 'events', attempt: 0, events: [{ type: 'start', id: 'msg_1', model: 'm' }] });
    log.append(wholeEnd());
    await readToEnd(log);
  }
  const query = { dialect: 'anthropic-messages', principal: 'local', name: 'msg_1' } as const;
  expect(await journal.find(query)).toBe(ids[1]);
  await journal.close();
  const again = await folder.journal();
  expect(await again.find(query)).toBe(ids[1]);
  await again.close();
});

test('what a target could not be told is in the summary, and not with save: off', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const ids = [newId(), newId()];
  for (const [index, id] of ids.entries()) {
    const log = journal.open(openingOf(id, { save: index === 0 }), QUESTION);
    log.append({ ...attemptStart(), losses: ['top_k: not known there'], edits: ['model: another name'] });
    log.append(wholeEnd());
    await readToEnd(log);
  }
  await journal.close();
  const again = await folder.journal();
  const kept = { losses: ['top_k: not known there'], edits: ['model: another name'] };
  expect((await again.get(ids[0]!))?.attempts[0]).toMatchObject(kept);
  expect((await again.get(ids[1]!))?.attempts[0]).not.toHaveProperty('losses');
  await again.close();
});

test('a record of the first version is brought up to date', () => {
  using folder = testFolder();
  const path = join(folder.path, 'record.db');
  const old = new DatabaseSync(path);
  old.exec(readFileSync(new URL('./record/migrations/0001-record.sql', import.meta.url), 'utf8'));
  old.exec(`PRAGMA application_id = ${0x756e6473}; PRAGMA user_version = 1`);
  old.exec(
    `INSERT INTO exchanges VALUES ('x_1', 1, 2, 'openai-chat', 'm', 'r', 1, 'local', NULL, NULL, 1, 'complete', NULL, NULL, '[]', 0, NULL, NULL, 0, 1)`,
  );
  old.close();
  const opened = openRecord(path);
  if (!opened.ok) throw new Error(opened.error.reason);
  expect(opened.value.prepare('SELECT id, answer_id FROM exchanges').all()).toEqual([{ id: 'x_1', answer_id: null }]);
  opened.value.close();
});
