import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { effectiveSettings, origins } from './effective.ts';
import { expand, shield, unshield } from './expand.ts';
import type { Loaded } from './load.ts';
import { parseConfig } from './load.ts';
import { nearest } from './nearest.ts';
import { configFolder, dataFolder } from './paths.ts';
import { configSchema } from './schema.ts';
import { watchConfig } from './watch.ts';
import { byteSize, duration } from '../journal/units.ts';
import { type Unit, unitText } from './units-text.ts';
import { firstConfig, writeFirstConfig } from './write.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
const around = (environment: Record<string, string> = {}) => ({ environment, home: '/home/ada', platform: 'linux' as const });

function loaded(text: string, environment: Record<string, string> = {}): Loaded {
  const parsed = parseConfig(text, 'understudy.yaml', around(environment));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

describe('what is in force', () => {
  const text = `
server: { port: \${PORT}, token: abcdefgh-secret-token }
telemetry: { headers: { x-team: collector-secret } }
watch:
  alerts:
    channels:
      team: { type: slack, url: 'https://hooks.slack.com/services/T0/hook-secret' }
      phone: { type: ntfy, topic: topic-secret, token: ntfy-secret }
      mail: { type: email, host: smtp.example.org, user: me, password: mail-secret, from: a@example.org, to: [b@example.org] }
providers:
  openai: { apiKey: \${KEY}, headers: { authorization: Bearer header-secret, x-team: blue }, proxy: "http://ada:proxy-secret@127.0.0.1:1" }
  google: { apiKeys: [\${KEY2}, third-secret] }
routes: { default: [openai/*] }
`;
  const config = loaded(text, { PORT: '5000', KEY: 'key-secret', KEY2: 'second-secret' });

  test('is printed without secrets', () => {
    const shown = effectiveSettings(config);
    expect(JSON.stringify(shown)).not.toMatch(/-secret/);
    expect(shown).toMatchObject({
      server: { port: 5000, token: '[secret]', maxBody: '64MiB', headersTimeout: '15s' },
      deadlines: { connect: '5s', total: '10m', idle: 'auto' },
      journal: { ring: '1MiB' },
      providers: {
        openai: { apiKey: '[secret]', headers: { authorization: '[secret]', 'x-team': 'blue' }, proxy: 'http://[secret]@127.0.0.1:1' },
        google: { apiKeys: ['[secret]', '[secret]'] },
      },
    });
  });

  test('says where it came from', () => {
    const by = Object.fromEntries(origins(config).map(({ path, from, variables }) => [path, [from, ...variables]]));
    expect(by).toMatchObject({
      'server.port': ['environment', 'PORT'],
      'server.host': ['default'],
      'server.token': ['file'],
      'providers.openai.apiKey': ['environment', 'KEY'],
      'providers.google.apiKeys': ['environment', 'KEY2'],
      'routes.default.targets': ['file'],
      'routes.default.save': ['default'],
    });
  });

  test('holds every secret for the redactor', () => {
    expect(config.secrets).toEqual([
      'key-secret',
      'header-secret',
      'second-secret',
      'third-secret',
      'abcdefgh-secret-token',
      'collector-secret',
      'https://hooks.slack.com/services/T0/hook-secret',
      'topic-secret',
      'ntfy-secret',
      'mail-secret',
    ]);
  });
});

describe('the first configuration', () => {
  const choice = {
    providers: [
      { name: 'anthropic', note: 'Claude:\nreceives what you ask', variable: 'ANTHROPIC_API_KEY' },
      { name: 'ollama', models: ['qwen3:8b'] },
    ],
    routes: { default: ['anthropic/*', 'ollama/qwen3:8b'], 'claude-haiku-*': ['anthropic/*'] },
  };

  test('can be read back and holds no key', () => {
    const text = firstConfig(choice);
    expect(text).toContain('apiKey: ${ANTHROPIC_API_KEY}');
    const { settings } = loaded(text, { ANTHROPIC_API_KEY: 'sk-1' });
    expect(settings.routes['default']?.targets).toEqual(['anthropic/*', 'ollama/qwen3:8b']);
    expect(settings.providers['ollama']).toEqual({ models: ['qwen3:8b'] });
  });

  test('law: whatever the names, it can be read back', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => /^\S+$/.test(text) && !text.includes('$') && text !== '__proto__');
    fc.assert(
      fc.property(name, name, (pattern, model) => {
        const text = firstConfig({ providers: [{ name: 'ollama', models: [model] }], routes: { [pattern]: [`ollama/${model}`] } });
        expect(loaded(text).settings.routes).toMatchObject({ [pattern]: { targets: [`ollama/${model}`] } });
      }),
      { numRuns: 200 },
    );
  });

  test('is written for its owner only, and never over another', () => {
    const file = join(folder, 'deep/understudy.yaml');
    expect(writeFirstConfig(file, 'first\n')).toEqual({ ok: true, value: file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(writeFirstConfig(file, 'second\n')).toMatchObject({ ok: false, error: expect.stringContaining('is there already') as string });
    expect(readFileSync(file, 'utf8')).toBe('first\n');
  });
});

test('the JSON Schema describes what may be written', () => {
  const schema = configSchema();
  expect(Object.keys(schema['properties'] as object)).toEqual([
    'server',
    'data',
    'providers',
    'routes',
    'local',
    'deadlines',
    'failover',
    'journal',
    'archive',
    'protect',
    'watch',
    'queue',
    'offline',
    'drill',
    'telemetry',
    'log',
  ]);
  expect(schema['required']).toBeUndefined();
  expect(JSON.stringify(schema)).toContain('anthropic-messages');
});

describe('watching', () => {
  test('tells of good and of bad changes until it is stopped', async () => {
    const file = join(folder, 'watched.yaml');
    writeFileSync(file, 'server: { port: 1 }');
    const results: boolean[] = [];
    let told = (): void => undefined;
    const watcher = watchConfig(
      file,
      { ...around(), workingFolder: folder },
      (result) => {
        results.push(result.ok);
        told();
      },
      20,
    );
    const change = async (text: string): Promise<void> => {
      const next = new Promise<void>((done) => (told = done));
      writeFileSync(file, text);
      await next;
    };
    // watchFile takes its first look on its own time; a reload by hand needs none.
    watcher.reload();
    await new Promise((done) => setTimeout(done, 100));
    await change('server: { port: 22 }');
    await change('server: { prt: 333 }');
    watcher.stop();
    expect(results).toEqual([true, true, false]);
  });
});

describe('small parts', () => {
  test('places by platform', () => {
    const places = (platform: NodeJS.Platform, environment = {}) =>
      [configFolder, dataFolder].map((place) => place({ environment, home: '/h', platform }));
    expect(places('linux')).toEqual(['/h/.config/understudy', '/h/.local/share/understudy']);
    expect(places('linux', { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d' })).toEqual(['/c/understudy', '/d/understudy']);
    expect(places('darwin')[0]).toBe('/h/Library/Application Support/understudy');
    expect(places('win32', { APPDATA: '/roaming', LOCALAPPDATA: '/local' })).toEqual(['/roaming/understudy', '/local/understudy']);
  });

  test.each([
    ['antropic', 'anthropic'],
    ['baseURL', 'baseUrl'],
    ['prot', 'port'],
    ['zzz', undefined],
  ])('did you mean: %s -> %s', (word, meant) => {
    expect(nearest(word, ['anthropic', 'openai', 'baseUrl', 'port'])).toBe(meant);
  });

  test.each<[number, Unit, string]>([
    [15_000, 'duration', '15s'],
    [90_000, 'duration', '90s'],
    [1500, 'duration', '1500ms'],
    [7_200_000, 'duration', '2h'],
    [0, 'duration', '0ms'],
    [64 * 1024 ** 2, 'size', '64MiB'],
    [1000, 'size', '1000B'],
  ])('%d is the %s %s', (value, unit, text) => {
    expect(unitText(value, unit)).toBe(text);
  });

  test('law: a duration or size in the file’s units means the same', () => {
    fc.assert(
      fc.property(fc.nat(), (value) => {
        expect(duration.parse(unitText(value, 'duration'))).toBe(value);
        expect(byteSize.parse(unitText(value + 1, 'size'))).toBe(value + 1);
      }),
    );
  });

  test('law: shielding keeps lengths and comes undone', () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', '\n', ' ', 'é') }),
      fc.constantFrom('${A}', '$${A}', '${A:-x, y}'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(shield(text)).toHaveLength(text.length);
        expect(unshield(shield(text))).toBe(text);
      }),
    );
  });

  test.each([
    ['${A}', 'a'],
    ['x${A}y${B:-b}', 'xayb'],
    ['${E:-d}', 'd'],
    ['${E}', ''],
    ['$${A}', '${A}'],
    ['$A', '$A'],
  ])('%s becomes %s', (text, value) => {
    expect(expand(shield(text), { A: 'a', E: '' })).toMatchObject({ value, problems: [] });
  });
});
