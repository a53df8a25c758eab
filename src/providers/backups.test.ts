import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backupsFor, blendedPrice, candidates } from './backups.ts';
import { resolveProviders } from './resolve.ts';
import type { ProvidersSettings } from './settings.ts';

function choices(settings: ProvidersSettings) {
  const resolved = resolveProviders(settings, { environment: {}, home: '/', platform: 'linux' });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  return candidates(resolved.value.providers);
}
const key = { apiKey: 'k' };
const all: ProvidersSettings = { ollama: { models: ['*', 'qwen3'] }, google: key, openrouter: key, openai: key, anthropic: key };

describe('the order of backups', () => {
  test('the model itself, elsewhere, a sibling, another vendor of the same tier, local', () => {
    expect(backupsFor('claude-sonnet-5', choices(all)).map(({ target, kind }) => [target, kind])).toEqual([
      ['anthropic/claude-sonnet-5', 'lead'],
      ['openrouter/anthropic/claude-sonnet-5', 'same-model'],
      ['anthropic/claude-sonnet-5-5', 'sibling'],
      ['google/gemini-3.8-flash', 'same-tier'],
      ['openai/gpt-5.6-terra', 'same-tier'],
      ['ollama/qwen3', 'local'],
    ]);
  });

  test('a vendor’s own pick has another tier’s as its sibling; resellers write versions with dots', () => {
    const targets = backupsFor('claude-haiku-5-5', choices(all)).map(({ target }) => target);
    expect(targets.slice(0, 3)).toEqual([
      'anthropic/claude-haiku-5-5',
      'openrouter/anthropic/claude-haiku-5.5',
      'anthropic/claude-sonnet-5-5',
    ]);
    expect(targets).toContain('openai/gpt-5.6-luna');
  });

  test('two accounts of one vendor: the second has the same model', () => {
    const two = choices({ anthropic: key, work: { preset: 'anthropic', ...key } });
    expect(backupsFor('claude-opus-5-5', two).slice(0, 2)).toMatchObject([
      { target: 'anthropic/claude-opus-5-5', kind: 'lead' },
      { target: 'work/claude-opus-5-5', kind: 'same-model' },
    ]);
  });

  test('prices: known, nothing for local ones, unknown', () => {
    const found = backupsFor('claude-opus-5-5', choices({ ...all, mistral: key }));
    const price = (target: string) => blendedPrice(found.find((one) => one.target === target)?.price);
    expect(price('anthropic/claude-opus-5-5')).toBe(5.6);
    expect(price('ollama/qwen3')).toBe(0);
    expect(price('mistral/mistral-large-latest')).toBe(blendedPrice({ input: 0.5, output: 1.5 }));
    expect(blendedPrice(undefined)).toBeUndefined();
  });

  test('the same model in the clouds, by the names that it has there', () => {
    const clouds = {
      anthropic: key,
      bedrock: { region: 'eu-central-1', ...key },
      'bedrock-mantle': { region: 'us-east-1', ...key },
      'bedrock-openai': { region: 'us-west-2', ...key },
      'vertex-anthropic': { project: 'p', region: 'global', auth: 'cloud' as const },
      vertex: { project: 'p', region: 'global', auth: 'cloud' as const },
      azure: { resource: 'r', ...key },
      'azure-anthropic': { resource: 'r', ...key },
    };
    const same = (model: string) =>
      backupsFor(model, choices(clouds))
        .filter(({ kind }) => kind === 'same-model')
        .map(({ target }) => target);
    expect(same('claude-haiku-4-5-20251001')).toEqual([
      'bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0',
      'bedrock-mantle/anthropic.claude-haiku-4-5-20251001-v1:0',
      'vertex-anthropic/claude-haiku-4-5@20251001',
      'azure-anthropic/claude-haiku-4-5',
    ]);
    expect(same('gpt-5.6-terra')).toEqual(['bedrock-openai/us.openai.gpt-5.6-terra', 'azure/gpt-5.6-terra']);
    expect(same('gemini-3.8-flash')).toEqual(['vertex/gemini-3.8-flash']);
    expect(backupsFor('claude-opus-5-5', choices(clouds))[0]).toMatchObject({ kind: 'lead', target: 'anthropic/claude-opus-5-5' });
    // Asked for by a cloud's name, it is the same model all the same.
    expect(same('us.anthropic.claude-opus-5-5')).toContain('vertex-anthropic/claude-opus-5-5');
  });

  test('law: only configured providers, no target twice, kinds in order', () => {
    const order = ['lead', 'same-model', 'sibling', 'same-tier', 'local'];
    fc.assert(
      fc.property(
        fc.subarray(Object.keys(all)),
        fc.constantFrom('claude-opus-5', 'gpt-5.6', 'gemini-2.5-pro', 'never-heard-of'),
        (names, model) => {
          const found = backupsFor(model, choices(Object.fromEntries(names.map((name) => [name, all[name]!]))));
          expect(found.every(({ provider }) => names.includes(provider))).toBe(true);
          expect(new Set(found.map(({ target }) => target)).size).toBe(found.length);
          const ranks = found.map(({ kind }) => order.indexOf(kind));
          expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
        },
      ),
      { numRuns: 50 },
    );
  });
});
