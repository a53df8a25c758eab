/** Cases 1 to 13 of research/dialects.md 3.2: what a stream has to look like, from whomever it comes. Sockets are in connection.test.ts. */
import { describe, expect, test } from 'vitest';
import { readByOfficialClient } from '../../src/dialects/anthropic-messages/official-client.ts';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import { DIALECTS } from '../matrix/cell.ts';
import type { Asking } from '../matrix/question.ts';
import { type Experience, runTrial } from '../matrix/run-cell.ts';
import { chunk, DONE, END, finish, messages, OPEN, pause, play, ROLE, said, type Scripted, START, write } from '../matrix/scripted.ts';
import { SPEAKERS, objectOf, objects, wholeOf } from './speakers.ts';

const PAIRS = DIALECTS.flatMap((client) => DIALECTS.map((lead) => [client, lead] as const));
const ANOTHER: Record<ClientDialect, ClientDialect> = {
  'anthropic-messages': 'openai-chat',
  'openai-chat': 'openai-responses',
  'openai-responses': 'gemini',
  gemini: 'anthropic-messages',
};

/** A streamed answer of `lead`; with faults, a backup of another dialect stands by unless it is told not to. */
function stream(client: ClientDialect, lead: ClientDialect, content: Asking, faults: FaultRule[] = [], backup = true): Promise<Experience> {
  return runTrial({ client, lead, backup: faults.length > 0 && backup ? ANOTHER[lead] : undefined, stream: true, content, faults });
}

/** Answers as Anthropic's client gets them from everybody, at peace and across a switch in mid-answer. */
async function claudeStreams(lead: ClientDialect): Promise<JsonObject[][]> {
  const calm = await stream('anthropic-messages', lead, 'pondered');
  const switched = await stream('anthropic-messages', lead, 'thinking', [{ fault: 'reset-edge', position: 'text-middle' }]);
  expect(switched.reading.finished).toBe(true);
  expect(switched.reading.seams).toBeGreaterThan(0);
  return [calm, switched].map(({ body }) => eventsOf(body));
}

function eventsOf(body: string): JsonObject[] {
  return body.split('\n').flatMap((line) => (line.startsWith('data: ') ? [parseObject(line.slice(6)) ?? {}] : []));
}

describe.each(DIALECTS)("Anthropic's stream, from %s", (lead) => {
  test('case 1: begins once, also where two have made it', async () => {
    for (const events of await claudeStreams(lead)) expect(events.filter(({ type }) => type === 'message_start')).toHaveLength(1);
  });

  test('case 2: a delta stands in a block of its own kind', async () => {
    const KINDS: Record<string, string> = {
      text_delta: 'text',
      thinking_delta: 'thinking',
      signature_delta: 'thinking',
      input_json_delta: 'tool_use',
    };
    for (const events of await claudeStreams(lead)) {
      const kinds = new Map(events.flatMap(({ index, content_block: block }) => (block ? [[index, objectOf(block).type]] : [])));
      const deltas = events.filter(({ type }) => type === 'content_block_delta');
      expect(deltas.length).toBeGreaterThan(3);
      for (const { index, delta } of deltas) expect(kinds.get(index)).toBe(KINDS[String(objectOf(delta).type)]);
    }
  });

  test('case 3: the first piece of a block is not lost: the input of every call is whole', async () => {
    const { body, reading } = await stream('anthropic-messages', lead, 'parallel');
    const { content } = await readByOfficialClient(body);
    const uses = objects(content).filter(({ type }) => type === 'tool_use');
    expect(uses.map(({ input }) => objectOf(input).topic)).toEqual(['simulated topic', 'simulated topic 2']);
    expect(reading.calls).toHaveLength(2);
  });

  test('case 4: every block ends, then the message, in this order', async () => {
    for (const events of await claudeStreams(lead)) {
      const open = new Set<unknown>();
      for (const { type, index } of events) {
        expect(type === 'content_block_start' && open.size > 0).toBe(false);
        if (type === 'content_block_start') open.add(index);
        expect(type === 'content_block_stop' && !open.delete(index)).toBe(false);
        expect(type === 'message_delta' && open.size > 0).toBe(false);
      }
      expect(events.slice(-2).map(({ type }) => type)).toEqual(['message_delta', 'message_stop']);
    }
  });

  test('case 6: the beginning has the usage that Claude Code reads', async () => {
    for (const [begin] of await claudeStreams(lead)) {
      const { usage } = objectOf(begin!.message);
      expect(usage).toMatchObject({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) });
    }
  });
});

test.each(PAIRS)("case 5: %s from %s has chat's terminator where it is chat's, and nowhere else", async (client, lead) => {
  for (const faults of [[], [{ fault: 'cut-edge', position: 'text-middle' as const }]]) {
    const { body } = await stream(client, lead, 'text', faults);
    const found = body.split('[DONE]').length - 1;
    expect(found).toBe(client === 'openai-chat' ? 1 : 0);
    expect(found === 0 || body.endsWith('data: [DONE]\n\n')).toBe(true);
  }
});

test.each(DIALECTS)('case 7: a broken answer of %s ends for Codex with response.failed, and with nothing after it', async (lead) => {
  const { body, end, reading } = await stream('openai-responses', lead, 'text', [{ fault: 'reset-edge', position: 'text-middle' }], false);
  const events = eventsOf(body);
  expect(events.map(({ type }) => type)).not.toContain('error');
  expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: { code: expect.any(String) } } });
  expect({ end, finished: reading.finished }).toEqual({ end: 'aborted', finished: false });
});

test.each(DIALECTS)('case 8: an error of Responses after its response.created is not seen by a client of %s', async (client) => {
  for (const position of ['start', 'before-content', 'text-middle'] as const) {
    const { reading } = await stream(client, 'openai-responses', 'text', [{ fault: 'error-event', position }]);
    expect(reading).toMatchObject({ finished: true });
    expect(reading.error).toBeUndefined();
  }
});

test.each(PAIRS)('case 9: %s from %s: characters that come byte by byte', async (client, lead) => {
  const common = { client, lead, backup: undefined, stream: true, content: 'text' } as const;
  const text = 'Say it in every script. [sim words=30 script=mixed]';
  const { model, path, headers, body } = {
    model: 'the-model',
    ...SPEAKERS[client].question(SPEAKERS[client].user(text), { model: 'the-model', stream: true }),
  };
  expect(model).toBe('the-model');
  const [calm, split] = await Promise.all(
    [[], [{ fault: 'split-bytes' }]].map((faults) => runTrial({ ...common, faults, question: { path, headers, body } })),
  );
  expect(calm!.reading.text).toMatch(/[^ -~\n]/);
  expect(split!.reading).toEqual(calm!.reading);
});

test.each(PAIRS)('case 10: %s from %s: status 200 and nothing but an error', async (client, lead) => {
  for (const fault of ['error-event', 'error-event-internal', '200-error', 'empty-stream', '200-html']) {
    const rule: FaultRule = fault.startsWith('error') ? { fault, position: 'start' } : { fault };
    const rescued = await stream(client, lead, 'text', [rule]);
    expect(rescued.reading).toMatchObject({ finished: true, seams: 0 });
    const alone = await stream(client, lead, 'text', [rule], false);
    expect(alone.reading).toMatchObject({ finished: false, error: expect.any(String) });
  }
});

test.each(PAIRS)('case 11: %s from %s: signs of life without an answer', async (client, lead) => {
  for (const position of ['before-content', 'text-middle'] as const) {
    const { reading, end } = await stream(client, lead, 'text', [{ fault: 'pings-for-ever', position }]);
    expect({ end, finished: reading.finished }).toEqual({ end: 'clean', finished: true });
  }
});

test('case 11: role-only and usage-only frames, again and again', async () => {
  const empty: Scripted = {
    name: 'lead',
    dialect: 'openai-chat',
    answer: () => [OPEN, ...Array.from({ length: 400 }, () => [ROLE, pause(1000)]).flat()],
  };
  const usage = write(
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } })}\n\n`,
  );
  const counted: Scripted = { ...empty, answer: () => [OPEN, ...Array.from({ length: 400 }, () => [usage, pause(1000)]).flat()] };
  const backup: Scripted = { name: 'backup', dialect: 'anthropic-messages', answer: () => said('Hello there.', true) };
  for (const lead of [empty, counted]) {
    const played = await play({ client: 'openai-chat', targets: [lead, backup] });
    expect(played.reading).toMatchObject({ text: 'Hello there.', finished: true });
  }
});

test.each(PAIRS)('case 12: %s from %s: a clean end in the middle is none', async (client, lead) => {
  for (const fault of ['clean-end', 'half-event-clean-end']) {
    const rule: FaultRule = { fault, position: 'text-middle' };
    expect((await stream(client, lead, 'text', [rule])).reading).toMatchObject({ finished: true });
    expect((await stream(client, lead, 'text', [rule], false)).reading).toMatchObject({ finished: false, error: expect.any(String) });
  }
});

test.each(PAIRS)('case 12: %s from %s: where only the terminator is missing, it is put there', async (client, lead) => {
  // Gemini has none; the one of Responses says how the answer ended.
  if (lead === 'gemini' || lead === 'openai-responses') return;
  const { reading, body } = await stream(client, lead, 'text', [{ fault: 'missing-terminator' }], false);
  expect(reading).toMatchObject({ finished: true });
  expect(reading.error).toBeUndefined();
  expect(Object.keys(await wholeOf(client, true, body)).length).toBeGreaterThan(0);
});

test.each(PAIRS)('case 13: %s from %s: thoughts and a clean stop are no answer', async (client, lead) => {
  const rescued = await stream(client, lead, 'thinking', [{ fault: 'reasoning-only' }]);
  expect(rescued.reading).toMatchObject({ finished: true, text: expect.stringContaining('simulated answer') });
});

describe('case 13: an answer that its limit cut is one, and says so', () => {
  const LIMITS: Record<ClientDialect, RegExp> = {
    'anthropic-messages': /"stop_reason":"max_tokens"/,
    'openai-chat': /"finish_reason":"length"/,
    'openai-responses': /"type":"response\.incomplete".*"reason":"max_output_tokens"/,
    gemini: /"finishReason":"MAX_TOKENS"/,
  };
  test.each(PAIRS)('case 13: %s from %s', async (client, lead) => {
    const { body, end } = await stream(client, lead, 'text', [{ fault: 'max-tokens' }], false);
    expect(end).toBe('clean');
    expect(body).toMatch(LIMITS[client]);
  });

  test.each(DIALECTS)('case 13: thoughts alone, cut by the limit, for %s', async (client) => {
    const thinking = [OPEN, ROLE, chunk({ reasoning_content: 'hm' }), chunk({}, 'length'), DONE, END];
    const own = [
      OPEN,
      ...messages(
        START,
        { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: 'hm', signature: 's' } },
        { type: 'content_block_stop', index: 0 },
        ...finish('max_tokens'),
      ),
      END,
    ];
    for (const [dialect, scene] of [
      ['openai-chat', thinking],
      ['anthropic-messages', own],
    ] as const) {
      if (client === 'gemini' || client === 'openai-responses') continue;
      const { outcome, wire } = await play({ client, targets: [{ name: 'lead', dialect, answer: () => scene }] });
      expect(outcome).toEqual({ type: 'complete', finish: 'length' });
      expect(wire).toMatch(LIMITS[client]);
    }
  });
});
