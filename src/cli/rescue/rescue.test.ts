import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { firstConfig } from '../../config/write.ts';
import { loadConfig } from '../../config/load.ts';
import { claude } from '../clients/claude.ts';
import { EXIT } from '../exit-code.ts';
import { runIn } from '../testing/run-in.ts';
import type { Incident } from '../../watch/incident.ts';
import type { Board } from '../../watch/questions.ts';
import { standInServices, type StandInService } from './local-models.ts';
import { waysOn, type Scene, type Way } from './ways.ts';
import { outageLines } from './words.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-rescue-')));
const bin = join(folder, 'bin');
const project = join(folder, 'project');
const session = '0b3d1f7e-1111-4222-8333-444455556666';
const closing: (() => void)[] = [];

beforeAll(() => {
  for (const each of [bin, project]) mkdirSync(each);
  // Programs that write down how they were started.
  for (const name of ['claude', 'codex']) program(name, `{ printf '${name}'; printf '<%s>' "$@"; } > '${join(folder, 'told')}'`);
  const line = (more: object): string =>
    `${JSON.stringify({ sessionId: session, cwd: project, version: '2.1.330', timestamp: '2026-06-02T06:05:00.000Z', ...more })}\n`;
  write(
    join(folder, '.claude', 'projects', project.replace(/[^a-zA-Z0-9]/g, '-'), `${session}.jsonl`),
    line({ type: 'user', uuid: 'u1', parentUuid: null, message: { role: 'user', content: 'Rename the parser' } }) +
      line({
        type: 'assistant',
        uuid: 'a1',
        parentUuid: 'u1',
        message: {
          id: 'm1',
          role: 'assistant',
          model: 'claude-opus-5-5',
          content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'git mv a b' } }],
          usage: { input_tokens: 40_000, output_tokens: 5 },
        },
      }) +
      line({
        type: 'assistant',
        uuid: 'e1',
        parentUuid: 'a1',
        isApiErrorMessage: true,
        message: { id: 'e1', role: 'assistant', model: '<synthetic>', content: [{ type: 'text', text: 'API Error: 529 Overloaded' }] },
      }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function program(name: string, line: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(bin, name), 0o755);
}

function serve(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  closing.push(() => server.close());
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
}

/** What runs on the machine of whoever tests is no part of it. */
const environment = { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, UNDERSTUDY_LOCAL: 'off' };
const scene = (more: Partial<Scene>, variables: Record<string, string> = {}): Scene => {
  const surroundings = {
    streams: { stdin: {}, stdout: { write: () => true }, stderr: { write: () => true } },
    environment: { ...environment, ...variables },
    workingFolder: project,
    home: folder,
    platform: 'linux' as const,
    nodeVersion: process.version,
    onSignal: () => () => {},
  };
  const loaded = loadConfig(surroundings);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return {
    client: claude,
    model: 'claude-opus-5-5',
    tokens: 40_000,
    loaded: loaded.value,
    local: [],
    surroundings,
    read: () => undefined,
    ...more,
  };
};
const place = (baseUrl: string): Omit<StandInService, 'models'> => ({ provider: 'ollama', title: 'Ollama', baseUrl });
const names = (ways: readonly Way[]): string[] => ways.map((way) => (way.type === 'chat' ? way.to : `${way.type} ${way.client.name}`));

describe('who can carry on', () => {
  it('without keys, models or logins: the web chats of others', () => {
    expect(names(waysOn(scene({})))).toEqual(['chatgpt', 'gemini.google.com']);
  });

  it('with a key in the environment: the same session, with what a turn would cost, after being asked', () => {
    const [way] = waysOn(scene({}, { OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij' }));
    expect(way).toMatchObject({ type: 'resume', standIns: [{ receiver: 'OpenAI', dollars: expect.any(Number) }] });
    const { config, standIns } = way as Extract<Way, { type: 'resume' }>;
    expect(config?.providers.map(({ name }) => name)).toEqual(['openai']);
    expect(standIns[0]!.target).toMatch(/^openai\//);
  });

  it('with a model on this machine: for nothing, and nothing leaves it', () => {
    const [way] = waysOn(scene({ local: [{ ...place('http://127.0.0.1:11434/v1'), models: ['qwen3:8b'] }] }));
    expect(way).toMatchObject({
      type: 'resume',
      standIns: [{ target: 'ollama/qwen3:8b', receiver: 'Ollama, on this machine', dollars: 0 }],
    });
  });

  it('another CLI that is signed in', () => {
    const ways = waysOn(
      scene({ read: (path) => (path === join(folder, '.codex', 'auth.json') ? '{"tokens":{"id_token":"x"}}' : undefined) }),
    );
    expect(names(ways)[0]).toBe('hand-over codex');
  });
});

describe('what is known', () => {
  const PAGE = { page: 'anthropic', url: 'https://status.claude.com', family: 'statuspage' as const };
  const paint = new Proxy({}, { get: () => (text: string) => text });
  const said = (official: Board): string =>
    outageLines({ type: 'answered', pending: [], errors: [] }, undefined, official, { paint, width: 400 } as never).join(' ');

  it('is what the official page says, or that it says nothing', () => {
    const judged = { key: 'anthropic/code', title: 'Claude Code', since: 1, score: 4, evidence: [], summary: '' };
    const incident = { kind: 'incident', title: 'Elevated errors on Opus' } as Incident;
    const down: Board = {
      at: 2,
      judgements: [{ ...judged, verdict: 'down' }],
      incidents: [incident],
      pages: [{ ...PAGE, state: 'fresh' }],
    };
    expect(said(down)).toContain('status page: Claude Code is down (Elevated errors on Opus). Such pages have trailed');
    const blind: Board = {
      at: 2,
      judgements: [{ ...judged, verdict: 'unknown' }],
      incidents: [],
      pages: [{ ...PAGE, state: 'unknown', problem: 'it answered 405' }],
    };
    expect(said(blind)).toContain('says nothing now (it answered 405)');
    expect(said(blind)).not.toMatch(/operational|down|Nothing is known/);
  });
});

describe('local services', () => {
  it('that are elsewhere have their further dialects there too; of the models the best comes first', () => {
    const model = (name: string) => ({ name, target: `ollama/${name}`, loaded: false });
    const service = { kind: 'ollama' as const, ...place('http://127.0.0.1:9/v1'), models: [model('small'), model('large')], leftOut: [] };
    const routes = [{ route: 'default', targets: ['ollama/large', 'ollama/small'] }];
    expect(standInServices({ services: [service], routes })).toEqual([
      {
        ...place('http://127.0.0.1:9/v1'),
        elsewhere: { 'anthropic-messages': 'http://127.0.0.1:9', 'openai-responses': 'http://127.0.0.1:9/v1' },
        models: ['large', 'small'],
      },
    ]);
    const other = { ...service, kind: 'openai' as const, provider: 'local-9' };
    expect(standInServices({ services: [{ ...service, models: [] }, other], routes })).toEqual([]);
  });

  it('goes into the temporary configuration where it is elsewhere', () => {
    const [way] = waysOn(
      scene({ local: [{ ...place('http://127.0.0.1:9/v1'), elsewhere: { 'anthropic-messages': 'http://127.0.0.1:9' }, models: ['m'] }] }),
    );
    const { config } = way as Extract<Way, { type: 'resume' }>;
    expect(parse(firstConfig(config!))).toMatchObject({
      providers: { ollama: { baseUrl: 'http://127.0.0.1:9/v1', also: { 'anthropic-messages': 'http://127.0.0.1:9' }, models: ['m'] } },
    });
  });
});

describe('understudy rescue', () => {
  const rescue = (...words: string[]) =>
    runIn(project, ['rescue', '--offline', ...words, '--data', join(folder, 'data')], {
      ...environment,
      OPENAI_API_KEY: 'sk-proj-0123456789abcdefghij',
    });

  it('finds the session of this folder, keeps it, and says who can carry it on', async () => {
    // Its own home is where its transcripts are looked for.
    const { code, out, note } = await runIn(
      folder,
      ['rescue', '--offline', '--session', session, '--data', join(folder, 'data')],
      environment,
    );
    expect(code).toBe(EXIT.done);
    expect(note).toContain('“Rename the parser”, ');
    expect(note).toContain('no result: Bash: git mv a b');
    expect(note).toContain('The session itself: API Error: 529 Overloaded');
    expect(out).toContain('understudy rescue --to chatgpt');
  });

  it('sends nothing to anybody who was not agreed to', async () => {
    const { code, note } = await rescue('--to', 'same', '--session', session);
    expect(code).toBe(EXIT.usage);
    expect(note).toContain('Each turn sends the whole conversation to the one that answers: OpenAI. If they may have it: --yes.');
    expect(existsSync(join(folder, 'told'))).toBe(false);
  });

  it('hands it over to another CLI', async () => {
    expect((await rescue('--to', 'codex', '--session', session, '--once')).code).toBe(EXIT.done);
    expect(readFileSync(join(folder, 'told'), 'utf8')).toMatch(
      /^codex<exec><--skip-git-repo-check><Take over “Rename the parser”: another assistant could not go on[\s\S]*- Bash: git mv a b/,
    );
  });

  it('takes a model on this machine before anybody else, wherever it is', async () => {
    const there = await serve(200, JSON.stringify({ object: 'list', data: [{ id: 'qwen3:8b' }] }));
    const ran = await runIn(folder, ['rescue', '--offline', '--json', '--session', session, '--data', join(folder, 'data')], {
      ...environment,
      UNDERSTUDY_LOCAL: `ollama=${there}`,
    });
    expect(JSON.parse(ran.out)).toMatchObject({ ways: [{ to: 'same', standIns: [{ target: 'ollama/qwen3:8b', dollars: 0 }] }, {}, {}] });
    const wrong = await runIn(folder, ['rescue'], { ...environment, UNDERSTUDY_LOCAL: 'yes' });
    expect([wrong.code, wrong.note]).toEqual([EXIT.usage, expect.stringContaining('UNDERSTUDY_LOCAL is `yes`')]);
  });

  it('says what there is where nothing is', async () => {
    const empty = await runIn(folder, ['rescue', '--offline', '--data', join(folder, 'data')], environment);
    expect(empty.code).toBe(EXIT.failed);
    expect(empty.note).toContain(`No session was found that was held in ${folder}`);
    expect(empty.note).toContain(`understudy rescue --session ${session}`);
    expect((await rescue('--session', 'gone')).note).toContain('There is no session gone');
  });
});
