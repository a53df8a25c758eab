import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { err } from '../exchange/result.ts';
import { simulateIdentity, type SimulatedIdentity } from '../providers/sign-in/identity-server.fixtures.ts';
import { runCli } from './cli.ts';
import { EXIT } from './exit-code.ts';

let home: string;
let world: SimulatedIdentity | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-login-'));
});
afterEach(async () => {
  await world?.close();
  world = undefined;
  rmSync(home, { recursive: true, force: true });
});

const file = (): string => join(home, '.config', 'understudy', 'understudy.yaml');

function write(text: string): void {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), text);
}

async function run(words: string, stage: { interrupt?: boolean } = {}): Promise<{ code: number; out: string; note: string }> {
  let out = '';
  let note = '';
  const code = await runCli(words.split(' '), {
    build: async () => err([{ message: 'not in this test', advice: '' }]),
    version: '9.9.9',
    clock: systemClock,
    ...(world && { identity: world.identity }),
    openPage: (url) => void (stage.interrupt ? undefined : world?.browse(url).catch(() => undefined)),
    surroundings: {
      streams: { stdin: {}, stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (note += text) } },
      environment: {},
      workingFolder: home,
      home,
      platform: 'linux',
      nodeVersion: process.version,
      onSignal(signal, heard) {
        const stop = stage.interrupt && signal === 'SIGINT' ? setTimeout(heard, 50) : undefined;
        return () => clearTimeout(stop);
      },
    },
  });
  return { code, out, note };
}

describe('login claude-code', () => {
  it('shows the terms and changes nothing where nobody can be asked', async () => {
    const { code, note } = await run('login claude-code');
    expect(code).toBe(EXIT.usage);
    expect(note).toContain('https://code.claude.com/docs/en/legal-and-compliance');
    expect(note).toContain('ask Anthropic');
    expect(note).toContain('--accept-terms');
    expect(existsSync(file())).toBe(false);
  });

  it('writes the setting for whoever has agreed, shows the terms all the same, and takes it out again', async () => {
    write('providers: { anthropic: {}, openai: { apiKey: "${OPENAI_API_KEY}" } }\n');
    const { code, out, note } = await run('login claude-code --accept-terms');
    expect(code).toBe(EXIT.done);
    expect(note).toContain("Anthropic's terms");
    expect(out).toContain('Written: providers.anthropic.subscription: pass-through');
    expect(readFileSync(file(), 'utf8')).toContain('anthropic: { subscription: pass-through }');
    expect((await run('doctor --json')).out).toContain('login of your own Claude Code goes along');
    expect((await run('logout claude-code')).code).toBe(EXIT.done);
    expect(readFileSync(file(), 'utf8')).not.toContain('subscription');
  });

  it('does not write it beside a key, or for a server that others reach', async () => {
    for (const text of [
      'providers: { anthropic: { apiKey: sk-ant-api03-x } }\n',
      'server: { host: 0.0.0.0, token: a-token-of-some-length }\n',
    ]) {
      write(text);
      expect(await run('login claude-code --accept-terms')).toMatchObject({
        code: EXIT.usage,
        note: expect.stringContaining('Nothing was changed') as string,
      });
      expect(readFileSync(file(), 'utf8')).toBe(text);
    }
  });
});

describe('login chatgpt', () => {
  beforeEach(async () => {
    world = await simulateIdentity();
  });

  it('signs in by the browser, writes the provider, tells who it is, and signs out', async () => {
    const signedIn = await run('login chatgpt');
    expect(signedIn).toMatchObject({
      code: EXIT.done,
      out: expect.stringContaining('Signed in with ChatGPT as someone@example.com') as string,
    });
    expect(signedIn.note).toContain(`${world!.identity.authorize}?`);
    expect(readFileSync(file(), 'utf8')).toContain('chatgpt: {}');
    const doctor = (await run('doctor --json')).out;
    expect(doctor).toMatch(
      /signed in with ChatGPT as someone@example\.com; renewed by itself when it is used, and else over on \d{4}-\d\d-\d\d/,
    );
    expect(doctor + signedIn.out + signedIn.note).not.toMatch(/plan-(?:access|refresh)/);
    expect(await run('logout chatgpt')).toMatchObject({
      code: EXIT.done,
      out: expect.stringContaining('no longer good at OpenAI') as string,
    });
    expect((await run('doctor --json')).out).toContain('nobody is signed in with ChatGPT');
    expect(await run('logout chatgpt')).toMatchObject({ code: EXIT.done, out: 'Nobody was signed in with ChatGPT.\n' });
  });

  it('says why it came to nothing', async () => {
    world!.script.denies = true;
    expect(await run('login chatgpt')).toMatchObject({
      code: EXIT.failed,
      note: expect.stringContaining('You are not signed in: you said no') as string,
    });
    expect(await run('login chatgpt', { interrupt: true })).toMatchObject({ code: EXIT.interrupted });
  });

  it('is refused where the server is there for others too', async () => {
    write('server: { host: 0.0.0.0, token: a-token-of-some-length }\n');
    expect(await run('login chatgpt')).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('for its owner alone') as string });
    expect(world!.authorizations).toEqual([]);
    write('server: { host: 0.0.0.0, token: a-token-of-some-length }\nproviders: { chatgpt: {} }\n');
    expect(await run('config validate')).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('is for you alone') as string });
  });
});

it('login --list says what there is, and what becomes of other accounts', async () => {
  const { code, out } = await run('login --list');
  expect(code).toBe(EXIT.done);
  for (const word of ['login chatgpt', 'login claude-code', 'Google account', 'GitHub Copilot', 'local models'])
    expect(out).toContain(word);
  expect(await run('login claude')).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('did you mean') as string });
});
