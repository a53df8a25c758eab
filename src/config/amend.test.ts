import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Amendment, amendConfig } from './amend.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-amend-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const surroundings = { environment: {}, home: folder, platform: 'linux' as const };
const optIn: Amendment = { path: ['providers', 'anthropic', 'subscription'], value: 'pass-through' };

function amend(text: string | undefined, amendment: Amendment = optIn): { result: ReturnType<typeof amendConfig>; text: string } {
  const file = join(mkdtempSync(join(folder, 'one-')), 'deeper', 'understudy.yaml');
  if (text === undefined) return { result: amendConfig(file, amendment, surroundings), text: readFileSync(file, 'utf8') };
  const flat = join(file, '..', '..', 'understudy.yaml');
  writeFileSync(flat, text, { mode: 0o640 });
  const result = amendConfig(flat, amendment, surroundings);
  return { result, text: readFileSync(flat, 'utf8') };
}

describe('a setting is written', () => {
  test.each([
    ['into a file that is not there', undefined, 'providers:\n  anthropic:\n    subscription: pass-through\n'],
    [
      'beside comments and what else is there',
      '# mine\nproviders: # who\n  anthropic: {} # Claude\n  openai: { apiKey: "${OPENAI_API_KEY}" }\nroutes: { default: [anthropic/*] }\n',
      '# mine\nproviders:\n  # who\n  anthropic: { subscription: pass-through } # Claude\n  openai: { apiKey: "${OPENAI_API_KEY}" }\nroutes: { default: [ anthropic/* ] }\n',
    ],
    ['where nothing stands behind the name', 'providers:\n  anthropic:\n', 'providers:\n  anthropic:\n    subscription: pass-through\n'],
    ['and taken out again', 'providers: { anthropic: { subscription: pass-through } }\n', 'providers: { anthropic: {} }\n'],
  ])('%s', (name, before, after) => {
    const { result, text } = amend(before, name.includes('out') ? { ...optIn, value: undefined } : optIn);
    expect(result).toEqual({ ok: true, value: 'written' });
    expect(text).toBe(after);
  });

  test('a provider that is there stays as it is', () => {
    const amendment: Amendment = { path: ['providers', 'chatgpt'], value: {} };
    expect(amend('providers: { chatgpt: { models: [gpt-5.6] } }\n', amendment).result).toEqual({ ok: true, value: 'as-it-was' });
    expect(amend('providers:\n  openai: {apiKey: x}\n', amendment).text).toContain('chatgpt: {}');
    expect(amend('providers:\n  openai: {apiKeys: ["${NOT_SET_A}", "${NOT_SET_B}"]}\n', amendment).text).toContain('chatgpt: {}');
  });
});

describe('a setting is not written', () => {
  test.each([
    ['that contradicts another', 'providers: { anthropic: { apiKey: sk-ant-api03-x } }\n', 'yet there is a key'],
    ['that others on the network would get', 'server: { host: 0.0.0.0, token: a-token-of-some-length }\n', 'is for you alone'],
    ['into what is no YAML', 'providers: {\n', 'not YAML'],
  ])('%s', (_name, before, said) => {
    const { result, text } = amend(before);
    expect(text).toBe(before);
    expect(result).toMatchObject({ ok: false, error: [expect.stringContaining(said) as string] });
  });
});

test('a link stays a link, and permissions stay what they were', () => {
  const real = join(folder, 'real.yaml');
  const link = join(folder, 'link.yaml');
  writeFileSync(real, 'providers: {}\n');
  chmodSync(real, 0o600);
  symlinkSync(real, link);
  expect(amendConfig(link, optIn, surroundings)).toEqual({ ok: true, value: 'written' });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, 'utf8')).toContain('pass-through');
  expect(statSync(real).mode & 0o777).toBe(0o600);
});
