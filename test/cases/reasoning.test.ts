/** Cases 31 to 37 of research/dialects.md 3.2: reasoning. Whole conversations are in agents.test.ts. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/exchange/json.ts';
import { isOwnSignature, ownSignature } from '../../src/sim/signature.ts';
import { ponder } from '../../src/sim/speech.ts';
import { VENDORS } from '../../src/sim/vendors.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { block, END, failing, finish, messages, OPEN, START, stop } from '../matrix/scripted.ts';
import { createHouse, HOME, type Service, SERVICES } from './house.ts';
import { objectOf, objects, SPEAKERS, wholeOf } from './speakers.ts';
import { PAIRS, TARGETS, tell } from './tell.ts';

const THINKERS = [...TARGETS, 'deepseek'] as const satisfies Service[];
const QUESTION = 'Think, then look both up.';
const TOOLS = ['look_up', 'search'];

/** What a client has after `first` thought and called tools, and what `second` is then sent. */
async function handOver(client: (typeof DIALECTS)[number], first: Service, second: Service): Promise<JsonObject> {
  const speaker = SPEAKERS[client];
  const asked = speaker.user(`${QUESTION} [sim thinking tools=2]`);
  const { wire } = await tell(client, first, asked, { tools: TOOLS, thinks: true });
  const kept = speaker.keeps(await wholeOf(client, false, wire));
  const results = speaker.results(speaker.calls(kept).map((call) => ({ call, text: `of ${call.name}` })));
  const { body, turns } = await tell(client, second, [...asked, ...kept, ...results], { tools: TOOLS, thinks: true });
  expect(turns.flatMap((turn) => turn.calls)).toHaveLength(2);
  expect(turns.flatMap((turn) => turn.results)).toHaveLength(2);
  return body;
}

const THOUGHT = ponder(QUESTION);
const HANDS = DIALECTS.flatMap((client) => THINKERS.map((first) => [client, first] as const));

test.each(HANDS)('case 31: %s, %s, then Claude: no thought of another, its own as it was', async (client, first) => {
  for (const second of ['anthropic', 'sonnet'] as const) {
    const json = JSON.stringify(await handOver(client, first, second));
    expect(json.includes(THOUGHT)).toBe(SERVICES[first].preset === 'anthropic');
    expect(json).not.toContain('understudy.v1.');
  }
});

describe('case 32: thoughts between words', () => {
  const proofs = [ownSignature('anthropic-messages', 'one'), ownSignature('anthropic-messages', 'two')];
  const BLOCKS: JsonObject[] = [
    { type: 'thinking', thinking: 'first', signature: proofs[0]! },
    { type: 'text', text: 'I look.' },
    { type: 'thinking', thinking: 'second', signature: proofs[1]! },
    { type: 'redacted_thinking', data: ownSignature('anthropic-messages', 'three') },
    { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: { topic: 'x' } },
  ];
  const scene = [
    OPEN,
    ...messages(START, ...BLOCKS.flatMap((content, index) => [block(index, content), stop(index)]), ...finish('tool_use')),
    END,
  ];
  const body = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: BLOCKS,
    stop_reason: 'tool_use',
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const whole = [
    { type: 'head' as const, status: 200, headers: { 'content-type': 'application/json' } },
    { type: 'write' as const, bytes: Buffer.from(JSON.stringify(body)) },
    END,
  ];

  test.each(DIALECTS)('case 32: go back to Claude as they came, and in their order, from a client of %s', async (client) => {
    const speaker = SPEAKERS[client];
    const asked = speaker.user('Look.');
    const { wire } = await tell(client, 'anthropic', asked, { tools: TOOLS }, (_service, sent) => (sent.stream === true ? scene : whole));
    const kept = speaker.keeps(await wholeOf(client, false, wire));
    const results = speaker.results(speaker.calls(kept).map((call) => ({ call, text: 'found' })));
    const { body: back } = await tell(client, 'anthropic', [...asked, ...kept, ...results], { tools: TOOLS });
    const turn = objects(back.messages).find(({ role }) => role === 'assistant');
    const [first, text, second, redacted, use] = BLOCKS;
    // A chat message has its thoughts beside its words: these lose their place among them, not their order.
    const wanted = client === 'openai-chat' ? [first, second, redacted, text, use] : BLOCKS;
    expect(objects(turn?.content)).toEqual(wanted);
    expect(use).toBeDefined();
  });

  test('case 32: how thoughts are shown is left to the client', async () => {
    const more = { thinking: { type: 'adaptive', display: 'omitted' } };
    const { body: sent } = await tell('anthropic-messages', 'anthropic', SPEAKERS['anthropic-messages'].user('Hi.'), { more });
    expect(sent.thinking).toEqual(more.thinking);
  });
});

test.each(HANDS)(
  'case 33: %s, %s, then Gemini: its own signature on the same part, and its word for none elsewhere',
  async (client, first) => {
    const body = await handOver(client, first, 'google');
    const calls = objects(body.contents).flatMap(({ parts }) => objects(parts).filter(({ functionCall }) => functionCall !== undefined));
    const [signature] = calls.map(({ thoughtSignature }) => String(thoughtSignature));
    // Chat has its reasoning beside the words: the signature comes back within its turn, and the call has the word for none.
    const beside = first === 'google' && client === 'openai-chat';
    expect(!beside || /"thoughtSignature":"c2ltdWxhdGVk/.test(JSON.stringify(body))).toBe(true);
    expect(first !== 'google' || beside || isOwnSignature('gemini', signature!)).toBe(true);
    // Models before Gemini 3 sign without being asked.
    expect(['google', 'older'].includes(first) || signature === 'skip_thought_signature_validator').toBe(true);
    expect(JSON.stringify(body).includes(THOUGHT)).toBe(SERVICES[first].preset === 'google');
  },
);

test.each(HANDS)('case 34: %s, %s, then Responses: encrypted reasoning goes to who made it, without ids', async (client, first) => {
  const body = await handOver(client, first, 'openai');
  const reasoning = objects(body.input).filter(({ type }) => type === 'reasoning');
  expect(reasoning).toHaveLength(first === 'openai' ? 1 : 0);
  expect(reasoning.every(({ encrypted_content: secret }) => isOwnSignature('openai-responses', String(secret)))).toBe(true);
  expect(client === 'openai-responses' || reasoning.every(({ id }) => id === undefined)).toBe(true);
  expect(body.store).toBe(false);
});

test.each(HANDS)('case 35: %s, %s, then DeepSeek, which wants to see what led to the calls', async (client, first) => {
  const body = await handOver(client, first, 'deepseek');
  const turn = objects(body.messages).find(({ tool_calls: calls }) => calls !== undefined);
  // Natively the bytes are the client's own: what others thought is cut out.
  expect(JSON.stringify(turn)).not.toContain('understudy.v1.');
  const cut = client === 'openai-chat' && first !== 'deepseek';
  expect(cut ? '' : turn?.reasoning_content).toBe(first === 'deepseek' ? THOUGHT : '');
});

test.each(PAIRS)('case 36: %s to %s: thinking fits into the limit', async (client, service) => {
  for (const limit of [800, 2000]) {
    const more: JsonObject = {
      'anthropic-messages': {
        max_tokens: limit,
        thinking: service === 'sonnet' ? { type: 'enabled', budget_tokens: 1024 } : { type: 'adaptive' },
      },
      'openai-chat': { max_completion_tokens: limit, reasoning_effort: 'high' },
      'openai-responses': { max_output_tokens: limit, reasoning: { effort: 'high' } },
      gemini: { generationConfig: { maxOutputTokens: limit, thinkingConfig: { includeThoughts: true, thinkingBudget: 8000 } } },
    }[client];
    // What Anthropic's own client asks of it is passed on, right or wrong.
    if (client === 'anthropic-messages' && limit === 800) continue;
    const { outcome, body } = await tell(client, service, SPEAKERS[client].user('Think. [sim words=10]'), { more });
    expect(outcome.type).toBe('complete');
    const { budget_tokens: budget } = objectOf(body.thinking);
    expect(typeof budget === 'number' && budget >= Number(body.max_tokens)).toBe(false);
  }
});

test.each(PAIRS)('case 37: %s to %s: an answer that was begun is no prefill where that is refused', async (client, service) => {
  // Natively it is the client's own; the newest Claude and Gemini refuse it.
  if (SERVICES[service].dialect === client) return;
  const { user, said } = SPEAKERS[client];
  const { turns, outcome } = await tell(client, service, [...user('Write. [sim words=30]'), ...said('Once upon a time')]);
  expect(outcome.type).toBe('complete');
  expect(turns.map(({ text }) => text).join()).toContain('Once upon a time');
});

/** Ids as Kimi gives them, which no vendor of a signed dialect takes. */
const ODD_IDS = ['functions.look_up:0', 'functions.search:1'];
const ODD: JsonObject = {
  role: 'assistant',
  content: null,
  reasoning_content: 'Both, I think.',
  tool_calls: ODD_IDS.map((id, index) => ({ index, id, type: 'function', function: { name: TOOLS[index]!, arguments: '{"topic":"x"}' } })),
};

test.each(['anthropic-messages', 'openai-responses', 'gemini'] as const)(
  'calls with ids that no other vendor takes: the lead of %s takes them back, and their maker gets its thought again',
  async (client) => {
    const lead = HOME[client];
    const speaker = SPEAKERS[client];
    const house = createHouse();
    const asked = speaker.user('Look both up.');
    const options = { model: SERVICES[lead].model, stream: true, tools: TOOLS, thinks: true };
    const down = (service: Service) =>
      service === lead ? failing(529, '{"error":{"message":"overloaded","type":"overloaded_error"}}') : undefined;
    const chunk = (choice: JsonObject): Buffer =>
      Buffer.from(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] })}\n\n`);
    const first = await house.ask({
      client,
      question: speaker.question(asked, options),
      targets: [lead, 'deepseek'],
      script: (service) =>
        down(service) ?? [
          OPEN,
          { type: 'write', bytes: chunk({ index: 0, delta: ODD, finish_reason: null }) },
          { type: 'write', bytes: chunk({ index: 0, delta: {}, finish_reason: 'tool_calls' }) },
          { type: 'write', bytes: Buffer.from('data: [DONE]\n\n') },
          END,
        ],
    });
    const kept = speaker.keeps(await wholeOf(client, true, first.wire));
    const calls = speaker.calls(kept);
    expect(calls).toHaveLength(2);
    const history = [...asked, ...kept, ...speaker.results(calls.map((call) => ({ call, text: 'found' })))];
    const question = speaker.question(history, options);
    expect(VENDORS[client].strict(JSON.parse(question.body.toString()) as JsonObject, question.path)).toBeUndefined();

    const { sent, outcome } = await house.ask({ client, question, targets: [lead, 'deepseek'], script: down });
    expect(outcome.type).toBe('complete');
    const turn = objects(sent.at(-1)!.body.messages).find(({ tool_calls: called }) => called !== undefined);
    expect(turn?.reasoning_content).toBe('Both, I think.');
  },
);
