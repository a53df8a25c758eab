import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeError } from './decode-error.ts';
import { encodeAnswer } from './encode-answer.ts';
import { decode, event, eventsOf } from './chunks.ts';
import { encoder } from './encode-stream.ts';

const CONTEXT = { exchange: 'x_1', head: { model: 'm', stream: true, includeUsage: true }, created: 1 };

const anything = fc.jsonValue({ maxDepth: 2 });

/** Objects in which the names are right and the values often are not. */
function near(names: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(names).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: value }, anything)]),
  );
  return fc.oneof({ weight: 6, arbitrary: fc.record(fields, { requiredKeys: [] }) }, anything);
}

const word = fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'OTHER', 'MALFORMED_FUNCTION_CALL', 'MALFORMED_RESPONSE', '', 'toString');
const call = near({
  name: fc.constantFrom('f', ''),
  id: fc.string(),
  args: fc.dictionary(fc.string(), anything),
  willContinue: fc.boolean(),
  partialArgs: fc.array(
    near({
      jsonPath: fc.constantFrom('$.a', '$.a.b', '$.a[0]', '$.__proto__.x', "$['a']", '$.a[]', '$'),
      stringValue: fc.string(),
      willContinue: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});
const part = near({ text: fc.string(), thought: fc.boolean(), thoughtSignature: fc.string(), functionCall: call, inlineData: anything });
const candidate = near({
  index: fc.constantFrom(0, 1),
  content: near({ parts: fc.array(part, { maxLength: 3 }) }),
  finishReason: word,
  citationMetadata: anything,
});
const chunk = near({
  candidates: fc.array(candidate, { maxLength: 2 }),
  usageMetadata: near({ promptTokenCount: fc.integer(), candidatesTokenCount: fc.integer() }),
  responseId: fc.string(),
  modelVersion: fc.string(),
  createTime: fc.string(),
  promptFeedback: near({ blockReason: fc.constantFrom('SAFETY', 'BLOCK_REASON_UNSPECIFIED') }),
});

/** Events that stand where they must not. */
function misplaced(events: readonly AnswerEvent[]): AnswerEvent[] {
  let next = 0;
  const open = new Set<number>();
  return events.filter((each) => {
    switch (each.type) {
      case 'part-start':
        open.add(each.index);
        return each.index !== next++ || open.size > 1;
      case 'part-delta':
        return !open.has(each.index);
      case 'part-end':
        return !open.delete(each.index);
      case 'finish':
        return open.size > 0;
      default:
        return false;
    }
  });
}

describe('whatever a provider sends', () => {
  test('is read without a throw, every byte in a frame up to the one that ends it, and can be written', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), (values) => {
        const bytes = values.map(event).join('');
        const frames = decode(bytes);
        const seen = Buffer.concat(frames.map(({ raw }) => raw)).toString();
        expect(bytes.startsWith(seen)).toBe(true);
        expect(frames.slice(0, -1).every(({ type }) => type === 'events')).toBe(true);
        const ended = frames.at(-1)?.type ?? 'events';
        expect(ended !== 'events' || seen === bytes).toBe(true);
        const writer = encoder(CONTEXT);
        writer.encode(eventsOf(frames));
        writer.end(false);
      }),
      { numRuns: 400 },
    );
    expect(({} as JsonObject).x).toBeUndefined();
  });

  test('parts begin once, in order, and no part goes on after its end', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 5 }), (values) => {
        expect(misplaced(eventsOf(decode(values.map(event).join(''))))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('as a whole body or an error too', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          chunk,
          near({ error: near({ code: fc.integer(), message: fc.string(), status: fc.string(), details: fc.array(anything) }) }),
        ),
        (value) => {
          const decoded = isObject(value) ? decodeAnswer(value) : undefined;
          if (decoded?.ok) encodeAnswer(decoded.value, CONTEXT);
          expect(decodeError(500, {}, JSON.stringify(value))).toMatchObject({ message: expect.stringMatching(/./) as string });
          decodeError(200, {}, JSON.stringify(value));
        },
      ),
      { numRuns: 300 },
    );
  });
});
