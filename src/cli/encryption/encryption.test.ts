import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from '../testing/run-in.ts';

/** Asked here and nowhere else; the simulated assistant repeats nothing of it. */
const CANARY = 'zephyrquokka';
const PROGRAM = fileURLToPath(new URL('../../../bin/understudy', import.meta.url));

let home: string;
let data: string;
let phrase: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-encryption-'));
  data = join(home, 'data');
  phrase = join(home, 'phrase');
  writeFileSync(phrase, 'correct horse battery\n', { mode: 0o600 });
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const run = (words: string[], file: string | undefined = phrase) =>
  runIn(home, [...words, '--data', data], file === undefined ? {} : { UNDERSTUDY_PASSPHRASE_FILE: file });
const locked = (words: string[]) => runIn(home, [...words, '--data', data]);

interface Server {
  child: ChildProcess;
  address: string;
}

async function start(environment: Record<string, string>): Promise<Server> {
  const child = spawn(process.execPath, [PROGRAM, 'start', '--no-drill', '--port', '0', '--data', data], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  for await (const piece of child.stdout) {
    said += String(piece);
    const address = /ready at (http:\/\/\S+)/.exec(said)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error(`it did not start: ${said}`);
}

async function ask({ address }: Server, question: string): Promise<Response> {
  const answer = await fetch(`${address}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'sim/claude', max_tokens: 50, stream: true, messages: [{ role: 'user', content: question }] }),
  });
  const text = await answer.text();
  expect(text).toContain('message_stop');
  return answer;
}

async function end({ child }: Server, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  // Two signals at once are what npm makes of one; it waits for the second.
  await ended;
}

/** Files in the data folder in whose bytes the canary is. */
function singing(): string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(CANARY));
}

describe('understudy encryption', () => {
  let code: string;

  it('encrypts what there is, and says a recovery code', async () => {
    const server = await start({});
    await ask(server, `what is a ${CANARY}?`);
    expect(singing()).not.toEqual([]);
    expect(await run(['encryption', 'on'])).toMatchObject({ code: 1, note: expect.stringContaining('Stop it first') });
    await end(server, 'SIGTERM');
    expect(await run(['encryption', 'status'])).toMatchObject({ code: 0, out: expect.stringContaining('is not encrypted') });
    expect(await locked(['encryption', 'on'])).toMatchObject({ code: 2, note: expect.stringContaining('--new-passphrase-file') });
    const on = await run(['encryption', 'on']);
    expect(on.code).toBe(0);
    code = / {2}((?:[0-9A-Z]{4}-){7}[0-9A-Z]{4})/.exec(on.out)![1]!;
    expect(singing()).toEqual([]);
    expect(await run(['encryption', 'on'])).toMatchObject({ code: 2, note: expect.stringContaining('already') });
    const status = await locked(['encryption', 'status', '--json']);
    expect(JSON.parse(status.out)).toMatchObject({ encrypted: true, ways: ['passphrase', 'recovery'], opensUnasked: false, inPlain: [] });
  }, 60_000);

  it('a server that knows the passphrase saves, and no byte says what; killed and started again, all is there', async () => {
    const first = await start({ UNDERSTUDY_PASSPHRASE_FILE: phrase });
    const answer = await ask(first, `and where does the ${CANARY} sleep?`);
    expect(answer.headers.get('x-understudy-journal')).toBeNull();
    expect(singing()).toEqual([]);
    await end(first, 'SIGKILL');
    expect(singing()).toEqual([]);
    const listed = await run(['conversations', '--everything', '--json']);
    expect(listed.code).toBe(0);
    expect(listed.out.match(new RegExp(CANARY, 'g'))!.length).toBeGreaterThanOrEqual(2);
    expect((await run(['search', CANARY])).out).toContain(CANARY);
    const again = await start({ UNDERSTUDY_PASSPHRASE_FILE: phrase });
    const known = (await (await fetch(`${again.address}/api/exchanges`)).json()) as { exchanges: { state: string }[] };
    expect(known.exchanges.map(({ state }) => state)).toEqual(['complete', 'complete']);
    await end(again, 'SIGTERM');
    expect(singing()).toEqual([]);
  }, 60_000);

  it('one that does not know it answers, saves nothing, and says so', async () => {
    const before = readdirSync(data, { recursive: true, encoding: 'utf8' }).toSorted();
    const server = await start({});
    const answer = await ask(server, `nobody hears of the ${CANARY}`);
    expect(answer.headers.get('x-understudy-journal')).toBe('degraded');
    const status = (await (await fetch(`${server.address}/api/status`)).json()) as {
      journal: { type: string; reason: string; action: string };
    };
    expect(status.journal).toMatchObject({
      type: 'degraded',
      reason: expect.stringContaining('is encrypted'),
      action: expect.stringContaining('UNDERSTUDY_PASSPHRASE_FILE'),
    });
    await end(server, 'SIGTERM');
    expect(singing()).toEqual([]);
    expect(readdirSync(data, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(before);
    expect(await locked(['search', CANARY])).toMatchObject({ code: 1, note: expect.stringContaining('its key is not known here') });
  }, 60_000);

  it('opens with the recovery code, and with a new passphrase instead of the old', async () => {
    const paper = join(home, 'paper');
    writeFileSync(paper, code.toLowerCase(), { mode: 0o600 });
    const other = join(home, 'other');
    writeFileSync(other, 'quite another passphrase', { mode: 0o600 });
    expect((await run(['search', CANARY], paper)).code).toBe(0);
    const files = readFileSync(join(data, 'archive.db'));
    expect(await run(['encryption', 'passphrase', '--new-passphrase-file', other], paper)).toMatchObject({ code: 0 });
    expect(readFileSync(join(data, 'archive.db')).equals(files)).toBe(true);
    expect(await run(['search', CANARY])).toMatchObject({ code: 1, note: expect.stringContaining('does not open') });
    expect((await run(['search', CANARY], other)).code).toBe(0);
    chmodSync(other, 0o644);
    expect(await run(['search', CANARY], other)).toMatchObject({ code: 1, note: expect.stringContaining('chmod 600') });
    chmodSync(other, 0o600);
    const renewed = await run(['encryption', 'recovery'], other);
    expect(renewed.code).toBe(0);
    expect(await run(['search', CANARY], paper)).toMatchObject({ code: 1 });
    phrase = other;
  }, 60_000);

  it('backs up encrypted, and is turned off again', async () => {
    expect(await run(['backup'])).toMatchObject({ code: 0 });
    expect(singing()).toEqual([]);
    const [made] = readdirSync(join(data, 'backups'));
    const path = join(data, 'backups', made!);
    expect(await run(['backup', 'verify', path])).toMatchObject({ code: 0, note: '' });
    expect(await locked(['backup', 'verify', path])).toMatchObject({ code: 0, note: expect.stringContaining('were not looked into') });
    expect(await run(['encryption', 'off'])).toMatchObject({ code: 2, note: expect.stringContaining('--yes') });
    expect(await run(['encryption', 'off', '--yes'])).toMatchObject({ code: 0 });
    expect((await locked(['search', CANARY])).code).toBe(0);
    expect(singing()).not.toEqual([]);
  }, 60_000);
});
