/** Cases 16 to 26 of research/dialects.md 3.2: tools. */
import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { runTrial } from '../matrix/run-cell.ts';
import { SERVICES } from './house.ts';
import { type Call, objectOf, objects, SPEAKERS, wholeOf } from './speakers.ts';
import { FOREIGN, PAIRS, PNG, tell } from './tell.ts';

const CALLS: Call[] = [
  { id: 'call_a', name: 'look_up', arguments: '{"topic":"sea"}' },
  { id: 'call_b', name: 'search', arguments: '{"topic":"wind"}' },
];
const TOOLS = ['look_up', 'search'];
const [A, B] = CALLS as [Call, Call];

/** A question, two calls, and what follows. */
function afterCalls(client: ClientDialect, ...rest: JsonObject[]): JsonObject[] {
  const speaker = SPEAKERS[client];
  return [...speaker.user('Look both up.'), ...speaker.said('I will.', CALLS), ...rest];
}

test.each(PAIRS)('case 16: %s to %s: results of parallel calls, in whatever order, and words behind them', async (client, service) => {
  const speaker = SPEAKERS[client];
  const results = speaker.results([
    { call: B, text: 'of the wind' },
    { call: A, text: 'of the sea' },
  ]);
  const { turns, outcome } = await tell(client, service, afterCalls(client, ...results, ...speaker.user('And now? [sim words=10]')), {
    tools: TOOLS,
  });
  expect(outcome.type).toBe('complete');
  expect(turns.flatMap((turn) => turn.calls.map(({ name }) => name))).toEqual(['look_up', 'search']);
  expect(turns.flatMap((turn) => turn.results.map(({ text }) => text)).toSorted()).toEqual(['of the sea', 'of the wind']);
  expect(turns.at(-1)!.text).toContain('And now?');
});

describe('case 17: an image of the user between parallel results', () => {
  test.each(FOREIGN.filter(([client]) => client === 'openai-chat' || client === 'openai-responses'))(
    'case 17: %s to %s',
    async (client, service) => {
      const speaker = SPEAKERS[client];
      const [first, second] = [speaker.results([{ call: A, text: 'of the sea' }]), speaker.results([{ call: B, text: 'of the wind' }])];
      const { turns, json } = await tell(client, service, afterCalls(client, ...first, ...speaker.user('This one.', [PNG]), ...second), {
        tools: TOOLS,
      });
      expect(turns.flatMap((turn) => turn.results.map(({ text }) => text))).toEqual(['of the sea', 'of the wind']);
      expect(json).toContain(PNG);
    },
  );
});

test.each(PAIRS)('case 18: %s to %s: an image within a result arrives', async (client, service) => {
  const results = SPEAKERS[client].results([
    { call: A, text: 'of the sea', image: PNG },
    { call: B, text: 'of the wind' },
  ]);
  const { turns, json } = await tell(client, service, afterCalls(client, ...results), { tools: TOOLS });
  expect(json).toContain(PNG);
  expect(turns.flatMap((turn) => turn.results.map(({ text }) => text)).join()).toContain('of the sea');
});

test.each(PAIRS)('case 19: %s from %s: calls that are made at once', async (client, service) => {
  for (const stream of [true, false]) {
    const { wire } = await tell(client, service, SPEAKERS[client].user('Look both up. [sim tools=3]'), { tools: TOOLS, stream });
    const calls = SPEAKERS[client].calls(SPEAKERS[client].keeps(await wholeOf(client, stream, wire)));
    expect(calls.map(({ name, arguments: json }) => [name, parseObject(json)?.topic])).toEqual([
      ['look_up', 'simulated topic'],
      ['search', 'simulated topic 2'],
      ['look_up', 'simulated topic 3'],
    ]);
    const ids = calls.map(({ id }) => id).filter((id) => id !== '');
    expect(new Set(ids).size).toBe(service === 'older' && client === 'gemini' ? 0 : 3);
  }
});

describe('case 20: tools for free text', () => {
  test.each(FOREIGN.filter(([client]) => client === 'openai-responses' || client === 'openai-chat'))(
    'case 20: %s from %s',
    async (client, service) => {
      const speaker = SPEAKERS[client];
      for (const stream of [true, false]) {
        const asked = speaker.user('Change it. [sim tools=1]');
        const { wire } = await tell(client, service, asked, { custom: ['apply_patch'], stream });
        // OpenAI's chat has such tools itself, and its simulator leaves them alone.
        if (service === 'completions') continue;
        const kept = speaker.keeps(await wholeOf(client, stream, wire));
        expect(speaker.calls(kept)).toMatchObject([{ name: 'apply_patch', arguments: 'simulated input', custom: true }]);
        const [call] = speaker.calls(kept);
        const back = await tell(client, service, [...asked, ...kept, ...speaker.results([{ call: call!, text: 'changed' }])], {
          custom: ['apply_patch'],
        });
        expect(back.turns.flatMap((turn) => turn.calls)).toMatchObject([{ name: 'apply_patch', arguments: '{"input":"simulated input"}' }]);
        expect(back.turns.flatMap((turn) => turn.results)).toMatchObject([{ text: 'changed' }]);
      }
    },
  );
});

describe('case 21: tools that the provider runs', () => {
  const SEARCH: Record<ClientDialect, [more: JsonObject, mark: string]> = {
    'anthropic-messages': [{ tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] }, 'web_search_20250305'],
    'openai-chat': [{ web_search_options: { search_context_size: 'low' } }, 'web_search_options'],
    'openai-responses': [{ tools: [{ type: 'web_search', search_context_size: 'low' }] }, 'search_context_size'],
    gemini: [{ tools: [{ googleSearch: {} }] }, 'googleSearch'],
  };
  test.each(PAIRS)('case 21: %s to %s: kept by who runs them, and else named as lost', async (client, service) => {
    const [more, mark] = SEARCH[client];
    const { json, losses } = await tell(client, service, SPEAKERS[client].user('What is new?'), { more });
    const own = SERVICES[service].dialect === client;
    expect(json.includes(mark)).toBe(own);
    expect(losses.length > 0).toBe(!own);
    expect(own || /tools|web_search/.test(losses.join())).toBe(true);
  });
});

describe('case 22: names that others refuse', () => {
  const NAMES: Partial<Record<ClientDialect, string>> = {
    'anthropic-messages': `mcp__${'files'.repeat(20)}__search`,
    gemini: 'files.search:all',
  };
  test.each(PAIRS.filter(([client]) => NAMES[client] !== undefined))('case 22: %s to %s and back', async (client, service) => {
    const name = NAMES[client]!;
    const speaker = SPEAKERS[client];
    const asked = speaker.user('Look it up. [sim tools=1]');
    const { wire, body } = await tell(client, service, asked, { tools: [name] });
    expect(body.tools).toBeDefined();
    const kept = speaker.keeps(await wholeOf(client, false, wire));
    expect(speaker.calls(kept)).toMatchObject([{ name }]);
    const results = speaker.results([{ call: speaker.calls(kept)[0]!, text: 'found' }]);
    const again = await tell(client, service, [...asked, ...kept, ...results], { tools: [name] });
    expect(again.turns.flatMap((turn) => turn.results)).toMatchObject([{ text: 'found' }]);
    expect(again.json).toContain(JSON.stringify(objects(body.tools).at(0)).match(/"name":"([^"]+)"/)![1]!);
  });
});

describe("case 23: schemas in Google's words", () => {
  const schema: JsonObject = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $defs: { place: { type: 'object', properties: { name: { type: ['string', 'null'], const: 'x' } }, additionalProperties: false } },
    type: 'object',
    properties: {
      place: { $ref: '#/$defs/place' },
      either: { anyOf: [{ type: 'string' }, { type: 'integer', exclusiveMinimum: 3 }] },
      one: { oneOf: [{ type: 'string', format: 'uri' }, { type: 'null' }] },
      many: { type: 'array', items: [{ type: 'string' }], minItems: 1 },
    },
    patternProperties: { '^x-': { type: 'string' } },
    additionalProperties: false,
    required: ['place'],
  };
  const OFFER: Record<ClientDialect, JsonObject> = {
    'anthropic-messages': { tools: [{ name: 'look_up', description: 'd', input_schema: schema }] },
    'openai-chat': { tools: [{ type: 'function', function: { name: 'look_up', parameters: schema } }] },
    'openai-responses': { tools: [{ type: 'function', name: 'look_up', parameters: schema, strict: false }] },
    gemini: { tools: [{ functionDeclarations: [{ name: 'look_up', parametersJsonSchema: schema }] }] },
  };
  test.each(PAIRS)('case 23: %s to %s: a schema with references, alternatives and lists of types', async (client, service) => {
    const { wire } = await tell(client, service, SPEAKERS[client].user('Look it up. [sim tools=1]'), { more: OFFER[client] });
    expect(SPEAKERS[client].calls(SPEAKERS[client].keeps(await wholeOf(client, false, wire)))).toHaveLength(1);
  });

  test.each(PAIRS)('case 23: %s to %s: a result that holds a reference', async (client, service) => {
    const text = '{"$ref":"#/definitions/a","type":["a","b"]}';
    const results = SPEAKERS[client].results([
      { call: A, text },
      { call: B, text: 'x' },
    ]);
    const { turns } = await tell(client, service, afterCalls(client, ...results), { tools: TOOLS });
    expect(turns.flatMap((turn) => turn.results)[0]!.text).toContain('$ref');
  });
});

describe('case 24: a tool that must be called, while it thinks', () => {
  const FORCED: Record<ClientDialect, JsonObject> = {
    'anthropic-messages': { tool_choice: { type: 'tool', name: 'search' } },
    'openai-chat': { tool_choice: { type: 'function', function: { name: 'search' } } },
    'openai-responses': { tool_choice: { type: 'function', name: 'search' } },
    gemini: { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['search'] } } },
  };
  const THINKS: Record<ClientDialect, JsonObject> = {
    'anthropic-messages': { thinking: { type: 'adaptive' } },
    'openai-chat': { reasoning_effort: 'high' },
    'openai-responses': { reasoning: { effort: 'high' } },
    gemini: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
  };
  test.each(FOREIGN)('case 24: %s to %s', async (client, service) => {
    const more = { ...FORCED[client], ...THINKS[client] };
    const { wire } = await tell(client, service, SPEAKERS[client].user('Look.'), { tools: TOOLS, more });
    expect(SPEAKERS[client].calls(SPEAKERS[client].keeps(await wholeOf(client, false, wire)))).toMatchObject([{ name: 'search' }]);
  });

  test.each(PAIRS.filter(([client]) => client === 'gemini'))(
    'case 24: VALIDATED of %s to %s leaves the choice free',
    async (client, service) => {
      const more = { toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } };
      const { outcome, reading } = await tell(client, service, SPEAKERS[client].user('Look. [sim words=10]'), { tools: TOOLS, more });
      expect(outcome.type).toBe('complete');
      expect(reading.calls).toEqual([]);
    },
  );
});

describe.each(DIALECTS)('a cut in the middle of tools, for %s', (client) => {
  test.each(DIALECTS)('case 25: half a call of %s is never shown', async (lead) => {
    const common = { client, lead, stream: true, content: 'parallel' } as const;
    for (const fault of ['reset-inside', 'clean-end']) {
      const faults = [{ fault, position: 'arguments' as const }];
      const rescued = await runTrial({ ...common, backup: lead === 'gemini' ? 'openai-chat' : 'gemini', faults });
      expect(rescued.reading).toMatchObject({ finished: true });
      expect(rescued.reading.calls.length).toBeGreaterThan(0);
      const alone = await runTrial({ ...common, backup: undefined, faults });
      for (const { reading } of [rescued, alone]) {
        for (const call of reading.calls) expect(parseObject(call.arguments)).toHaveProperty('topic');
        expect(new Set(reading.calls.map(({ name }) => name)).size).toBe(reading.calls.length);
      }
    }
  });

  test.each(DIALECTS)('case 26: cut by %s before the call, the one who carries on calls the tool and does not tell of it', async (lead) => {
    for (const backup of DIALECTS) {
      const faults = [{ fault: 'reset-edge', position: 'text-middle' as const }];
      const { reading } = await runTrial({ client, lead, backup, stream: true, content: 'tool', faults });
      expect(reading).toMatchObject({ finished: true, calls: [{ name: 'look_up' }] });
      expect(reading.text).not.toMatch(/\{"topic"|tool_use|functionCall/);
    }
  });
});

test('case 26: what was called before stays a call where an answer is carried on', async () => {
  for (const [client, service] of PAIRS) {
    const results = SPEAKERS[client].results(CALLS.map((call) => ({ call, text: `of ${call.name}` })));
    const { turns } = await tell(client, service, afterCalls(client, ...results), { tools: TOOLS });
    expect(turns.flatMap((turn) => turn.calls).map(({ arguments: json }) => objectOf(parseObject(json)).topic)).toEqual(['sea', 'wind']);
  }
});
