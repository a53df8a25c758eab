import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import type { AskLocal } from './ask.ts';
import { foundProviders, configuredAs } from './as-providers.ts';
import { identify } from './identify.ts';
import { informed } from './informed.ts';
import { rankedModels } from './rank.ts';

const FIELDS = [
  'id',
  'name',
  'key',
  'model',
  'models',
  'data',
  'owned_by',
  'version',
  'capabilities',
  'details',
  'family',
  'parameter_size',
  'size',
  'digest',
  'model_info',
  'parameters',
  'x.context_length',
  'context_length',
  'loaded_instances',
  'config',
  'max_context_length',
  'type',
  'state',
  'meta',
  'n_ctx',
  'n_ctx_train',
  'n_params',
  'default_generation_settings',
  'total_slots',
  'modalities',
  'vision',
  'chat_template_caps',
  'status',
  'value',
  'role',
  'max_model_len',
  'remote_host',
  'params_string',
  'size_bytes',
];
const WORDS = [
  'llamacpp',
  'vllm',
  'organization_owner',
  'library',
  'llm',
  'embedding',
  'router',
  'loaded',
  '8B',
  '0.40.12',
  'num_ctx 4096',
  'a:b',
  '*',
];

/** Objects of these services' own fields, with anything in them. */
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...WORDS, null, true, false, 0, -1, 4096, 1e300),
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('anything'), { maxKeys: 8 }),
  ),
}));
const object = fc.dictionary(fc.constantFrom(...FIELDS), anything, { maxKeys: 12 }) as fc.Arbitrary<JsonObject>;
const list = fc.array(fc.tuple(object, fc.constantFrom(...WORDS)), { maxLength: 4 }).map((items) => ({
  object: 'list',
  data: items.map(([item, owner], index) => ({ id: `m${index}`, owned_by: owner, ...item })),
}));

it('whatever a service says, it is taken for something or for nothing, and what is made of it can be asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(object), list, fc.boolean(), async (answers, first, breaks) => {
      const ask: AskLocal = (url) => {
        if (url.endsWith('/v1/models') && !url.includes('/api/'))
          return Promise.resolve(ok({ status: 200, headers: {}, json: first as JsonObject }));
        const next = (): JsonObject => answers.next().value as JsonObject;
        const models = ['a', 'b'].map((name) => ({ type: 'llm', ...next(), name, key: name }));
        const json: JsonObject = { version: '0.40.12', ...next(), models };
        return Promise.resolve(breaks ? err('cut-off') : ok({ status: 200, headers: {}, json }));
      };
      const look = await identify({ baseUrl: 'http://127.0.0.1:9000/v1', named: true }, ask, new Map());
      if (look.type !== 'service') return;
      const [provider] = foundProviders([look.service], [], 1, { environment: {}, home: '/h', platform: 'linux' });
      expect(provider === undefined).toBe(look.service.models.length === 0);
      for (const { model } of rankedModels([look.service], undefined, 16e9)) {
        expect(provider!.offers(model.name)).toBe(true);
        const { contextWindow, price } = provider!.facts(model.name);
        expect(price).toEqual({ input: 0, output: 0 });
        expect(contextWindow ?? 1).toBeGreaterThan(0);
      }
      if (!provider) return;
      expect(configuredAs(look.service, [provider])).toBe(provider);
      expect(informed([provider], [look.service])[0]!.name).toBe('local-9000');
    }),
    { numRuns: 400 },
  );
});
