import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { jobOf } from './job.ts';
import { grammarSchema, withoutNulls } from './schema.ts';

function jobFrom(body: JsonObject): ReturnType<typeof jobOf> {
  const decoded = openaiChat.decodeRequest({ model: 'm', ...body }, '/chat/completions');
  if (!decoded.ok) throw new Error(decoded.error.message);
  return jobOf(decoded.value);
}

const user = (content: string): JsonObject => ({ role: 'user', content });

describe('a conversation as the engine takes it', () => {
  test('instructions, turns, and a turn of the model that goes on after its calls', () => {
    const job = jobFrom({
      messages: [
        { role: 'system', content: 'Be brief.' },
        user('Which ship?'),
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'look_up', arguments: '{"topic":"ships"}' } },
            { id: 'b', type: 'function', function: { name: 'look_up', arguments: '{"topic":"sails"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'b', content: 'three sails' },
        { role: 'tool', tool_call_id: 'a', content: 'one ship' },
        { role: 'assistant', content: 'A ship of' },
      ],
    });
    expect(job).toMatchObject({
      ok: true,
      value: {
        turns: [
          { type: 'system', text: 'Be brief.' },
          { type: 'user', text: 'Which ship?' },
          {
            type: 'model',
            response: [
              'Let me see.',
              { type: 'functionCall', name: 'look_up', params: { topic: 'ships' }, result: 'one ship', startsNewChunk: true },
              { type: 'functionCall', name: 'look_up', params: { topic: 'sails' }, result: 'three sails', startsNewChunk: false },
              'A ship of',
            ],
          },
        ],
      },
    });
  });

  test('what it cannot do is refused before it is asked', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
    const messages = [user('x')];
    for (const [body, word] of [
      [{ messages: [{ role: 'user', content: [image] }] }, 'images'],
      [{ messages, tools, tool_choice: 'required' }, 'cannot force'],
      [{ messages, tools, tool_choice: { type: 'function', function: { name: 'f' } } }, 'cannot force'],
      [{ messages, tools, response_format: { type: 'json_object' } }, 'JSON form'],
    ] as const)
      expect(jobFrom(body as unknown as JsonObject)).toEqual({ ok: false, error: expect.stringContaining(word) });
    expect(jobFrom({ messages, tools, tool_choice: 'none' })).toMatchObject({ ok: true, value: { functions: {} } });
  });
});

describe('a JSON schema in the words of the grammar', () => {
  test('what may be absent may be null, and nulls go again', () => {
    const schema = {
      type: 'object',
      required: ['path'],
      properties: {
        path: { type: 'string', pattern: '^/', description: 'Where.' },
        limit: { type: 'integer', minimum: 1 },
        edits: {
          type: 'array',
          items: { type: 'object', required: ['to'], properties: { from: { type: 'string' }, to: { type: ['string', 'null'] } } },
        },
      },
      additionalProperties: false,
    };
    expect(grammarSchema(schema)).toEqual({
      type: 'object',
      properties: {
        path: { type: 'string', description: 'Where.' },
        limit: { oneOf: [{ type: 'integer' }, { type: 'null' }] },
        edits: {
          oneOf: [
            {
              type: 'array',
              items: {
                type: 'object',
                properties: { from: { oneOf: [{ type: 'string' }, { type: 'null' }] }, to: { type: ['string', 'null'] } },
              },
            },
            { type: 'null' },
          ],
        },
      },
    });
    const written = { path: '/a', limit: null, edits: [{ from: null, to: null }] };
    expect(withoutNulls(written, schema)).toEqual({ path: '/a', edits: [{ to: null }] });
  });

  test('choices, references and objects of which nothing is said', () => {
    expect(grammarSchema({ anyOf: [{ const: 1 }, { $ref: '#/definitions/x' }], definitions: { x: { enum: ['a'] } } })).toEqual({
      oneOf: [{ const: 1 }, { $ref: '#/$defs/x' }],
      $defs: { x: { enum: ['a'] } },
    });
    expect(grammarSchema({ type: 'object' })).toEqual({ type: 'object', additionalProperties: true });
    expect(grammarSchema({ type: ['object', 'null'] })).toEqual({
      oneOf: [{ type: 'object', additionalProperties: true }, { type: 'null' }],
    });
    expect(grammarSchema({ allOf: [{ type: 'string' }] })).toEqual({ type: 'string' });
    expect(grammarSchema(true)).toEqual({});
  });

  test('whatever a schema is, something comes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (schema) => {
        expect(grammarSchema(schema as never)).toBeTypeOf('object');
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, schema) => {
        expect(withoutNulls(value as never, schema as never)).toBeDefined();
      }),
    );
  });
});
