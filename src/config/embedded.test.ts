import { describe, expect, test } from 'vitest';
import { amendConfig } from './amend.ts';
import { parseConfig } from './load.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const surroundings = { environment: {}, home: '/home/u', platform: 'linux' as const, workingFolder: '/home/u' };

const problems = (text: string): string[] => {
  const parsed = parseConfig(text, 'understudy.yaml', surroundings);
  return parsed.ok ? [] : parsed.error.map(({ message }) => message);
};
const MODELS = 'local: { embedded: { models: { small: { file: /m/small.gguf } } } }\n';

describe('models of the embedded engine', () => {
  test('may be named by routes, and by what they allow and never ask', () => {
    expect(problems(`${MODELS}routes: { default: [embedded/small], a: { targets: [embedded/small], allow: [embedded] } }`)).toEqual([]);
    expect(problems('providers: { anthropic: {} }\nroutes: { default: { targets: [anthropic/*], never: [embedded] } }')).toEqual([]);
  });

  test('have to be there', () => {
    expect(problems(`${MODELS}routes: { default: [embedded/large] }`)).toEqual(['«embedded/large» is no model of the embedded engine']);
    expect(problems('local: { embedded: { models: { "a/b": { file: x } } } }')).toHaveLength(1);
    expect(problems('local: { embedded: { models: { a: { file: x, context: 100 } } } }')).toHaveLength(1);
  });

  test('a number is written as one; what a route still names is not taken out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-amend-'));
    const file = join(folder, 'understudy.yaml');
    writeFileSync(file, `# mine\n${MODELS}routes: { default: [embedded/small] }\n`);
    const path = ['local', 'embedded', 'models', 'small'] as const;
    expect(amendConfig(file, { path: [...path, 'context'], value: 8192 }, surroundings)).toEqual({ ok: true, value: 'written' });
    expect(readFileSync(file, 'utf8')).toContain('context: 8192');
    expect(amendConfig(file, { path, value: undefined }, surroundings)).toEqual({
      ok: false,
      error: [expect.stringContaining('«embedded/small» is no model of the embedded engine')],
    });
    expect(readFileSync(file, 'utf8')).toContain('# mine');
    rmSync(folder, { recursive: true, force: true });
  });
});
