import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import { settingsOf } from '../sockets/house.ts';
import { startUnderstudy, type Understudy } from '../sockets/understudy.ts';
import { smallDisk } from './small-disk.ts';

// Before a disk is full it is said, and what is not essential waits, so that answers go on being saved; then it catches up by itself.

let sim: SimServer;
let folder: string;
beforeAll(async () => {
  sim = await startSim({ pace: { headers: 1, firstToken: 1, perToken: 1, scale: 1 } });
  folder = mkdtempSync(join(tmpdir(), 'understudy-space-'));
});
afterAll(async () => {
  await sim.close();
  rmSync(folder, { recursive: true, force: true });
});

async function get(understudy: Understudy, path: string): Promise<JsonObject> {
  return parseObject(await (await fetch(understudy.address + path)).text()) ?? {};
}

async function levelOf(understudy: Understudy): Promise<unknown> {
  const { space } = await get(understudy, '/api/status');
  return isObject(space) ? space['level'] : undefined;
}

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}

const disk = smallDisk('40m');

test.runIf(disk !== undefined)('a disk with little room left', { timeout: 300_000 }, async () => {
  const small = disk!.folder;
  const mirror = join(folder, 'mirror');
  const understudy = await startUnderstudy({
    folder: join(folder, 'home'),
    data: join(small, 'data'),
    config: {
      providers: { one: settingsOf('anthropic-messages', sim.url, 'sk-space') },
      routes: { default: ['one/*'] },
      archive: { mirror },
    },
  });
  const ask = async (about: string): Promise<string | null> => {
    const messages = [{ role: 'user', content: `${about} [sim words=20]` }];
    const body = JSON.stringify({ model: 'm', max_tokens: 1000, messages });
    const response = await fetch(`${understudy.address}/v1/messages`, { method: 'POST', body });
    expect(response.status).toBe(200);
    await response.text();
    return response.headers.get('x-understudy-journal');
  };
  const conversations = async (): Promise<number> => {
    const { conversations: found } = await get(understudy, '/api/conversations?limit=50');
    return Array.isArray(found) ? found.length : -1;
  };
  const pages = (): number =>
    existsSync(mirror) ? readdirSync(mirror, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).length : 0;
  try {
    expect(await ask('first things')).toBeNull();
    await eventually(async () => (await conversations()) === 1 && pages() > 0);
    expect(await levelOf(understudy)).toBe('plenty');
    const before = pages();

    const { bavail, bsize } = statfsSync(small);
    writeFileSync(join(small, 'filler'), Buffer.alloc(bavail * bsize - 900_000));
    await ask('second things');
    await eventually(async () => (await levelOf(understudy)) === 'critical');
    const { notices } = await get(understudy, '/api/status');
    expect(notices).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Little room: .* Mirror, search index and copies of transcripts wait/)]),
    );
    expect(understudy.said()).toContain('Little room');
    // Still saved, and nowhere else.
    expect(await ask('third things')).toBeNull();
    await eventually(async () => {
      const { exchanges } = await get(understudy, '/api/exchanges?limit=50');
      return Array.isArray(exchanges) && exchanges.filter((each) => isObject(each) && each['state'] === 'complete').length === 3;
    });
    expect(await conversations()).toBeLessThan(3);
    expect(await get(understudy, '/api/status')).toMatchObject({ journal: { type: 'saving' } });

    rmSync(join(small, 'filler'));
    await eventually(async () => (await conversations()) === 3 && pages() === before + 2);
    expect(await levelOf(understudy)).toBe('plenty');
  } finally {
    await understudy.stop();
    disk!.remove();
  }
});
