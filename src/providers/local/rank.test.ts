import { expect, it } from 'vitest';
import { rankedModels } from './rank.ts';
import type { LocalModel, LocalService } from './service.ts';

const service = (provider: string, models: Partial<LocalModel>[]): LocalService => ({
  kind: 'ollama',
  provider,
  title: provider,
  baseUrl: `http://127.0.0.1/${provider}/v1`,
  models: models.map((model) => ({ name: 'm', loaded: false, ...model })),
  leftOut: [],
  cutsLongInput: true,
});
const GIGABYTE = 1e9;
const names = (services: LocalService[], wanted?: string[]): string[] =>
  rankedModels(services, wanted, 16 * GIGABYTE).map((choice) => `${choice.service.provider}/${choice.model.name}`);

it('takes what is in memory first, then what fits this machine, the larger before the smaller', () => {
  const ollama = service('ollama', [
    { name: 'tiny', billions: 1, bytes: GIGABYTE },
    { name: 'huge', billions: 70, bytes: 40 * GIGABYTE },
    { name: 'middle', billions: 8, bytes: 5 * GIGABYTE },
    { name: 'ready', billions: 3, bytes: 2 * GIGABYTE, loaded: true },
    { name: 'unsaid', bytes: 3 * GIGABYTE },
  ]);
  const vllm = service('vllm', [{ name: 'served', billions: 30, loaded: true }]);
  expect(names([ollama, vllm])).toEqual(['vllm/served', 'ollama/ready', 'ollama/middle', 'ollama/unsaid', 'ollama/tiny', 'ollama/huge']);
});

it('takes those that the settings list, in their order, and no others', () => {
  const ollama = service('ollama', [
    { name: 'qwen3:8b', billions: 8 },
    { name: 'qwen3:30b', billions: 30 },
    { name: 'gemma', loaded: true },
  ]);
  const studio = service('lmstudio', [{ name: 'qwen3:8b' }]);
  expect(names([ollama, studio], ['ollama/qwen3:8b', 'qwen3:*'])).toEqual(['ollama/qwen3:8b', 'ollama/qwen3:30b', 'lmstudio/qwen3:8b']);
  expect(names([ollama], ['mistral'])).toEqual([]);
});

it('takes not more than a few of a service that has very many', () => {
  const many = service(
    'ollama',
    Array.from({ length: 100 }, (_, index) => ({ name: `m${index}` })),
  );
  expect(names([many, service('vllm', [{}])])).toHaveLength(9);
});
