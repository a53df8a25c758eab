import { describe, expect, test } from 'vitest';
import { wrap } from '../envelope.ts';
import { inspect } from './inspect.ts';

function head(body: unknown): unknown {
  const found = inspect(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), '/v1/responses');
  return found.ok ? found.value : found.error;
}

describe('what planning needs', () => {
  test('the least that there is', () => {
    expect(head({ model: 'm', input: 'hi' })).toEqual({
      model: 'm',
      stream: false,
      size: 26,
      reasoning: false,
      hasTools: false,
      structured: false,
      foreignParts: false,
      candidates: 1,
      includeUsage: true,
      stored: true,
      layout: { of: expect.anything() as unknown, members: expect.any(Map) as unknown },
    });
  });

  test('case 45: what went before, what is kept, and what only the vendor knows', () => {
    expect(head({ model: 'm', previous_response_id: 'resp_1', background: true, store: true })).toMatchObject({
      previousResponse: 'resp_1',
      background: true,
      stored: true,
    });
    expect(head({ model: 'm', input: 'x', store: false })).toMatchObject({ stored: false });
    expect(head({ model: 'm', input: 'x', conversation: 'conv_1' })).toMatchObject({ dependsOn: 'the conversation conv_1' });
    expect(head({ model: 'm', input: 'x', conversation: { id: 'conv_2' } })).toMatchObject({ dependsOn: 'the conversation conv_2' });
    expect(head({ model: 'm', prompt: { id: 'pmpt_1' } })).toMatchObject({ dependsOn: 'the stored prompt pmpt_1' });
  });

  test('case 45: a reference to an item that is not in the same input', () => {
    const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
    const reference = (id: string) => ({ type: 'item_reference', id });
    expect(head({ model: 'm', input: [reference('msg_1'), { role: 'user', content: 'x' }] })).toMatchObject({
      dependsOn: 'the stored item msg_1',
    });
    expect(head({ model: 'm', input: [message, reference('msg_1')] })).not.toHaveProperty('dependsOn');
    expect(head({ model: 'm', input: [{ role: 'user', content: 'say "item_reference"' }] })).not.toHaveProperty('dependsOn');
  });

  test('effort, tools, structure, limits, envelopes', () => {
    expect(
      head({
        model: 'm',
        stream: true,
        input: [{ type: 'reasoning', summary: [], encrypted_content: wrap({ dialect: 'gemini' }, {}) }],
        reasoning: { effort: 'xhigh', summary: 'auto' },
        tools: [{ type: 'web_search' }],
        text: { format: { type: 'json_object' } },
        max_output_tokens: 99,
      }),
    ).toMatchObject({
      stream: true,
      reasoning: true,
      effort: 'xhigh',
      hasTools: true,
      structured: true,
      maxOutputTokens: 99,
      foreignParts: true,
    });
    expect(head({ model: 'm', input: 'x', reasoning: { effort: 'none' }, tools: [], text: { format: { type: 'text' } } })).toMatchObject({
      reasoning: false,
      effort: 'none',
      hasTools: false,
      structured: false,
    });
    expect(head({ model: 'm', input: 'x', reasoning: { effort: null } })).toMatchObject({ reasoning: true });
  });

  test.each([
    ['{', ''],
    [{ input: 'x' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: null }, 'input'],
    [{ model: 'm', input: 3 }, 'input'],
    [{ model: 'm', input: 'x', stream: 'yes' }, 'stream'],
    [{ model: 'm', input: 'x', previous_response_id: 3 }, 'previous_response_id'],
    [{ model: 'm', input: 'x', max_output_tokens: -1 }, 'max_output_tokens'],
  ])('%j is refused by the name of the field', (body, field) => {
    expect(head(body)).toMatchObject({ field, message: expect.stringMatching(/\w/) });
  });
});
