import { createServer } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { err, ok } from '../exchange/result.ts';
import { lockFolder } from '../journal/lock.ts';
import { announce } from './announced.ts';
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
  it('has a line for each command, and 80 columns are enough for it, also in a clone', async () => {
    const { out } = await run('--help');
    const lines = out.split('Commands\n')[1]!.split('\n\n')[0]!.split('\n');
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => line.length > 80 - 'bin/'.length)).toEqual([]);
  });

  it('shows what there is, also without a word', async () => {
    for (const words of ['', '--help', 'help']) {
      const { code, out } = await run(words);
      expect(code).toBe(EXIT.done);
      for (const command of ['start', 'run', 'drill', 'status', 'doctor', 'config', 'login', 'logout', 'statusline'])
        expect(out).toContain(command);
    }
  });

  it.each(['start', 'run', 'drill', 'status', 'doctor', 'config', 'login', 'logout', 'statusline'])(
    '%s --help has examples',
    async (command) => {
      const { code, out } = await run(`${command} --help`);
      expect(code).toBe(EXIT.done);
      expect(out).toContain('EXAMPLES');
      expect(out).toContain(`understudy ${command}`);
      // oxlint-disable-next-line no-control-regex -- colours on what is no screen are what is looked for
      expect(out).not.toMatch(/\u001b/);
    },
  );

  it('knows its version', async () => expect(await run('--version')).toMatchObject({ code: EXIT.done, out: '9.9.9\n' }));

  it.each([
    ['frobnicate', 'There is no command `frobnicate`'],
    ['drill --sed 1', 'There is no option --sed. Did you mean --seed?'],
    ['strat', 'Did you mean start?'],
    ['run --drect claude', 'There is no option --drect. Did you mean --direct?'],
    ['run claudd --drect', 'did you mean claude?'],
    ['drill --script everything-dwn', 'Did you mean everything-down?'],
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

  it.each(['', ' --json'])('does not take anything else that answers for an Understudy%s', async (json) => {
    const answers = ['{"version":"1","ok":true}', '[]', 'null', '<html></html>'];
    const server = createServer((_request, response) => response.end(answers.shift()));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    while (answers.length > 0) {
      expect(await run(`status --url ${url}${json}`)).toEqual({
        code: EXIT.notRunning,
        out: '',
        note: `What answers at ${url} is not Understudy.\n`,
      });
    }
    server.close();
  });

  it('needs no key of the configuration', async () => {
    const file = config('unset.yaml', UNSET);
    expect(await run(`status --config ${file}`)).toMatchObject({ code: EXIT.notRunning, note: expect.stringContaining('Nothing answers') });
  });

  it('does not report the server of another data folder', async () => {
    const { code, note } = await run(`status --data ${join(folder, 'not-there')}`);
    expect(code).toBe(EXIT.notRunning);
    expect(note).toContain(`No Understudy runs with the data folder ${join(folder, 'not-there')}`);
  });
});

/** Keys that this terminal does not have: one by reference, one by the usual variable; the token too. */
const UNSET = `server: { port: 1, token: '\${TOKEN_THAT_IS_UNSET}' }
providers: { openai: { apiKey: '\${KEY_THAT_IS_UNSET}', baseUrl: 'http://127.0.0.1:1/v1' }, groq: { models: [x], baseUrl: 'https://api.groq.com/openai/v1' } }
routes: { default: [openai/*, groq/x] }
`;

describe('a key that is not set in this terminal', () => {
  it('is a warning of the doctor, who goes on and shows the stand-in to nobody', async () => {
    const file = config('unset-doctor.yaml', UNSET.replace(/, groq: .*models.*}/, ' }').replace(', groq/x', ''));
    const { out } = await run(`doctor --probe --config ${file}`);
    expect(out).toContain('! keys: KEY_THAT_IS_UNSET is not set in this terminal; a running server may have it');
    expect(out).toContain('port:');
    expect(out).toContain('route default: openai/*');
    expect(out).not.toContain('the key (status');
  });

  it('is why start refuses, with advice that is no default', async () => {
    const { code, note } = await run(`start --config ${config('unset-start.yaml', UNSET)}`);
    expect(code).toBe(EXIT.usage);
    expect(note).toContain('run `export KEY_THAT_IS_UNSET=…` and start again, or take openai out of providers and routes');
    expect(note).not.toContain('KEY_THAT_IS_UNSET:-');
  });
});

describe('drill', () => {
  it('fails, and says so, when errors are clean but not one answer came', async () => {
    const script = `name: Nothing works
from: 2026-03-03T09:00:00Z
until: 2026-03-03T10:00:00Z
lasts: 600ms
perSecond: 10
retries: 0
assistants: { lead: { dialect: openai-chat, port: 21473, pace: 0 } }
routes: { default: [lead/*] }
traffic: [{ dialect: openai-chat, model: gpt-5.6, straight: lead/gpt-5.6, words: 3 }]
events: [{ at: '09:00', who: lead/*, fault: '529' }]
`;
    // Asked at the lead itself, as at an Understudy that has nobody else.
    const { code, out } = await run(`drill --script ${config('nothing.yaml', script)} --url http://127.0.0.1:21473`);
    expect(out).toMatch(/Errors through Understudy:\n +\d+ x \S+/);
    expect(out).toContain('NOT ONE ANSWER CAME WHOLE');
    expect(code).toBe(EXIT.failed);
  });
});

describe('doctor', () => {
  it('says what is wrong with a data folder and a port', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { out, code } = await run(`doctor --port ${port} --data ${config('a-file', '')}`);
    server.close();
    expect(code).toBe(EXIT.failed);
    expect(out).toContain('a-file is a file, not a folder');
    expect(out).toContain(`✗ port: 127.0.0.1:${port} is taken by another program`);
  });

  it('tells the port that was asked about from the one of the running server', async () => {
    const data = join(folder, 'held');
    mkdirSync(data);
    const lock = lockFolder(data, { pid: 77, started: 0, address: 'http://127.0.0.1:4999' });
    const { out } = await run(`doctor --port 0 --data ${data}`);
    if (lock.ok) lock.value.release();
    expect(out).toContain('127.0.0.1:0 is free, but the Understudy of this data folder serves at http://127.0.0.1:4999, process 77');
  });

  it('says that provider/model is asked of nobody else', async () => {
    const file = config('exact.yaml', `providers: { ollama: {} }\nroutes: { default: { targets: [ollama/*], never: [] } }\n`);
    expect((await run(`doctor --config ${file} --model ollama/x`)).out).toContain('model ollama/x: asks exactly this target');
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
      deferred: 0,
      routes: [],
      targets: [],
      away: {},
      spend: [],
      notices: ['something to know'],
    }),
    close: async () => {},
    reload: () => ok({ needsRestart: [] }),
    subscribe: () => () => {},
    onAlert: () => () => {},
    onLocal: () => () => {},
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

  it('says first of all that one runs already', async () => {
    const data = join(folder, 'busy');
    mkdirSync(data);
    const lock = lockFolder(data, { pid: 78, started: 0, address: 'http://127.0.0.1:4141' });
    const { code, note } = await run(`start --data ${data}`);
    if (lock.ok) lock.value.release();
    expect(code).toBe(EXIT.failed);
    expect(note).toMatch(/^Understudy runs already at http:\/\/127\.0\.0\.1:4141 \(process 78\)/);
  });

  it('does not serve unsaved because its data folder is a file', async () => {
    const { code, note } = await run(`start --data ${join(config('file', ''), 'below')}`, { build: async () => ok(app) });
    expect(note).toContain('file is a file. Give a folder with --data DIR');
    expect(code).toBe(EXIT.usage);
  });

  it('names the token in what it says to type, and does not show it', async () => {
    const file = config('token.yaml', 'server: { token: abcdefghijklmnopqrstuvwx }\n');
    const { out } = await run(`start --config ${file}`, { interrupt: true, build: async () => ok(app) });
    expect(out).toContain("ANTHROPIC_API_KEY='<server.token>' claude");
    expect(out).toContain("OPENAI_API_KEY='<server.token>'");
    expect(out).not.toContain('abcdefghijkl');
  });

  it('says which configuration and data folder are in force', async () => {
    const file = config('which.yaml', 'server: { port: 4141 }\n');
    const { out } = await run(`start --config ${file}`, { interrupt: true, build: async () => ok(app) });
    expect(out).toContain(`Configuration: ${file}. All questions and answers are kept in ${folder}.`);
  });

  it('says who has the port where that is another Understudy, and starts nothing', async () => {
    const data = join(folder, 'neighbour');
    mkdirSync(data, { recursive: true });
    const lock = lockFolder(data, { pid: 4242, started: 1 });
    const unannounce = announce(
      { address: 'http://127.0.0.1:4198', pid: 4242, data, started: 1 },
      { environment: {}, home: folder, platform: 'linux' },
    );
    const { code, note } = await run(`start --port 4198 --data ${join(folder, 'mine')}`);
    unannounce();
    if (lock.ok) lock.value.release();
    expect(code).toBe(EXIT.failed);
    expect(note).toContain(`Understudy runs already at http://127.0.0.1:4198 (process 4242), with another data folder: ${data}.`);
  });

  it('takes a configuration that is written after the start, names it, and keeps to it', async () => {
    const home = mkdtempSync(join(folder, 'late-'));
    const seen: string[][] = [];
    let hup = (): void => {};
    let end = (): void => {};
    let out = '';
    const done = new Promise<number>((resolve) => {
      void runCli(['start', '--no-drill', '--data', home], {
        build: async () =>
          ok({
            ...app,
            reload(settings) {
              seen.push(Object.keys(settings.routes));
              return ok({ needsRestart: ['server.port'] });
            },
          }),
        version: '9.9.9',
        clock: systemClock,
        surroundings: {
          streams: { stdin: {}, stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (out += text) } },
          environment: {},
          workingFolder: home,
          home,
          platform: 'linux',
          nodeVersion: process.version,
          onSignal(signal, heard) {
            if (signal === 'SIGHUP') hup = heard;
            if (signal === 'SIGINT') end = heard;
            return () => {};
          },
        },
      }).then(resolve);
    });
    while (!out.includes('Serving at')) await new Promise((next) => setImmediate(next));
    expect(out).toContain(`Write ${join(home, 'understudy.yaml')} or ${join(home, '.config/understudy/understudy.yaml')}`);
    writeFileSync(join(home, 'understudy.yaml'), 'providers: { ollama: {} }\nroutes: { default: [ollama/x] }\n');
    hup();
    end();
    expect(await done).toBe(EXIT.done);
    expect(seen).toEqual([['default']]);
    expect(out).toMatch(/\d\d:\d\d:\d\d {2}Found .*understudy\.yaml; in force for new requests, except server\.port/);
  });

  it('says why it cannot start', async () => {
    expect(await run('start')).toMatchObject({ code: EXIT.failed, note: 'not in this test. Give it a build.\n' });
  });
});
