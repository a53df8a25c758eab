/** Cases 38 to 46 of research/dialects.md 3.2: parameters, usage, ends, errors. */
import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { isObject, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import { countTokens } from '../../src/failover/count-tokens.ts';
import { makePlan } from '../../src/failover/plan.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { deadlinesSettings, failoverSettings } from '../../src/failover/settings.ts';
import { simCall } from '../../src/sim/sim-call.ts';
import { createSimProvider } from '../../src/sim/sim-provider.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { provider } from '../matrix/providers.ts';
import { questionOf } from '../matrix/question.ts';
import { codec, runTrial } from '../matrix/run-cell.ts';
import { failing, play } from '../matrix/scripted.ts';
import { createHouse, HOME, SERVICES } from './house.ts';
import { objectOf, objects, SPEAKERS } from './speakers.ts';
import { FOREIGN, PAIRS, tell } from './tell.ts';

describe('case 38: an answer that follows a schema', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { title: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
    required: ['title', 'tags'],
    additionalProperties: false,
  };
  const DEMANDED: Record<ClientDialect, JsonObject> = {
    'anthropic-messages': { output_config: { format: { type: 'json_schema', schema } } },
    'openai-chat': { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } },
    'openai-responses': { text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } } },
    gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } },
  };
  test.each(PAIRS)('case 38: %s from %s', async (client, service) => {
    const { reading, json } = await tell(client, service, SPEAKERS[client].user('Name it.'), { more: DEMANDED[client] });
    expect(json).toContain('tags');
    expect(parseObject(reading.text)).toEqual({ title: expect.any(String), tags: expect.any(Array) });
  });

  test.each(DIALECTS)('case 38: is kept where a backup answers a client of %s', async (client) => {
    const targets = [HOME[client], ...Object.values(HOME).filter((service) => service !== HOME[client])];
    const question = SPEAKERS[client].question(SPEAKERS[client].user('Name it.'), { model: 'm', stream: true, more: DEMANDED[client] });
    for (let up = 1; up < targets.length; up++) {
      const script = (service: string): ReturnType<typeof failing> | undefined =>
        targets.slice(0, up).includes(service as never) ? failing(529, '{}') : undefined;
      const { reading } = await createHouse().ask({ client, question, targets, script });
      expect(parseObject(reading.text)).toHaveProperty('tags');
    }
  });
});

describe('case 39: why an answer ended', () => {
  const WORDS: Record<ClientDialect, Record<'length' | 'content-filter' | 'pause' | 'context-window', RegExp>> = {
    'anthropic-messages': {
      length: /"stop_reason":"max_tokens"/,
      'content-filter': /"stop_reason":"refusal"/,
      pause: /"stop_reason":"(pause_turn|end_turn)"/,
      'context-window': /"stop_reason":"(model_context_window_exceeded|max_tokens)"/,
    },
    'openai-chat': {
      length: /"finish_reason":"length"/,
      'content-filter': /"finish_reason":"content_filter"/,
      pause: /"finish_reason":"(stop|length)"/,
      'context-window': /"finish_reason":"length"/,
    },
    'openai-responses': {
      length: /"reason":"max_output_tokens"/,
      'content-filter': /"reason":"content_filter"/,
      pause: /"status":"(completed|incomplete)"/,
      'context-window': /"reason":"max_output_tokens"/,
    },
    gemini: {
      length: /"finishReason":\s?"MAX_TOKENS"/,
      'content-filter': /"finishReason":\s?"(SAFETY|PROHIBITED_CONTENT)"/,
      pause: /"finishReason":\s?"(STOP|MAX_TOKENS)"/,
      'context-window': /"finishReason":\s?"MAX_TOKENS"/,
    },
  };
  test.each(PAIRS)('case 39: %s from %s', async (client, service) => {
    for (const [stop, word] of Object.entries(WORDS[client])) {
      for (const stream of [true, false]) {
        const { wire, outcome } = await tell(client, service, SPEAKERS[client].user(`Say it. [sim words=30 stop=${stop}]`), { stream });
        expect(outcome.type).toBe('complete');
        expect(wire.replaceAll('": "', '":"')).toMatch(word);
      }
    }
    const refused = await tell(client, service, SPEAKERS[client].user('Say it. [sim refuse]'));
    expect(refused.outcome).toMatchObject({ type: 'complete' });
    expect(refused.wire).toMatch(/refus|content_filter|SAFETY|PROHIBITED|stop/i);
  });
});

/** Tokens in and those of them that came from a cache, in each dialect's own words. */
function usageIn(dialect: ClientDialect, body: JsonObject): { input: number; cached: number } {
  const usage = objectOf(body.usage ?? body.usageMetadata);
  const details = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  switch (dialect) {
    case 'anthropic-messages': {
      const cached = number(usage.cache_read_input_tokens);
      return { input: number(usage.input_tokens) + cached + number(usage.cache_creation_input_tokens), cached };
    }
    case 'openai-chat':
      return { input: number(usage.prompt_tokens), cached: number(details.cached_tokens) };
    case 'openai-responses':
      return { input: number(usage.input_tokens), cached: number(details.cached_tokens) };
    case 'gemini':
      return { input: number(usage.promptTokenCount), cached: number(usage.cachedContentTokenCount) };
  }
}

test.each(PAIRS)('case 40: %s from %s: what came from a cache is counted once', async (client, service) => {
  const cached = SERVICES[service].dialect === 'anthropic-messages';
  const usage: JsonObject = {
    'anthropic-messages': { usage: { input_tokens: 10, cache_read_input_tokens: 70, cache_creation_input_tokens: 20, output_tokens: 5 } },
    'openai-chat': { usage: { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, prompt_tokens_details: { cached_tokens: 70 } } },
    'openai-responses': {},
    gemini: {},
  }[SERVICES[service].dialect];
  const { wire } = await tell(client, service, SPEAKERS[client].user('Hi. [sim words=10]'), {}, (_name, sent) => {
    if (sent.stream === true || SERVICES[service].dialect === 'gemini' || SERVICES[service].dialect === 'openai-responses')
      return undefined;
    const answer = cached
      ? {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [{ type: 'text', text: 'Hi.' }],
          stop_reason: 'end_turn',
          ...usage,
        }
      : {
          id: 'c',
          object: 'chat.completion',
          model: 'm',
          created: 1,
          choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
          ...usage,
        };
    return [
      { type: 'head', status: 200, headers: { 'content-type': 'application/json' } },
      { type: 'write', bytes: Buffer.from(JSON.stringify(answer)) },
      { type: 'end' },
    ];
  });
  const { input, cached: read } = usageIn(client, parseObject(wire) ?? {});
  expect(input).toBeGreaterThan(0);
  expect(read).toBeLessThanOrEqual(input);
});

describe('case 40: marks for a cache', () => {
  const MARKED: Partial<Record<ClientDialect, JsonObject>> = {
    'anthropic-messages': { system: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }] },
    'openai-chat': { prompt_cache_key: 'k' },
    'openai-responses': { prompt_cache_key: 'k' },
  };
  test.each(PAIRS.filter(([client]) => MARKED[client]))(
    'case 40: %s and %s count the same, and the mark is named where it is lost',
    async (client, service) => {
      const { wire, sent, json, losses } = await tell(client, service, SPEAKERS[client].user('Hi. [sim words=10]'), {
        more: MARKED[client]!,
      });
      const mark = client === 'anthropic-messages' ? 'cache_control' : 'prompt_cache_key';
      expect(json.includes(mark) || losses.some((loss) => loss.includes(mark))).toBe(true);
      const told = usageIn(client, parseObject(wire) ?? {});
      const { answer } = sent.at(-1)!;
      const own = answer.startsWith('{')
        ? usageIn(SERVICES[service].dialect, parseObject(answer)!)
        : lastUsage(SERVICES[service].dialect, answer);
      expect(told).toEqual(own);
    },
  );
});

/** Of a stream: Anthropic tells the input first, the others last. */
function lastUsage(dialect: ClientDialect, stream: string): { input: number; cached: number } {
  const events = stream.split(/\r?\n/).flatMap((line) => (line.startsWith('data: ') ? [parseObject(line.slice(6)) ?? {}] : []));
  const bodies = events.map((event) => (isObject(event.message) ? event.message : isObject(event.response) ? event.response : event));
  const counts = bodies.map((body) => usageIn(dialect, body)).filter(({ input }) => input > 0);
  return counts.at(dialect === 'anthropic-messages' ? 0 : -1)!;
}

test.each(DIALECTS)(
  'case 41: tokens for a client of %s are those that its vendor counts, or a sober estimate that says so',
  async (client) => {
    const clock = virtualClock();
    const { counting, inspect } = codec(client);
    const question = questionOf(client, false, 'parallel', 'the-model');
    const body = client === 'gemini' ? Buffer.from(`{"generateContentRequest":${question.body.toString()}}`) : question.body;
    const path = client === 'gemini' ? '/v1beta/models/the-model:countTokens' : `${question.path}/count`;
    for (const dialect of DIALECTS) {
      const call = simCall({ clock, providers: { 'lead.test': createSimProvider({ clock }) } });
      const head = inspect(question.body, question.path);
      if (!head.ok) throw new Error(head.error.message);
      const route = parseRoute('default', {
        targets: ['lead/the-model'],
        never: [],
        save: true,
        strict: false,
        whenClientLeaves: 'cancel',
        defer: false,
      });
      const world = {
        provider: () => provider({ name: 'lead', dialect, key: 'k' }),
        providerNames: ['lead'],
        routes: new Map([['default', route]]),
        ownVendor: () => undefined,
        deadlines: deadlinesSettings.parse({}),
        failover: failoverSettings.parse({}),
      };
      const plan = makePlan(world, { dialect: client, head: head.value, client: { credential: 'key', alone: true } });
      if (!plan.ok) throw new Error(plan.error.message);
      const counted = countTokens(call, clock, { dialect: codec(client), body, headers: [], path, plan: plan.value });
      await clock.advance(1000);
      const { status, headers, body: answer } = await counted;
      const tokens = counting?.read(parseObject(answer.toString())!) ?? Number(parseObject(answer.toString())?.input_tokens);
      expect(status).toBe(200);
      expect(tokens).toBeGreaterThan(body.length / 10);
      expect(tokens).toBeLessThan(body.length);
      const asked = dialect === client && counting !== undefined;
      expect(headers['x-understudy-estimate']).toBe(asked ? undefined : 'true');
    }
  },
);

test.each(FOREIGN)('case 42: %s to %s: the limit is in the right field, and no more than the model can write', async (client, service) => {
  const more: JsonObject = {
    'anthropic-messages': { max_tokens: 900_000 },
    'openai-chat': { max_tokens: 900_000 },
    'openai-responses': { max_output_tokens: 900_000 },
    gemini: { generationConfig: { maxOutputTokens: 900_000 } },
  }[client];
  const { body, losses } = await tell(client, service, SPEAKERS[client].user('Hi.'), { more });
  const [field, holder]: [string, JsonObject] = {
    'anthropic-messages': ['max_tokens', body] as [string, JsonObject],
    'openai-chat': ['max_completion_tokens', body] as [string, JsonObject],
    'openai-responses': ['max_output_tokens', body] as [string, JsonObject],
    gemini: ['maxOutputTokens', objectOf(body.generationConfig)] as [string, JsonObject],
  }[SERVICES[service].dialect];
  expect(holder[field]).toEqual(expect.any(Number));
  expect(body).not.toHaveProperty(field === 'max_completion_tokens' ? 'max_tokens' : 'max_completion_tokens');
  const known = ['anthropic', 'sonnet', 'older'].includes(service);
  expect(known && Number(holder[field]) > 130_000).toBe(false);
  expect(losses.length > 0).toBe(holder[field] !== 900_000);
});

describe("case 43: Gemini's paths", () => {
  const { user, question } = SPEAKERS.gemini;
  const { body, headers } = question(user('Hi. [sim words=10]'), { model: 'm', stream: false, more: { unknownKwarg: { a: 1 } } });
  const PATHS: [path: string, stream: boolean][] = [
    ['/v1beta/models/m:generateContent', false],
    ['/v1/models/m:generateContent', false],
    ['/v1beta/models/m:streamGenerateContent?alt=sse', true],
    ['/v1/models/m:streamGenerateContent?alt=sse&key=secret', true],
    ['/v1beta/models/m:generateContent?key=secret&quotaUser=u', false],
  ];
  test.each(PATHS)('case 43: %s', async (path, stream) => {
    for (const service of ['anthropic', 'openai', 'completions'] as const) {
      const answered = await createHouse().ask({ client: 'gemini', question: { path, headers, body }, targets: [service] });
      expect(answered.outcome.type).toBe('complete');
      expect(answered.wire.startsWith('data: ')).toBe(stream);
      expect(JSON.stringify(answered.sent)).not.toContain('secret');
      expect(answered.attempts[0]!.losses.join()).toContain('unknownKwarg');
    }
  });
});

describe('case 44: what only some can say', () => {
  test.each(PAIRS.filter(([client]) => client === 'openai-chat'))(
    'case 44: a seed from %s to %s arrives or is named',
    async (client, service) => {
      const { json, losses } = await tell(client, service, SPEAKERS[client].user('Hi.'), {
        more: { seed: 7, logit_bias: { '50256': -100 } },
      });
      for (const field of ['seed', 'logit_bias']) expect(json.includes(field) || losses.some((loss) => loss.startsWith(field))).toBe(true);
    },
  );

  test('case 44: several answers at once are asked only of those who can give them', async () => {
    const { user, question } = SPEAKERS['openai-chat'];
    const several = question(user('Hi. [sim words=10]'), { model: 'm', stream: false, more: { n: 2 } });
    const { wire, sent } = await createHouse().ask({
      client: 'openai-chat',
      question: several,
      targets: ['anthropic', 'google', 'completions'],
    });
    expect(objects(parseObject(wire)?.choices)).toHaveLength(2);
    expect(sent.map(({ service }) => service)).toEqual(['completions']);
  });
});

test('case 45: what stands on an answer that only its vendor keeps goes to nobody else, and says why', async () => {
  const { user, question } = SPEAKERS['openai-responses'];
  const next = question(user('And now?'), { model: 'm', stream: false, more: { previous_response_id: 'resp_1' } });
  for (const service of ['anthropic', 'google', 'completions'] as const) {
    const asked = createHouse().ask({ client: 'openai-responses', question: next, targets: [service] });
    await expect(asked).rejects.toThrow(/only the service that gave the response resp_1/);
  }
  const { sent } = await createHouse().ask({ client: 'openai-responses', question: next, targets: ['anthropic', 'openai'] });
  expect(sent[0]).toMatchObject({ service: 'openai', body: { previous_response_id: 'resp_1' } });
});

describe.each(DIALECTS)('case 46: what a status means, to a client of %s', (client) => {
  test.each(DIALECTS)('case 46: said by %s', async (lead) => {
    const cases: [fault: string, rescued: boolean][] = [
      ['529', true],
      ['402', true],
      ['429-quota', true],
      ['200-error', true],
      ['401', true],
      ['404-model', true],
    ];
    for (const [fault, rescued] of cases) {
      const common = { client, lead, stream: false, content: 'text' } as const;
      const backup = lead === 'gemini' ? 'openai-chat' : 'gemini';
      const both = await runTrial({ ...common, backup, faults: [{ fault }] });
      expect(both.reading.finished).toBe(rescued);
      const alone = await runTrial({ ...common, backup: undefined, faults: [{ fault }] });
      expect(alone.status).toBeGreaterThanOrEqual(400);
      // What no waiting cures is not asked for twice.
      expect(['402', '429-quota', '401', '404-model'].includes(fault) && alone.asked.lead > 1).toBe(false);
    }
  });
});

test('case 46: statuses of resellers, and a body under 200 that speaks of a quota', async () => {
  const QUOTA = '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}';
  for (const [status, body, wanted] of [
    [498, '{"error":{"message":"Flex tier capacity exceeded"}}', 'provider-fault'],
    [200, QUOTA, 'quota'],
    [402, '{"error":{"message":"Insufficient credits"}}', 'quota'],
  ] as const) {
    const targets = [{ name: 'lead', dialect: 'openai-chat' as const, answer: () => failing(status, body) }];
    const { outcome } = await play({ client: 'openai-chat', targets });
    expect(outcome).toMatchObject({ type: 'failed', fault: { class: wanted } });
  }
});
