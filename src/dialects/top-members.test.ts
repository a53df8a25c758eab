import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dialect, RequestHead, RequestProblem } from './dialect.ts';
import { anthropicMessages } from './anthropic-messages/dialect.ts';
import { gemini } from './gemini/dialect.ts';
import { openaiChat } from './openai-chat/dialect.ts';
import { openaiResponses } from './openai-responses/dialect.ts';

const PATHS = new Map<Dialect, string>([
  [anthropicMessages, '/v1/messages'],
  [openaiChat, '/v1/chat/completions'],
  [openaiResponses, '/v1/responses'],
  [gemini, '/v1beta/models/gemini-x:streamGenerateContent?alt=sse'],
]);

function look(dialect: Dialect, body: Buffer, parse: boolean): Omit<RequestHead, 'layout' | 'parsed'> | RequestProblem {
  const head = dialect.inspect(body, PATHS.get(dialect)!, parse);
  if (!head.ok) return head.error;
  const { layout, parsed, ...rest } = head.value;
  // Each has found what the other has not.
  expect([layout?.of === body, parsed?.of === body]).toEqual([!parse, parse]);
  return rest;
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('high', 'none', 'gpt-x', true, false, null, 0, 1, 4096, -1, 1.5, [], {}, [{}], [null]),
  fc.constantFrom(
    { effort: 'high' },
    { type: 'disabled' },
    { type: 'enabled' },
    { format: { type: 'json_schema' } },
    { type: 'json_object' },
  ),
  fc.constantFrom({ thinkingConfig: { thinkingBudget: 1 } }, { response_mime_type: 'application/json' }, { candidateCount: 2 }),
  fc.constantFrom([{ type: 'item_reference', id: 'rs_1' }], [{ role: 'user', content: 'hi' }], 'hi', [{ type: 'additional_tools' }]),
);
const NAMES =
  'model messages input contents stream tools functions max_tokens max_completion_tokens max_output_tokens n reasoning ' +
  'reasoning_effort thinking output_config output_format response_format text stream_options background store previous_response_id ' +
  'conversation prompt generationConfig generation_config cachedContent __proto__ constructor';
const name = fc.constantFrom(...NAMES.split(' '));
/** Names may come twice, as they may on the wire. */
const members = fc.array(fc.tuple(name, value), { maxLength: 12 });
const blank = fc.constantFrom('', ' ', '\n\t ');

describe('a request is the same, looked through or parsed', () => {
  for (const [dialect] of PATHS) {
    test(`${dialect.name}: any body`, () => {
      let readable = 0;
      fc.assert(
        fc.property(members, blank, fc.boolean(), (fields, space, sound) => {
          const given: [string, unknown][] = sound
            ? [['model', 'm'], ['messages', [{ role: 'user', content: 'hi' }]], ['input', 'hi'], ['contents', []], ...fields]
            : fields;
          const text = given.map(([key, each]) => `${space}${JSON.stringify(key)}${space}:${JSON.stringify(each)}${space}`).join(',');
          const body = Buffer.from(`${space}{${text}}${space}`);
          const found = look(dialect, body, false);
          expect(look(dialect, body, true)).toEqual(found);
          if ('size' in found) readable++;
        }),
        { numRuns: 1000 },
      );
      expect(readable).toBeGreaterThan(50);
    });

    test(`${dialect.name}: what is no request is refused in the same words`, () => {
      for (const text of ['', '[]', '{', '{"model":"m",}', '{"model":"\\x"}', 'null', '"{}"', '{} {}', '{"messages":[1,}']) {
        const body = Buffer.from(text);
        const [looked, parsed] = [false, true].map((parse) => dialect.inspect(body, PATHS.get(dialect)!, parse));
        expect(looked!.ok).toBe(false);
        expect(parsed).toEqual(looked);
      }
    });
  }
});

test('what was parsed is taken once', () => {
  const head = openaiChat.inspect(Buffer.from('{"model":"m","messages":[{}]}'), '', true);
  const parsed = head.ok ? head.value.parsed : undefined;
  expect(parsed?.look()).toEqual({ model: 'm', messages: [{}] });
  expect(parsed?.take()).toEqual({ model: 'm', messages: [{}] });
  expect([parsed?.take(), parsed?.look()]).toEqual([undefined, undefined]);
});
