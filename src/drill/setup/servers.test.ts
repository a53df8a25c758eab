import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { givenOtherwise, holdsSecrets, identityOf, shownTransport, type McpServer, type Transport } from './mcp-server.ts';
import { readServer } from './read-servers.ts';
import { readTemplate, sameTemplate, writeTemplate, type Template } from './template.ts';
import type { Tool } from './tool.ts';
import { TOOLS } from './tools.ts';
import { writeServer } from './write-server.ts';

const tool = (name: string): Tool => TOOLS.find((each) => each.name === name)!;
const place = { scope: 'user', path: '/x', format: 'json', at: [] } as const;
const read = (name: string, entry: JsonObject): McpServer => {
  const server = readServer('x', entry, place, tool(name));
  if (typeof server === 'string') throw new Error(server);
  return server;
};

const word = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,6}$/);
const mixed: fc.Arbitrary<Template> = fc
  .array(fc.oneof(fc.stringMatching(/^[a-z :/.$\-{}]{1,8}$/), fc.record({ variable: word }, { noNullPrototype: true })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.filter((part, index) => typeof part !== 'string' || typeof parts[index - 1] !== 'string'));
const template: fc.Arbitrary<Template> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z :/.$\-{}]{1,8}$/).map((text) => [text]) },
  mixed,
);
const given = fc.dictionary(word, template, { maxKeys: 3, noNullPrototype: true });
const transport: fc.Arbitrary<Transport> = fc.oneof(
  fc.record(
    { type: fc.constant('stdio' as const), command: template, args: fc.array(template, { maxLength: 3 }), env: given },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constantFrom('http' as const, 'sse' as const), url: template, headers: given }, { noNullPrototype: true }),
);

describe.each(TOOLS)('$title', (own) => {
  it('reads a server as it has written it, or does not write it', () => {
    let written = 0;
    fc.assert(
      fc.property(transport, (wanted) => {
        const entry = writeServer(wanted, own);
        if (!entry.ok) return;
        written++;
        const server = readServer('x', entry.value, place, own);
        if (typeof server === 'string') throw new Error(server);
        expect(identityOf(server.transport)).toBe(identityOf(wanted));
        expect(givenOtherwise(server.transport, wanted)).toEqual([]);
        expect(server).toMatchObject({ off: false, own: [] });
        // opencode tries both kinds of address.
        expect(server.transport.type).toBe(own.form === 'opencode' && wanted.type === 'sse' ? 'http' : wanted.type);
      }),
      { numRuns: 300 },
    );
    expect(written).toBeGreaterThan(10);
  });
});

describe('from one tool to another', () => {
  const claude = read('claude-code', {
    type: 'stdio',
    command: 'npx',
    args: ['-y', 'gh'],
    env: { GITHUB_TOKEN: '${GITHUB_TOKEN}', LEVEL: 'debug' },
    timeout: 5,
  });

  it('says it as each does', () => {
    const as = (name: string): unknown => {
      const entry = writeServer(claude.transport, tool(name));
      return entry.ok ? entry.value : entry.error;
    };
    const started = { command: 'npx', args: ['-y', 'gh'] };
    const env = { GITHUB_TOKEN: '${GITHUB_TOKEN}', LEVEL: 'debug' };
    expect(as('codex')).toEqual({ ...started, env_vars: ['GITHUB_TOKEN'], env: { LEVEL: 'debug' } });
    expect(as('gemini-cli')).toEqual({ ...started, env });
    expect(as('qwen-code')).toEqual({ ...started, env });
    expect(as('copilot-cli')).toEqual({ type: 'local', ...started, env, tools: ['*'] });
    expect(as('opencode')).toEqual({
      type: 'local',
      command: ['npx', '-y', 'gh'],
      environment: { GITHUB_TOKEN: '{env:GITHUB_TOKEN}', LEVEL: 'debug' },
      enabled: true,
    });
    expect(claude.own).toEqual(['timeout']);
  });

  it('brings headers over', () => {
    const { transport: docs } = read('claude-code', {
      type: 'http',
      url: 'https://d.example/mcp',
      headers: { Authorization: 'Bearer ${T}', 'X-Team': '${TEAM}', 'X-Plain': 'a' },
    });
    expect(writeServer(docs, tool('codex'))).toEqual({
      ok: true,
      value: {
        url: 'https://d.example/mcp',
        bearer_token_env_var: 'T',
        http_headers: { 'X-Plain': 'a' },
        env_http_headers: { 'X-Team': 'TEAM' },
      },
    });
    expect(writeServer(docs, tool('qwen-code'))).toMatchObject({ ok: true, value: { httpUrl: 'https://d.example/mcp' } });
    expect(writeServer(docs, tool('gemini-cli'))).toMatchObject({ ok: true, value: { type: 'http', url: 'https://d.example/mcp' } });
  });

  it.each([
    ['codex', { type: 'sse', url: 'https://x.example/sse' }, 'SSE'],
    ['codex', { command: 'x', env: { A: '${B}' } }, 'variables for A'],
    ['codex', { command: 'x', args: ['${B}'] }, 'variables for args'],
    ['opencode', { command: 'x', env: { A: '${A:-b}' } }, 'variables for A'],
    ['qwen-code', { command: 'x', env: { A: '${A:-b}' } }, 'variables for A'],
    // A dollar that was none in the one tool would be one in the other.
    ['gemini-cli', { command: 'x', env: { A: 'pa$$word$HOME' } }, 'variables for A'],
  ])('does not write for %s what it would read otherwise: %j', (name, entry, why) => {
    expect(writeServer(read('claude-code', entry).transport, tool(name))).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });

  it.each([
    ['claude-code', 7, 'no object'],
    ['claude-code', {}, 'no command and no address'],
    ['claude-code', { command: 'x', args: 'y' }, 'no texts'],
    ['claude-code', { type: 'ws', url: 'wss://x' }, 'not known'],
    ['opencode', { type: 'local', command: 'x' }, 'no list of words'],
    ['codex', { command: 'x', env_vars: [{ name: 'X' }] }, 'env_vars'],
  ])('says of %s what it can’t read: %j', (name, entry, why) => {
    expect(readServer('x', entry, place, tool(name))).toContain(why);
  });
});

describe('what is shown', () => {
  const secret = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789AB';
  it.each([
    [{ command: 'x', env: { TOKEN: 'any thing' } }],
    [{ command: 'x', args: ['--api-key', secret] }],
    [{ command: 'x', args: ['--api-key=hunter2'] }],
    [{ type: 'http', url: `https://x.example/mcp?token=hunter2` }],
    [{ type: 'http', url: 'https://x.example/mcp', headers: { Authorization: 'Bearer any thing' } }],
  ])('holds no credentials: %j', (entry) => {
    const { transport: own } = read('claude-code', entry);
    expect(shownTransport(own)).not.toMatch(/any thing|hunter2|ghp_/);
    expect(holdsSecrets(own)).toBe(true);
  });

  it.each([
    [{ command: 'x', args: ['-y'], env: { TOKEN: '${TOKEN}', DEBUG: 'true' } }],
    [{ type: 'http', url: 'https://x', headers: { Authorization: 'Bearer ${T}' } }],
  ])('variables are none: %j', (entry) => expect(holdsSecrets(read('claude-code', entry).transport)).toBe(false));
});

it('takes a template as it is written', () => {
  const shell = { style: 'shell', fallback: true } as const;
  expect(readTemplate('a$B-${C}${D:-e f}$', shell)).toEqual([
    'a',
    { variable: 'B' },
    '-',
    { variable: 'C' },
    { variable: 'D', fallback: 'e f' },
    '$',
  ]);
  expect(readTemplate('$B ${C}', { style: 'braces', fallback: true })).toEqual(['$B ', { variable: 'C' }]);
  expect(readTemplate('{env:A}${B}', { style: 'opencode', fallback: false })).toEqual([{ variable: 'A' }, '${B}']);
  expect(writeTemplate(['${X}'], shell)).toBeUndefined();
  expect(sameTemplate(['a'], [{ variable: 'a' }])).toBe(false);
});
