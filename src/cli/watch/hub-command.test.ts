import { mkdtempSync, rmSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Challenge } from '../../watch/crowd/hub-answers.ts';
import { type HubProcess, startHubProcess } from '../../watch/hub/testing/hub-process.ts';
import { type Installation, installation, type Said } from '../../watch/hub/testing/installation.ts';
import { runIn } from '../testing/run-in.ts';

let hub: HubProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-hub-cli-'));
  hub = await startHubProcess();
});

afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function post(body: string, from: string): Promise<string> {
  const response = await fetch(`${hub.address}/api/v1/reports`, { method: 'POST', body, headers: { 'x-forwarded-for': from } });
  const answer = (await response.json()) as { outcome?: string; error?: { code: string } };
  return answer.outcome ?? answer.error?.code ?? '';
}

async function body(who: Installation, from: string, said: Said = {}): Promise<string> {
  const given = await fetch(`${hub.address}/api/v1/challenge`, { headers: { 'x-forwarded-for': from } });
  return who.handedIn(who.report(said), (await given.json()) as Challenge);
}

async function state(product: string): Promise<string | undefined> {
  const reply = await fetch(`${hub.address}/api/v1/products/${product}`, { headers: { 'x-forwarded-for': '203.0.113.1' } });
  return ((await reply.json()) as { state: string }).state;
}

describe('a hub in a process of its own', { timeout: 30_000 }, () => {
  it('says that a surge from fifty networks is likely', async () => {
    for (let index = 0; index < 50; index++) {
      const from = `198.18.${index}.7`;
      expect(await post(await body(installation(), from), from)).toBe('counted');
    }
    await vi.waitFor(async () => expect(await state('anthropic/api')).toBe('likely'), { timeout: 20_000, interval: 300 });
  });

  it('counts fifty keys of one network, with evidence made up, and says nothing; the rest it does not take', async () => {
    const outcomes = [];
    for (let index = 0; index < 70; index++) {
      const from = `192.0.2.${index}`;
      const said = { product: 'openai/api', own: { attempts: 100, failures: 100 } };
      outcomes.push(await post(await body(installation(), from, said), from));
    }
    expect(outcomes.filter((each) => each === 'counted')).toHaveLength(50);
    expect(outcomes.filter((each) => each === 'slow-down')).toHaveLength(20);
    // Reports are looked at half a second after they came.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await state('openai/api')).toBe('none');
  });

  it('counts a report once, whoever brings it again', async () => {
    const said = { product: 'google/app' };
    const one = await body(installation(), '198.19.0.1', said);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => post(one, `198.19.${index}.1`)));
    expect(outcomes.toSorted((left, right) => (left < right ? -1 : 1))).toEqual([...Array<string>(19).fill('already'), 'counted']);
  });

  it('keeps no address, and goes on where it was', async () => {
    await hub.stop('keep');
    for (const file of readdirSync(hub.folder)) {
      const bytes = readFileSync(join(hub.folder, file)).toString('latin1');
      for (const trace of ['198.18.', '192.0.2.', '127.0.0.1']) expect([file, bytes.includes(trace)]).toEqual([file, false]);
    }
    hub = await startHubProcess([], hub.folder);
    expect(await state('anthropic/api')).toBe('likely');
  });
});

describe('understudy hub', () => {
  it.each([
    ['--port junk', 'is no port'],
    ['--host everywhere', 'is no address'],
    ['--trusted-proxy 10.0.0.1,proxy', '--trusted-proxy proxy is no address'],
    ['--sources people', 'neither networks nor keys'],
    ['--public-url hub', 'is no URL'],
    ['--work 60', 'no number from 0 to 22'],
  ])('does not start with %s', async (words, said) => {
    const ran = await runIn(folder, ['hub', ...words.split(' ')]);
    expect(ran).toMatchObject({ code: 2, out: '', note: expect.stringContaining(said) });
  });

  it('does not start twice with one folder', async () => {
    const ran = await runIn(folder, ['hub', '--port', '0', '--data', hub.folder]);
    expect(ran).toMatchObject({ code: 1, note: expect.stringContaining('A hub runs already') });
  });

  it('says why it cannot listen, and lets go of its folder', async () => {
    const { port } = new URL(hub.address);
    const ran = await runIn(folder, ['hub', '--port', port, '--data', join(folder, 'second')]);
    expect(ran).toMatchObject({ code: 1, note: expect.stringContaining('EADDRINUSE') });
    const again = await startHubProcess([], join(folder, 'second'));
    expect(await again.stop()).toBe(0);
  });
});
