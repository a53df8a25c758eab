import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { LoadOptions } from './load.ts';
import { findConfig, loadConfig, parseConfig } from './load.ts';
import { formatProblem } from './problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const around = (environment: Record<string, string> = {}) => ({ environment, home: '/home/ada', platform: 'linux' as const });

function lines(text: string, environment: Record<string, string> = {}): string[] {
  const parsed = parseConfig(text, 'understudy.yaml', around(environment));
  return parsed.ok ? [] : parsed.error.map(formatProblem);
}

function settings(text: string, environment: Record<string, string> = {}) {
  const parsed = parseConfig(text, 'understudy.yaml', around(environment));
  if (!parsed.ok) throw new Error(parsed.error.map(formatProblem).join('\n'));
  return parsed.value;
}

const WALL = 'providers:\n  wall: { dialect: openai-chat, baseUrl: http://127.0.0.1:9100/v1, apiKey: test }\n';

describe('what is taken', () => {
  test('the contract of DESIGN.md', () => {
    const loaded = settings(
      `
server: { host: 127.0.0.1, port: 4141 }
data: ~/.local/share/understudy        # the platform's own place; --data DIR
providers:                             # presets need only a key
  anthropic: {}
  openai: { apiKey: \${OPENAI_API_KEY} }
  google: {}
  wall:                                # any compatible service, any model names
    dialect: openai-chat
    baseUrl: http://127.0.0.1:9100/v1
    apiKey: test
routes:                                # model asked for -> targets in order
  default: [anthropic/*, openai/gpt-5.6, google/gemini-3.6-pro]
  claude-haiku-*: [anthropic/*, openai/gpt-5.6-mini]
  client-work-*: { targets: [anthropic/*], never: [openai, xai], save: off }
  fb-s01: [wall/fb-s01, wall/fb-ok]
deadlines: { connect: 5s, patience: 3s, headers: auto, firstEvent: auto, idle: auto, headerHold: 45s, total: 10m }
failover: { continuation: on, hedge: off, maxHops: 2, backupSpend: 5/day }
`,
      { OPENAI_API_KEY: 'sk-openai-123456789', GEMINI_API_KEY: 'gemini-key-1234' },
    );
    expect(loaded.settings.server.port).toBe(4141);
    expect(loaded.settings.deadlines).toMatchObject({ connect: 5000, headers: 'auto', total: 600_000 });
    expect(loaded.settings.routes['client-work-*']).toMatchObject({ never: ['openai', 'xai'], save: false });
    expect(loaded.resolved.providers.map(({ name, credential, baseUrl }) => [name, credential.type, baseUrl])).toEqual([
      ['anthropic', 'client', 'https://api.anthropic.com'],
      ['openai', 'key', 'https://api.openai.com/v1'],
      ['google', 'key', 'https://generativelanguage.googleapis.com'],
      ['wall', 'key', 'http://127.0.0.1:9100/v1'],
    ]);
    expect(loaded.secrets).toEqual(['sk-openai-123456789', 'gemini-key-1234', 'test']);
  });

  test.each(['', '# only a comment\n', 'providers:\nroutes:\n', '---\n'])('nothing at all: %j', (text) => {
    expect(settings(text).settings).toMatchObject({ providers: {}, routes: {}, server: { host: '127.0.0.1', port: 4141 } });
  });

  test('variables: in flow and block, with defaults, as numbers and truth values, escaped', () => {
    const text = `
server: { port: \${PORT:-4200}, token: "\${TOKEN}" }
providers:
  a: { dialect: openai-chat, baseUrl: 'http://127.0.0.1:\${UPSTREAM}/v1', apiKey: \${KEY}, local: \${LOCAL} }
  b:
    preset: ollama
    headers: { x-note: $\${NOT}, x-list: \${LIST:-a, b: c # d} }
`;
    const loaded = settings(text, { TOKEN: 'a'.repeat(16), UPSTREAM: '9200', KEY: '1234567', LOCAL: 'false' });
    expect(loaded.settings.server).toMatchObject({ port: 4200, token: 'a'.repeat(16) });
    expect(loaded.settings.providers['a']).toMatchObject({ baseUrl: 'http://127.0.0.1:9200/v1', apiKey: '1234567', local: false });
    expect(loaded.settings.providers['b']?.headers).toEqual({ 'x-note': '${NOT}', 'x-list': 'a, b: c # d' });
    expect(loaded.fromEnvironment.get('["providers","a","apiKey"]')).toEqual(['KEY']);
  });

  test('a bare provider name takes the preset', () => {
    expect(settings('providers:\n  anthropic:\n  ollama:\n').resolved.providers.map(({ name }) => name)).toEqual(['anthropic', 'ollama']);
  });
});

describe('what is refused, with its line and what to do', () => {
  const cases: [text: string, expected: RegExp][] = [
    ['provider: {}\n', /^understudy\.yaml:1:1 provider: there is no setting «provider»; did you mean «providers»\?$/],
    ['server:\n  prot: 1\n', /^understudy\.yaml:2:3 server\.prot: there is no setting «prot» here; did you mean «port»\?$/],
    ['server: { port: many }\n', /^understudy\.yaml:1:17 server\.port: «many» is not a number from 0 to 65535$/],
    ['server: { port: 70000 }\n', /^understudy\.yaml:1:17 server\.port: «70000» is not a number from 0 to 65535$/],
    ['deadlines: { connect: 5 parsecs }\n', /^understudy\.yaml:1:23 deadlines\.connect: «5 parsecs» is not a duration such as 250ms/],
    ['deadlines: { idle: [1] }\n', /^understudy\.yaml:1:20 deadlines\.idle: is neither auto nor a duration such as/],
    ['failover: { continuation: maybe }\n', /failover\.continuation: «maybe» is neither on nor off nor true or false$/],
    ['failover: { hedge: sometimes }\n', /^understudy\.yaml:1:20 failover\.hedge: «sometimes» is neither off nor on nor auto/],
    ['just text\n', /is not a set of settings; write key: value/],
    ['- a\n- b\n', /is not a set of settings/],
    ['a: [1\n', /^understudy\.yaml:\d+:\d+ this is not YAML/],
    ['server: {}\n---\nserver: {}\n', /^understudy\.yaml:2:1 there is a second document/],
    [
      'providers:\n  a: {}\n  openai: {}\n  a: {}\n',
      /^understudy\.yaml:4:3 providers\.a: two providers are called «a»: first in line 2, and again here; rename one/,
    ],
    ['server: { port: 1 }\nserver: { port: 2 }\n', /^understudy\.yaml:2:1 server: «server» is there twice: first in line 1/],
    [
      'providers:\n  antropic: {}\n',
      /^understudy\.yaml:2:13 providers\.antropic: «antropic» is no known service: give it dialect .* and baseUrl, or a preset \(anthropic, openai.*; did you mean «anthropic»\?$/,
    ],
    ['routes: { __proto__: [a/b] }\n', /^understudy\.yaml:1:11 routes\.__proto__: this name cannot be used; choose another$/],
    ['providers:\n  wall: { dialect: openai-chat }\n', /give it baseUrl/],
    [
      'providers:\n  wall: { dialect: soap, baseUrl: http://127.0.0.1:1 }\n',
      /^understudy\.yaml:2:20 providers\.wall\.dialect: «soap» is not one of anthropic-messages, openai-chat/,
    ],
    [
      'providers:\n  openai: { apiKey: ${NO_SUCH_KEY} }\n',
      /^understudy\.yaml:2:21 providers\.openai\.apiKey: the environment variable NO_SUCH_KEY is not set; export it \(export NO_SUCH_KEY=…\), or take the provider out$/,
    ],
    ['providers:\n  openai: { apiKey: ${1x} }\n', /names no environment variable/],
    ['providers:\n  groq: {}\n', /^understudy\.yaml:2:9 providers\.groq\.apiKey: is missing: set GROQ_API_KEY, apiKey or keyFile/],
    [
      'providers:\n  sim: { dialect: openai-chat, baseUrl: http://127.0.0.1:1/v1 }\n',
      /providers\.sim: sim is the name of the simulated assistants/,
    ],
    ['providers:\n  "a/b": { dialect: openai-chat, baseUrl: http://127.0.0.1:1/v1 }\n', /a provider name is made of letters/],
    [
      'providers:\n  wall: { dialect: openai-chat, baseUrl: "ftp://x" }\n',
      /^understudy\.yaml:2:42 providers\.wall\.baseUrl: «ftp:\/\/x» must begin with https/,
    ],
    [`${WALL}routes: { default: [] }\n`, /routes\.default: .*a route needs at least one target/],
    [`${WALL}routes: { default: [wall] }\n`, /routes\.default\[0\]: «wall» will not do: a target is provider\/model/],
    [
      `${WALL}routes:\n  default:\n    - wall/*\n    - wal/x\n`,
      /^understudy\.yaml:6:7 routes\.default\[1\]: «wal\/x» leads to a provider that is not there: wal; did you mean «wall»\?/,
    ],
    [`${WALL}routes: { default: [wall/*, anthropic/*] }\n`, /anthropic; add it: providers: \{ anthropic: \{\} \}/],
    [
      `${WALL}routes: { default: [wall/*, sim/claude] }\n`,
      /^understudy\.yaml:3:29 routes\.default\[1\]: «sim\/claude» is a simulated assistant and never part of a real route/,
    ],
    [`${WALL}routes: { x: { targets: [wall/a], never: [wall] } }\n`, /^understudy\.yaml:3:11 routes\.x: leads nowhere/],
    [
      `${WALL}routes: { x: { targets: [wall/a], never: [wal] } }\n`,
      /routes\.x\.never\[0\]: there is no provider «wal»; did you mean «wall»/,
    ],
    [`${WALL}routes: { x: { targets: [wall/a], allow: [nobody] } }\n`, /routes\.x\.allow\[0\]: there is no provider «nobody»/],
    [`${WALL}routes: { x: { targets: [wall/a], nevr: [wall] } }\n`, /no setting «nevr» here; did you mean «never»/],
    [
      'server: { host: 0.0.0.0 }\n',
      /^understudy\.yaml:1:17 server\.host: «0\.0\.0\.0» would let others on the network use your keys; set server\.token/,
    ],
    [`${WALL}routes: { z: [] }\n`, /^understudy\.yaml:3:14 routes\.z: a route needs at least one target$/],
    [`${WALL}routes: { default: wall/m }\n`, /routes\.default: «wall\/m» is not a list; write \[wall\/m\]$/],
    [
      `${WALL}routes: { y: { target: [wall/m] } }\n`,
      /^\S+ routes\.y\.target: there is no setting «target» here; did you mean «targets»\?$/,
    ],
    [`${WALL}routes: { y: }\n`, /routes\.y: is missing; give it a list or a set of settings$/],
    [`${WALL}routes: { y: [antropic/m] }\n`, /did you mean «anthropic»\? Then add it: providers: \{ anthropic: \{\} \}$/],
    ['deadlines: { headers: -3s }\n', /deadlines\.headers: «-3s» is neither auto nor a duration such as 250ms, 5s, 2m or 1h$/],
    ['deadlines: { headers: -3 }\n', /deadlines\.headers: «-3» is neither auto nor a duration such as/],
    ['server: { maxBody: 12GB }\n', /server\.maxBody: «12GB» is not a size such as 512KiB/],
    ['failover: { hedge: 2s }\n', /failover\.hedge: «2s» is neither off nor on nor auto nor true or false$/],
    ['failover: { maxHops: 9 }\n', /failover\.maxHops: «9» is not a number from 0 to 8$/],
    ['server: { maxConnections: 0 }\n', /server\.maxConnections: «0» is not a number of at least 1$/],
    ['server: { port: 1.5 }\n', /server\.port: «1\.5» is not a whole number from 0 to 65535$/],
    ['server: { port: "4141" }\n', /server\.port: «4141» is not a number from 0 to 65535; take the quotes away$/],
    ['server: { host: "" }\n', /server\.host: is empty; give a value, or take it out$/],
    ['providers:\n  openai: { facts: { a: { contextWindow: 0 } } }\n', /contextWindow: «0» is not a number above 0$/],
    ['providers:\n  x: { preset: opnai }\n', /no preset «opnai».*; did you mean «openai»\?$/],
    [
      'providers:\n  x: { dialect: chat, baseUrl: http://127.0.0.1:1 }\n',
      /«chat» is not one of anthropic-messages, openai-chat, openai-responses, gemini; did you mean «openai-chat»\?$/,
    ],
    [
      'providers:\n  x:\n    dialect: openai-chat\n   baseUrl: http://x\nroutes:\n default: [a/b\n',
      /^understudy\.yaml:4:1 this is not YAML: All mapping items must start at the same column in «baseUrl: http:\/\/x»; check indentation[^\n]*$/,
    ],
    ['server: { token: ${TOK} }\n', /TOK is not set; export it \(export TOK=…\), or take the token out$/],
    ['server: { token: short }\n', /server\.token: will not do: a token needs at least 16/],
  ];
  test.each(cases)('%j', (text, expected) => {
    expect(lines(text).join('\n')).toMatch(expected);
  });

  test('all of it at once, in the order of the lines', () => {
    const found = lines('server: { port: x }\nproviders:\n  wall: { colour: blue }\nroutes: { default: [nowhere] }\n');
    expect(found.map((line) => line.split(':')[1])).toEqual(['1', '3', '4']);
  });

  test('no message shows a key', () => {
    const text =
      'server: { token: "my secret token" }\nproviders:\n  openai: { apiKey: "sk secret key", keyFile: /x }\n  anthropic: { apiKey: [sk-secret] }\n';
    expect(lines(text).length).toBeGreaterThan(1);
    expect(lines(text).join('\n')).not.toContain('secret');
    for (const broken of [
      'providers:\n  a:\n    x: 1\n   apiKey: sk-secret\n',
      'providers:\n  a:\n    apiKey: |\n      x\n   sk-secret\n',
      'providers:\n  a:\n    apiKeys:\n      - sk-one\n     - sk-secret\n',
      'providers:\n  a:\n    x: 1\n   apiKeys: [sk-secret]\n',
    ]) {
      expect(lines(broken)).toHaveLength(1);
      expect(lines(broken)[0]).not.toContain('secret');
    }
  });

  test('binding wider is fine with a token', () => {
    expect(lines('server: { host: 0.0.0.0, token: abcdefghijklmnopqrst }\n')).toEqual([]);
  });
});

describe('which file counts', () => {
  const options = (more: Partial<LoadOptions> = {}): LoadOptions => ({
    ...around(),
    home: join(folder, 'home'),
    workingFolder: join(folder, 'work'),
    ...more,
  });

  test('the one asked for, then the working folder, then the user folder, then none', () => {
    mkdirSync(join(folder, 'work'), { recursive: true });
    mkdirSync(join(folder, 'home/.config/understudy'), { recursive: true });
    expect(findConfig(options())).toBeUndefined();
    expect(loadConfig(options())).toMatchObject({ ok: true, value: { file: undefined } });
    writeFileSync(join(folder, 'home/.config/understudy/understudy.yaml'), 'server: { port: 1 }');
    expect(loadConfig(options())).toMatchObject({ value: { settings: { server: { port: 1 } } } });
    writeFileSync(join(folder, 'work/understudy.yaml'), 'server: { port: 2 }');
    expect(loadConfig(options())).toMatchObject({ value: { settings: { server: { port: 2 } } } });
    writeFileSync(join(folder, 'work/other.yaml'), 'server: { port: 3 }');
    expect(loadConfig(options({ file: 'other.yaml' }))).toMatchObject({ value: { settings: { server: { port: 3 } } } });
  });

  test('a key in plain in a file that others can read is worth a notice, and so is an empty file', () => {
    const notices = (text: string, mode: number): number => {
      const file = join(folder, `mode-${mode}-${text.length}.yaml`);
      writeFileSync(file, text, { mode });
      const loaded = loadConfig(options({ file, environment: { KEY: 'k-from-outside' } }));
      return loaded.ok ? loaded.value.resolved.notices.length : -1;
    };
    expect(notices(WALL, 0o644)).toBe(1);
    expect(notices(WALL, 0o600)).toBe(0);
    expect(notices(WALL.replace('test', '${KEY}'), 0o644)).toBe(0);
    expect(notices('providers: { ollama: }', 0o644)).toBe(0);
    expect(notices('# nothing yet\n', 0o644)).toBe(1);
  });

  test('a file that was asked for and is not there, or is a folder, is a problem', () => {
    expect(loadConfig(options({ file: 'missing.yaml' }))).toMatchObject({ ok: false, error: [{ message: 'cannot be read (ENOENT)' }] });
    expect(loadConfig(options({ file: '.' }))).toMatchObject({ ok: false, error: [{ message: 'is a folder' }] });
  });
});

describe('laws', () => {
  const settled = (text: string): boolean => {
    const parsed = parseConfig(text, 'junk.yaml', around({ A: 'b' }));
    return parsed.ok || (parsed.error.length > 0 && parsed.error.every((problem) => formatProblem(problem).startsWith('junk.yaml')));
  };

  test('junk gives problems and never a throw', { timeout: 30_000 }, () => {
    expect(settled(':')).toBe(true);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), settled), { numRuns: 200 });
    const bits = fc.constantFrom(
      'providers',
      'routes',
      ':',
      ' ',
      '\n',
      '\n  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '<<',
      '!!map',
      '? ',
      '${A}',
      '${',
      '$${',
      '|',
      '>',
      '#',
      'null',
      '~',
      '1e9',
      'default',
      'wall/*',
      '__proto__',
      '%YAML 1.1\n---\n',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), (pieces) => settled(pieces.join(''))),
      { numRuns: 500 },
    );
  });

  test('any JSON gives settings or problems', () => {
    expect(settled('{}')).toBe(true);
    const key = fc.oneof(
      fc.constantFrom(
        'server',
        'providers',
        'routes',
        'deadlines',
        'failover',
        'journal',
        'data',
        'targets',
        'default',
        'anthropic',
        'apiKey',
      ),
      fc.string(),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, true, 1, 'x', 'wall/a', '${A}'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => settled(JSON.stringify(value))),
      { numRuns: 500 },
    );
  });
});
