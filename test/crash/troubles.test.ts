import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { wireReader } from '../../src/drill/wire-reader.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import { settingsOf } from '../sockets/house.ts';
import { runUnderstudy, startUnderstudy, type Understudy, type UnderstudyOptions } from '../sockets/understudy.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';

// A disk that fails never costs an answer: either the start says what is wrong, or answers go on and say that they are not saved.

let sim: SimServer;
let folder: string;
beforeAll(async () => {
  sim = await startSim({ pace: { headers: 1, firstToken: 1, perToken: 1, scale: 1 } });
  folder = mkdtempSync(join(tmpdir(), 'understudy-troubles-'));
});
afterAll(async () => {
  await sim.close();
  rmSync(folder, { recursive: true, force: true });
});

const running: Understudy[] = [];
const disks: SmallDisk[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
  for (const each of disks.splice(0)) each.remove();
});

function options(data: string): UnderstudyOptions {
  const providers = { one: settingsOf('anthropic-messages', sim.url, 'sk-troubles') };
  return { folder: join(folder, 'home'), data, config: { providers, routes: { default: ['one/*'] }, journal: { keepAfterEnd: '100ms' } } };
}

async function start(data: string): Promise<Understudy> {
  const understudy = await startUnderstudy(options(data));
  running.push(understudy);
  return understudy;
}

interface Answered {
  exchange: string;
  whole: boolean;
  journal: string | null;
}

/** One streamed answer; `size`: characters of the question. */
async function ask(understudy: Understudy, size = 10): Promise<Answered> {
  const messages = [{ role: 'user', content: `${'why? '.repeat(size / 5)} [sim words=20]` }];
  const response = await fetch(`${understudy.address}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', max_tokens: 1000, stream: true, messages }),
  });
  const reader = wireReader('anthropic-messages');
  reader.push(await response.text());
  return {
    exchange: response.headers.get('x-understudy-exchange') ?? '',
    whole: reader.reading.finished && reader.reading.text.length > 20,
    journal: response.headers.get('x-understudy-journal'),
  };
}

async function get(understudy: Understudy, path: string): Promise<JsonObject> {
  return parseObject(await (await fetch(understudy.address + path)).text()) ?? {};
}

async function journalOf(understudy: Understudy): Promise<JsonObject> {
  const { journal } = await get(understudy, '/api/status');
  return isObject(journal) ? journal : {};
}

/** Waits for what happens by itself, such as folding. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('a second server on the same folder does not start and says who is there; the first one goes on', { timeout: 60_000 }, async () => {
  const data = join(folder, 'twice');
  const first = await start(data);
  const second = await runUnderstudy(['start', '--port', '0', '--no-drill'], options(data));
  expect(second.code).toBe(1);
  expect(second.said).toContain(`(process ${first.pid})`);
  expect(second.said).toContain('--data DIR');
  expect(await ask(first)).toMatchObject({ whole: true, journal: null });
  await first.kill();
  expect(await ask(await start(data))).toMatchObject({ whole: true, journal: null });
});

describe('a record that was spoilt between two runs', () => {
  async function spoilt(name: string, spoil: (path: string) => void): Promise<{ understudy: Understudy; path: string }> {
    const data = join(folder, name);
    const path = join(data, 'record.db');
    const before = await start(data);
    expect((await ask(before)).whole).toBe(true);
    await before.stop();
    for (const side of ['-wal', '-shm']) expect(existsSync(path + side)).toBe(false);
    spoil(path);
    return { understudy: await start(data), path };
  }

  const ways: [string, (path: string) => void][] = [
    ['overwritten with something else', (path) => writeFileSync(path, Buffer.alloc(40_000, 'no database '))],
    ['cut off', (path) => truncateSync(path, 3000)],
  ];
  test.each(ways)(
    '%s: it is said, answers go on and are saved, and are there when the record is moved away',
    { timeout: 60_000 },
    async (how, spoil) => {
      const { understudy, path } = await spoilt(`spoilt, ${how}`, spoil);
      const answered = await ask(understudy);
      expect(answered).toMatchObject({ whole: true, journal: null });
      const { type, record } = await journalOf(understudy);
      expect(type).toBe('saving');
      expect(record).toMatchObject({ reason: expect.stringContaining(path) as string, action: expect.stringContaining('move') as string });
      expect(understudy.said()).toContain('record');
      await understudy.kill();
      renameSync(path, `${path}.spoilt`);
      const mended = await start(understudy.data);
      expect((await get(mended, `/api/exchanges/${answered.exchange}`))['state']).toBe('complete');
    },
  );

  test('emptied: it is begun anew', { timeout: 60_000 }, async () => {
    const { understudy } = await spoilt('emptied', (path) => truncateSync(path, 0));
    const answered = await ask(understudy);
    expect(answered).toMatchObject({ whole: true, journal: null });
    expect(await journalOf(understudy)).toEqual({ type: 'saving' });
    await eventually(async () => (await get(understudy, `/api/exchanges/${answered.exchange}`))['state'] === 'complete');
  });
});

test('a full disk suspends saving, says so, and answers go on; with room again they are saved again', { timeout: 120_000 }, async () => {
  const disk = smallDisk('6m');
  if (!disk)
    return console.log('not run: this machine does not let us mount a small disk (src/journal has the same with injected failures)');
  disks.push(disk);
  const understudy = await start(join(disk.folder, 'data'));
  const first = await ask(understudy);
  expect(first).toMatchObject({ whole: true, journal: null });

  const filler = join(disk.folder, 'filler');
  fill(disk.folder, filler, 100_000);
  const answers: Answered[] = [];
  for (let count = 0; count < 12; count++) answers.push(await ask(understudy, 50_000));
  expect(answers.filter(({ whole }) => !whole)).toEqual([]);
  expect(answers.at(-1)!.journal).toBe('degraded');
  expect(await journalOf(understudy)).toMatchObject({ type: 'degraded', reason: expect.stringContaining('full') as string });

  rmSync(filler);
  await eventually(async () => {
    await ask(understudy);
    return (await journalOf(understudy))['type'] === 'saving';
  });
  const last = await ask(understudy);
  expect(last).toMatchObject({ whole: true, journal: null });
  await understudy.kill();
  const again = await start(join(disk.folder, 'data'));
  for (const { exchange } of [first, last]) expect((await get(again, `/api/exchanges/${exchange}`))['state']).toBe('complete');
});

/** Until no more than so many bytes are free: what Understudy does in the background takes some of them, too. */
function fill(folder: string, filler: string, left: number): void {
  for (;;) {
    const { bavail, bsize } = statfsSync(folder);
    const room = bavail * bsize - left;
    if (room <= 0) return;
    try {
      appendFileSync(filler, Buffer.alloc(Math.min(room, 64 * 1024)));
    } catch {
      return;
    }
  }
}

test('a disk that is full at the start, or read-only, serves without saving and says so', { timeout: 60_000 }, async () => {
  const disk = smallDisk('3m');
  if (!disk)
    return console.log('not run: this machine does not let us mount a small disk (src/journal has the same with injected failures)');
  disks.push(disk);
  const data = join(disk.folder, 'data');
  const filled = await start(data);
  await filled.stop();
  const { bavail, bsize } = statfsSync(disk.folder);
  writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(bavail * bsize));
  const full = await start(data);
  expect((await ask(full, 50_000)).whole).toBe(true);
  expect(await ask(full)).toMatchObject({ whole: true, journal: 'degraded' });
  await full.stop();

  disk.readOnly(true);
  const readOnly = await start(data);
  expect(await ask(readOnly)).toMatchObject({ whole: true, journal: 'degraded' });
  expect(await journalOf(readOnly)).toMatchObject({ type: 'degraded', reason: expect.stringContaining('read-only') as string });
  expect(readOnly.said()).toContain('--data DIR');
});
