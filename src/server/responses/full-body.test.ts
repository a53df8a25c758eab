import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { fullBody, withPrevious } from './full-body.ts';

const item = fc.record({ type: fc.constantFrom('message', 'function_call_output'), role: fc.string(), content: fc.string() });
const input = fc.oneof(fc.string({ minLength: 1 }), fc.array(item));
const rest = fc.dictionary(fc.constantFrom('model', 'instructions', 'tools', 'odd'), fc.jsonValue());
const indent = fc.constantFrom(0, 1, '\t');
/** Where in the body the two members stand must not matter. */
const order = fc.shuffledSubarray(['previous_response_id', 'input', 'rest'], { minLength: 3, maxLength: 3 });

function itemsOf(value: unknown): unknown[] {
  if (typeof value === 'string') return [{ type: 'message', role: 'user', content: value }];
  return Array.isArray(value) ? value : [];
}

describe('45: previous_response_id for someone who remembers nothing', () => {
  test('what was asked and answered comes first, then what is new; nothing else changes', () => {
    fc.assert(
      fc.property(input, fc.array(item), input, rest, indent, order, (earlier, output, now, more, space, places) => {
        const members: Record<string, JsonObject> = {
          previous_response_id: { previous_response_id: 'resp_1' },
          input: { input: now },
          rest: more as JsonObject,
        };
        const body = Object.assign({}, ...places.map((place) => members[place])) as JsonObject;
        const full = fullBody(
          Buffer.from(JSON.stringify(body, null, space)),
          Buffer.from(JSON.stringify({ input: earlier }, null, space)),
          output,
        );
        expect(JSON.parse(full!.toString())).toEqual(
          JSON.parse(JSON.stringify({ ...(more as object), input: [...itemsOf(earlier), ...output, ...itemsOf(now)] })),
        );
      }),
    );
  });

  test('the bytes around stay as they are', () => {
    const body = Buffer.from('{ "model":"m",\n "previous_response_id" : "resp_1", "x": 1.0, "input":[ {"a": 1} ] }');
    const full = fullBody(body, Buffer.from('{"instructions":"be brief","input":"hi"}'), [{ type: 'reasoning' }]);
    expect(full?.toString()).toBe(
      '{ "model":"m", "x": 1.0, "input":[{"type":"message","role":"user","content":"hi"},{"type":"reasoning"},{"a": 1}] }',
    );
  });

  test('a request that asks nothing new goes on all the same', () => {
    const full = fullBody(Buffer.from('{"previous_response_id":"resp_1","model":"m"}'), Buffer.from('{"input":[{"a":1}]}'), []);
    expect(full?.toString()).toBe('{"input":[{"a":1}],"model":"m"}');
  });

  test('its maker may know a response by another name', () => {
    const body = Buffer.from('{"input":"previous_response_id","previous_response_id": "resp_ours" }');
    expect(withPrevious(body, 'resp_theirs').toString()).toBe('{"input":"previous_response_id","previous_response_id": "resp_theirs" }');
  });
});
