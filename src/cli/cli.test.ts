import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { err, ok } from '../exchange/result.ts';
import { runCli } from './cli.ts';
import type { CliDeps, RunningApp } from './deps.ts';
import { EXIT } from './exit-code.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  out: string;
  note: string;
}

interface Stage {
  environment?: Record<string, string>;
  /** Ends a started server as soon as it listens for this. */
  interrupt?: boolean;
  build?: CliDeps['build'];
}

async function run(words: string, stage: Stage = {}): Promise<Ran> {
  let out = '';
  let note = '';
  const code = await runCli(words === '' ? [] : words.split(' '), {
    build: stage.build ?? (async () => err([{ message: 'not in this test', advice: 'Give it a build.' }])),
    version: '9.9.9',
    clock: systemClock,
    surroundings: {
      streams: { stdin: {}, stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (note += text) } },
      environment: stage.environment ?? {},
      workingFolder: folder,
      home: folder,
      platform: 'linux',
      nodeVersion: process.version,
      onSignal(signal, heard) {
        if (stage.interrupt && signal === 'SIGINT') setImmediate(heard);
        return () => {};
      },
    },
  });
  return { code, out, note };
}

function config(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('the command line', () => {
  it('shows what there is, also without a word', async () => {
    for (const words of ['', '--help', 'help']) {
      const { code, out } = await run(words);
      expect(code).toBe(EXIT.done);
      for (const command of ['start', 'drill', 'status', 'doctor', 'config']) expect(out).toContain(command);
    }
  });

  it.each(['start', 'drill', 'status', 'doctor', 'config'])('%s --help has examples', async (command) => {
    const { code, out } = await run(`${command} --help`);
    expect(code).toBe(EXIT.done);
    expect(out).toContain('EXAMPLES');
    expect(out).toContain(`understudy ${command}`);
    // oxlint-disable-next-line no-control-regex -- colours on what is no screen are what is looked for
    expect(out).not.toMatch(/\u001b/);
  });

  it('knows its version', async () => expect(await run('--version')).toMatchObject({ code: EXIT.done, out: '9.9.9\n' }));

  it.each([
    ['frobnicate', 'There is no command `frobnicate`'],
    ['drill --sed 1', 'There is no option --sed'],
    ['drill --seed', '--seed needs a value'],
    ['drill --json=yes', '--json takes no value'],
    ['drill --seed one', '--seed takes a whole number'],
    ['drill --script nope', 'There is no script `nope`'],
    ['drill --url not-a-url', 'is no URL'],
    ['status extra', '`extra` is one word too many'],
    ['start --port 99999', '--port 99999 is no port'],
    ['start --config nowhere.yaml', 'cannot be read (ENOENT)'],
    ['config frob', 'there are print, validate and schema'],
  ])('%s is refused with exit code 2 and a word of help', async (words, message) => {
    const { code, note } = await run(words);
    expect(note).toContain(message);
    expect(code).toBe(EXIT.usage);
  });
});

describe('config', () => {
  it('hides keys wherever it prints', async () => {
    const secret = 'sk-very-secret-0123456789';
    const file = config(
      'keys.yaml',
      `providers: { openai: { apiKey: \${MINE}, baseUrl: 'http://127.0.0.1:1/v1' } }\nroutes: { default: [openai/*] }\n`,
    );
    for (const words of ['config', 'config --json', 'config validate', 'doctor --json']) {
      const { out, note } = await run(`${words} --config ${file} --port 0`, { environment: { MINE: secret } });
      expect(out).toMatch(/openai|1 provider,/);
      expect(out + note).not.toContain(secret);
    }
  }, 20_000);

  it('names the line of what is wrong', async () => {
    const file = config('bad.yaml', 'server: { port: 4141 }\nrouts: {}\n');
    expect(await run(`config validate --config ${file}`)).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('bad.yaml:2') });
  });

  it('prints a JSON Schema', async () => {
    const { out } = await run('config schema');
    expect(JSON.parse(out)).toMatchObject({ properties: { routes: {}, providers: {} } });
  });
});

describe('status', () => {
  it('says with exit code 3 that nothing runs', async () => {
    expect(await run('status --url http://127.0.0.1:1')).toMatchObject({
      code: EXIT.notRunning,
      note: expect.stringContaining('understudy start'),
    });
  });
});

describe('start', () => {
  const app: RunningApp = {
    address: 'http://127.0.0.1:4999',
    status: () => ({
      version: '9.9.9',
      startedAt: 0,
      address: 'http://127.0.0.1:4999',
      data: folder,
      journal: { type: 'saving' },
      running: 0,
      routes: [],
      targets: [],
      backupSpend: { spent: 0, cap: '5/day' },
      notices: ['something to know'],
    }),
    close: async () => {},
    reload: () => ok({ needsRestart: [] }),
    subscribe: () => () => {},
  };

  it('prints its address, what to point at it, and how to add a key', async () => {
    const { code, out } = await run('start --no-drill', { interrupt: true, build: async () => ok(app) });
    expect(code).toBe(EXIT.done);
    expect(out).toMatch(/^Understudy is ready at http:\/\/127\.0\.0\.1:4999$/m);
    expect(out).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1:4999 claude');
    expect(out).toContain('OPENAI_BASE_URL=http://127.0.0.1:4999/v1');
    expect(out).toContain('There is no key yet');
    expect(out).toContain('sim/claude');
    expect(out).toContain('! something to know');
  });

  it('uses keys of the environment for nothing where nobody can be asked', async () => {
    let providers: string[] = [];
    const { out } = await run('start', {
      environment: { OPENAI_API_KEY: 'sk-very-secret-0123456789' },
      interrupt: true,
      build: async (settings) => {
        providers = Object.keys(settings.providers);
        return ok(app);
      },
    });
    expect(providers).toEqual([]);
    expect(out).toContain('nobody has agreed to use them');
    expect(out).not.toContain('sk-very-secret');
  });

  it('passes the data folder and port on', async () => {
    let seen: unknown;
    await run('start --no-drill --port 4222 --data somewhere', {
      interrupt: true,
      build: async (settings) => {
        seen = { port: settings.server.port, data: settings.data };
        return ok(app);
      },
    });
    expect(seen).toEqual({ port: 4222, data: join(folder, 'somewhere') });
  });

  it('says why it cannot start', async () => {
    expect(await run('start')).toMatchObject({ code: EXIT.failed, note: 'not in this test. Give it a build.\n' });
  });
});
