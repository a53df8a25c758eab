import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };

const word = fc.constantFrom('id', 'a', '', 'completed', 'incomplete', 'output_text', 'refusal', 'summary_text', 'f', '{"a":1}');
const part = fc.record({ type: word, text: word, refusal: word, annotations: fc.jsonValue({ maxDepth: 1 }) }, { requiredKeys: [] });
const item = fc.record(
  {
    type: fc.constantFrom(
      'message',
      'reasoning',
      'function_call',
      'custom_tool_call',
      'local_shell_call',
      'shell_call',
      'apply_patch_call',
      'web_search_call',
      'new_call',
    ),
    id: word,
    call_id: word,
    name: word,
    status: word,
    role: fc.constantFrom('assistant', 'user'),
    content: fc.oneof(fc.array(part, { maxLength: 2 }), fc.jsonValue({ maxDepth: 1 })),
    summary: fc.oneof(fc.array(part, { maxLength: 2 }), fc.jsonValue({ maxDepth: 1 })),
    arguments: fc.oneof(word, fc.jsonValue({ maxDepth: 1 })),
    input: fc.oneof(word, fc.jsonValue({ maxDepth: 1 })),
    action: fc.jsonValue({ maxDepth: 1 }),
    operation: fc.jsonValue({ maxDepth: 1 }),
    encrypted_content: fc.oneof(word, fc.jsonValue({ maxDepth: 0 })),
  },
  { requiredKeys: ['type'] },
);
const response = fc.record(
  {
    id: word,
    model: word,
    created_at: fc.oneof(fc.nat(), word),
    status: fc.constantFrom('completed', 'incomplete', 'failed', 'in_progress', 7),
    output: fc.oneof(fc.array(item, { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 })),
    usage: fc.jsonValue({ maxDepth: 2 }),
    error: fc.jsonValue({ maxDepth: 1 }),
    incomplete_details: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['id', 'model', 'output'] },
);
const event = fc.record(
  {
    type: fc.constantFrom(
      'response.output_item.added',
      'response.output_item.done',
      'response.content_part.added',
      'response.content_part.done',
      'response.output_text.delta',
      'response.output_text.done',
      'response.output_text.annotation.added',
      'response.refusal.delta',
      'response.refusal.done',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_text.delta',
      'response.web_search_call.searching',
      'response.in_progress',
      'response.completed',
      'response.incomplete',
    ),
    output_index: fc.oneof(fc.nat(2), word),
    content_index: fc.oneof(fc.nat(1), word),
    summary_index: fc.oneof(fc.nat(1), word),
    item_id: word,
    item: fc.oneof({ weight: 5, arbitrary: item }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) }),
    part: fc.oneof(part, fc.jsonValue({ maxDepth: 1 })),
    delta: fc.oneof(word, fc.jsonValue({ maxDepth: 1 })),
    text: word,
    arguments: word,
    annotation: fc.jsonValue({ maxDepth: 1 }),
    logprobs: fc.jsonValue({ maxDepth: 1 }),
    response,
  },
  { requiredKeys: ['type', 'output_index', 'item'] },
);

const BEGIN = { type: 'response.created', response: { id: 'resp_1', model: 'm' } };
const END = { type: 'response.completed', response: { id: 'resp_1', model: 'm', output: [] } };

/** Every part begins once and with the next number, is spoken of only while it is open, and ends before the finish. */
function isProper(events: readonly AnswerEvent[]): boolean {
  let next = 0;
  const open = new Set<number>();
  return events.every((said) => {
    switch (said.type) {
      case 'part-start':
        open.add(said.index);
        return said.index === next++;
      case 'part-delta':
        return open.has(said.index);
      case 'part-end':
        return open.delete(said.index);
      case 'finish':
        return open.size === 0;
      default:
        return true;
    }
  });
}

describe('whatever a provider sends', () => {
  test('as a stream, it is read without throwing, and what is read is proper and can be written', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (sent) => {
        const bytes = Buffer.from([BEGIN, ...sent, END].map((body) => `data: ${JSON.stringify(body)}\n\n`).join(''));
        const reading = decoder();
        const frames = [...reading.push(bytes), ...reading.end()];
        const events = frames.flatMap((frame) => ('events' in frame ? frame.events : []));
        expect(isProper(events)).toBe(true);
        const writing = encoder(CONTEXT);
        const again = decoder().push(Buffer.from(writing.encode(events) + writing.end(false)));
        expect(again.at(-1)!.type).toBe('end');
        // A call that never came to its end is not finished for it.
        const whole = frames.at(-1)?.type === 'end';
        expect(again.filter((frame) => whole && !('clean' in frame && frame.clean))).toEqual([]);
        const observing = encoder(CONTEXT);
        observing.observe(events);
        observing.end(false);
      }),
      { numRuns: 600 },
    );
  });

  test('as a body, likewise', () => {
    fc.assert(
      fc.property(response, (body) => {
        const decoded = decodeAnswer(body as JsonObject);
        const events = decoded.ok ? decoded.value : [];
        expect(isProper(events)).toBe(true);
        expect(assemble(events).parts.every(({ closed }) => closed)).toBe(true);
        encodeAnswer(events, CONTEXT);
      }),
      { numRuns: 300 },
    );
  });
});
