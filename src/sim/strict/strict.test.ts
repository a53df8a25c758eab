import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { ownSignature } from '../signature.ts';
import { strictAnthropic } from './anthropic.ts';
import { strictOpenai } from './openai.ts';

const user = { role: 'user', content: 'hello' };
const BUDGET: JsonObject = { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } };

describe('what the Messages API refuses', () => {
  const refused = (messages: Json[], more: JsonObject = {}): string | undefined =>
    strictAnthropic({ model: 'claude-opus-5', max_tokens: 10, messages, ...more })?.message;
  const use = (...ids: string[]): JsonObject => ({
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })),
  });
  const results = (...ids: string[]): JsonObject => ({
    role: 'user',
    content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'x' })),
  });
  const thinking = (signature: string): JsonObject => ({
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'hm', signature },
      { type: 'text', text: 'x' },
    ],
  });

  it('nothing of a request that is in order', () => {
    expect(refused([user])).toBeUndefined();
    expect(refused([user, { role: 'system', content: 'in the middle' }, use('a', 'b'), results('b', 'a')])).toBeUndefined();
    expect(refused([user, thinking(ownSignature('anthropic-messages', 'anything')), user])).toBeUndefined();
    expect(refused([user, { role: 'assistant', content: 'one' }], { model: 'claude-sonnet-4-5' })).toBeUndefined();
    // Only the turn that goes on has to begin with thinking, and only where there is a budget.
    expect(refused([user, use('a'), results('a'), { role: 'assistant', content: 'x' }, user], BUDGET)).toBeUndefined();
    expect(refused([user, use('a'), results('a')], { thinking: { type: 'adaptive' } })).toBeUndefined();
  });

  const cases: [string, Json[], JsonObject, RegExp][] = [
    ['no max_tokens', [user], { max_tokens: undefined }, /max_tokens: Field required/],
    ['no messages', [], {}, /at least one/],
    ['an unknown role', [{ role: 'tool', content: 'x' }], {}, /messages\.0\.role/],
    ['an assistant first', [{ role: 'assistant', content: 'x' }, user], {}, /first message/],
    ['a prefill', [user, { role: 'assistant', content: 'x' }], {}, /prefill/],
    ['trailing white space in a prefill', [user, { role: 'assistant', content: 'x ' }], { model: 'claude-3-haiku' }, /whitespace/],
    ['a foreign signature', [user, thinking('c29tZXRoaW5n'), user], {}, /Invalid `signature`/],
    [
      'a foreign redacted thought',
      [user, { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'understudy.v1.e30' }] }, user],
      {},
      /Invalid `data` in `redacted_thinking` block/,
    ],
    ['an id that was used before', [user, use('a'), results('a'), use('a'), results('a')], {}, /unique/],
    [
      "a server's tool by another's id",
      [user, { role: 'assistant', content: [{ type: 'server_tool_use', id: 'ws_1', name: 'web_search', input: {} }] }, user],
      {},
      /server_tool_use\.id/,
    ],
    ['a call without a result', [user, use('a', 'b'), results('a')], {}, /without `tool_result`.*: b/],
    ['a result without a call', [user, use('a'), results('a', 'c')], {}, /unexpected `tool_use_id`.*: c/],
    ['an id with a colon', [user, use('call:1'), results('call:1')], {}, /tool_use\.id/],
    ['two calls with one id', [user, use('a', 'a'), results('a')], {}, /unique/],
    [
      'text before results',
      [
        user,
        use('a'),
        {
          role: 'user',
          content: [
            { type: 'text', text: 'first' },
            { type: 'tool_result', tool_use_id: 'a' },
          ],
        },
      ],
      {},
      /come first/,
    ],
    ['an empty text block', [{ role: 'user', content: [{ type: 'text', text: '' }] }], {}, /non-empty/],
    ['a budget above the limit', [user], { thinking: { type: 'enabled', budget_tokens: 2000 } }, /greater than/],
    ['a tool without a schema', [user], { tools: [{ name: 'f' }] }, /input_schema/],
    [
      'a tool turn without its thinking',
      [user, use('a'), results('a')],
      BUDGET,
      /Expected `thinking` or `redacted_thinking`, but found `tool_use`/,
    ],
    ['a prefill beside thinking', [user, { role: 'assistant', content: 'x' }], { ...BUDGET, model: 'claude-sonnet-4-5' }, /found `text`/],
  ];
  it.each(cases)('%s', (_title, messages, more, words) => expect(refused(messages, more)).toMatch(words));
});

describe('what Chat Completions refuses', () => {
  const refused = (messages: Json[], more: JsonObject = {}): string | undefined =>
    strictOpenai({ model: 'gpt-4o', messages, ...more })?.message;
  const calls = (...ids: string[]): JsonObject => ({
    role: 'assistant',
    content: null,
    tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
  });
  const result = (id: string): JsonObject => ({ role: 'tool', tool_call_id: id, content: 'x' });

  it('nothing of a request that is in order', () => {
    expect(refused([{ role: 'developer', content: 'x' }, user, calls('a', 'b'), result('b'), result('a'), user])).toBeUndefined();
    expect(refused([user, { role: 'assistant', content: 'half of an' }])).toBeUndefined();
  });

  const cases: [string, Json[], JsonObject, RegExp][] = [
    ['no model', [user], { model: '' }, /model/],
    ['no messages', [], {}, /empty array/],
    ['an unknown role', [{ role: 'human', content: 'x' }], {}, /Invalid value: 'human'/],
    ['a call without a result', [user, calls('a', 'b'), result('a'), user], {}, /did not have response messages: b/],
    ['a call without a result at the end', [user, calls('a')], {}, /did not have response messages: a/],
    ['a result after something else', [user, calls('a'), user, result('a')], {}, /did not have response/],
    ['a result without a call', [user, result('a')], {}, /must be a response/],
    ['a long id', [user, calls('x'.repeat(41)), result('x'.repeat(41))], {}, /too long/],
    ['an empty assistant', [user, { role: 'assistant', content: null }], {}, /got null/],
    ['max_tokens of a reasoning model', [user], { model: 'gpt-5.6', max_tokens: 5 }, /max_completion_tokens/],
    ['sampling of a reasoning model', [user], { model: 'o3', temperature: 0.2 }, /does not support/],
    ['a tool name with a dot', [user], { tools: [{ type: 'function', function: { name: 'a.b' } }] }, /pattern/],
    ['stream options without a stream', [user], { stream_options: { include_usage: true } }, /stream_options/],
  ];
  it.each(cases)('%s', (_title, messages, more, words) => expect(refused(messages, more)).toMatch(words));
});
