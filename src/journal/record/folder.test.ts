import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { exchangeId } from '../../exchange/ids.ts';
import { nodeFiles } from '../files.ts';
import { live } from '../live.ts';
import type { Live } from '../live.ts';
import { saver } from '../saver.ts';
import { chance } from '../testing/chance.ts';
import { attemptStart, bytesEntry, openingOf, wholeEnd } from '../testing/entries.ts';
import { readToEnd, testFolder, turn } from '../testing/folder.ts';
import type { WorkerSetup } from './messages.ts';
import { loadRequest } from './pieces.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const fill = (bytes: Uint8Array): Uint8Array => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
const newId = (): string => exchangeId(Date.now(), fill);

/** A log that nobody folds. */
function logOnly(folder: string): Live {
  const saving = saver({
    folder,
    files: nodeFiles,
    clock: systemClock,
    random: fill,
    firstSegment: 1,
    segmentSize: 20_000,
    durability: 'process',
    answers: () => answers.all(),
    wrote: () => undefined,
    changed: () => undefined,
    fault: () => undefined,
  });
  const answers = live({
    clock: systemClock,
    limits: { ring: 1e6, unsaved: 1e6 },
    keepAfterEnd: 1,
    pace: { schedule: setImmediate, busy: () => false },
    save: saving.save,
    replay: () => undefined,
    fault: () => undefined,
    gone: () => undefined,
  });
  return answers;
}

test('a worker that is killed in the middle, again and again, folds each exchange exactly once', async () => {
  using folder = testFolder();
  const log = join(folder.path, 'log');
  const answers = logOnly(log);
  const ids: string[] = [];
  for (let count = 0; count < 400; count++) {
    const id = newId();
    ids.push(id);
    const answer = answers.open(openingOf(id), Buffer.from(`{"messages":[${count}]}`));
    answer.append(attemptStart());
    for (let piece = 0; piece < 5; piece++) answer.append(bytesEntry(`${count}.${piece};`));
    if (count % 10 !== 0) answer.append(wholeEnd());
    if (count % 20 === 0) await turn();
  }
  await turn();

  const segments = readdirSync(log).length;
  expect(segments).toBeGreaterThan(3);
  const random = chance(7);
  const setup: WorkerSetup = { log, database: join(folder.path, 'record.db'), firstSegment: segments + 1 };
  for (let kill = 0; kill < 6; kill++) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
    await once(worker, 'message');
    await new Promise((resolve) => setTimeout(resolve, random(40)));
    await worker.terminate();
  }
  const journal = await folder.journal();
  const listed = await journal.list({ limit: 1000 });
  expect(listed.map((each) => each.id).toSorted()).toEqual(ids.toSorted());
  for (const [count, id] of ids.entries()) {
    if (count % 7 !== 0) continue;
    expect(await journal.get(id)).toMatchObject({
      state: count % 10 === 0 ? 'interrupted' : 'complete',
      text: Array.from({ length: 5 }, (_, piece) => `${count}.${piece};`).join(''),
      request: `{"messages":[${count}]}`,
      entries: 7,
    });
  }
  expect(listed.every((each) => each.hole === undefined && each.attempts.length === 1)).toBe(true);
  await journal.close();
  expect(readdirSync(log)).toEqual([]);
});

test('requests come back byte for byte, and what they share is stored once', async () => {
  using folder = testFolder();
  const journal = await folder.journal();
  const big = 'long message '.repeat(2000);
  const bodies = [
    Buffer.from('{ "a":1, "a":2,\t"messages":[ 1 ,{"x":"\\u00e4"}], "messages":[] }\n'),
    Buffer.concat([Buffer.from('{"messages":["'), Buffer.from([0xff, 0xc0, 0x00]), Buffer.from('"]}')]),
    Buffer.from('not json'),
    Buffer.alloc(0),
    ...Array.from({ length: 20 }, (_, turns) =>
      Buffer.from(
        `{"model":"m","messages":[${Array.from({ length: turns + 1 }, (__, index) => JSON.stringify({ index, big: index + big })).join(',')}]}`,
      ),
    ),
  ];
  const ids: string[] = [];
  for (const body of bodies) {
    const id = newId();
    ids.push(id);
    const log = journal.open(openingOf(id), body);
    log.append(wholeEnd());
    await readToEnd(log);
  }
  await journal.close();
  const database = new DatabaseSync(join(folder.path, 'record.db'), { readOnly: true });
  for (const [index, id] of ids.entries()) expect(loadRequest(database, id) ?? Buffer.alloc(0)).toEqual(bodies[index]);
  const count = database.prepare("SELECT count(*) AS n FROM pieces WHERE encoding = 'zstd'").get();
  expect(count).toEqual({ n: 20 });
  database.close();
  expect(statSync(join(folder.path, 'record.db')).size).toBeLessThan(200_000);
});

test('damage in the middle of a segment is reported and costs what it hit', async () => {
  using folder = testFolder();
  const log = join(folder.path, 'log');
  const answers = logOnly(log);
  const [hit, unhurt] = [newId(), newId()];
  for (const id of [hit, unhurt]) {
    const answer = answers.open(openingOf(id), Buffer.from('{}'));
    answer.append(bytesEntry(`one of ${id}`));
    answer.append(bytesEntry(`two of ${id}`));
    answer.append(wholeEnd());
    await turn();
  }
  const path = join(log, readdirSync(log)[0]!);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(`one of ${hit}`)] = 0;
  writeFileSync(path, bytes);
  const journal = await folder.journal();
  expect(await journal.get(unhurt)).toMatchObject({ state: 'complete', text: `one of ${unhurt}two of ${unhurt}` });
  expect(await journal.get(hit)).toMatchObject({ state: 'complete', text: `two of ${hit}`, hole: true });
  expect(folder.notices).toMatchObject([{ level: 'warning', message: expect.stringContaining('damaged') }]);
  await journal.close();
});

test('a log folder that was emptied by hand begins anew', async () => {
  using folder = testFolder();
  for (let round = 0; round < 3; round++) {
    const journal = await folder.journal();
    const log = journal.open(openingOf(newId()), Buffer.from('{}'));
    log.append(wholeEnd());
    await readToEnd(log);
    await journal.close();
    rmSync(join(folder.path, 'log'), { recursive: true });
  }
  const journal = await folder.journal();
  expect(await journal.list({ limit: 10 })).toHaveLength(3);
  await journal.close();
});
