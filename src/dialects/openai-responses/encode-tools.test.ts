import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { encodeRequest } from './encode-request.ts';
import { call, FACTS, input, neutral, result } from './encode-request.fixtures.ts';

describe('tools', () => {
  const custom = {
    type: 'custom' as const,
    name: 'apply_patch',
    description: 'd',
    grammar: { syntax: 'lark' as const, definition: 'start: "a"' },
  };
  const mixed: Partial<Request> = {
    tools: [
      custom,
      { type: 'function', name: 'search', namespace: 'mcp__docs', parameters: { type: 'object' } },
      {
        type: 'client',
        kind: 'local-shell',
        name: 'local_shell',
        definition: { type: 'opaque', producer: { dialect: 'openai-responses' }, value: { type: 'local_shell' } },
      },
      {
        type: 'server',
        name: 'web_search',
        definition: { type: 'opaque', producer: { dialect: 'openai-responses', vendor: 'openai' }, value: { type: 'web_search' } },
      },
    ],
    messages: [
      {
        role: 'assistant',
        parts: [
          call('a', { kind: 'custom', name: 'apply_patch', arguments: '{"input":"*** Begin"}' }),
          call('b', { namespace: 'mcp__docs', name: 'search' }),
          call('c', { kind: 'local-shell', name: 'local_shell', arguments: '{"type":"exec","command":["ls"],"env":{}}' }),
        ],
      },
      { role: 'user', parts: [result('a', 'ok', { kind: 'custom' }), result('b', 'found'), result('c', 'file')] },
    ],
  };

  test('case 20: OpenAI gets custom tools, namespaces and its own kinds as such', () => {
    const { body, losses, calls } = encodeRequest(neutral({ ...mixed, toolChoice: { type: 'tool', name: 'apply_patch' } }), FACTS);
    expect(losses).toEqual([]);
    expect(calls).toBeUndefined();
    expect(body.tools).toEqual([
      { type: 'custom', name: 'apply_patch', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
      {
        type: 'namespace',
        name: 'mcp__docs',
        description: '',
        tools: [{ type: 'function', name: 'search', parameters: { type: 'object' }, strict: false }],
      },
      { type: 'local_shell' },
      { type: 'web_search' },
    ]);
    expect(body.tool_choice).toEqual({ type: 'custom', name: 'apply_patch' });
    expect(body.input).toEqual([
      { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: '*** Begin' },
      { type: 'function_call', call_id: 'b', name: 'search', namespace: 'mcp__docs', arguments: '{}' },
      { type: 'local_shell_call', call_id: 'c', status: 'completed', action: { type: 'exec', command: ['ls'], env: {} } },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'ok' },
      { type: 'function_call_output', call_id: 'b', output: 'found' },
      { type: 'local_shell_call_output', call_id: 'c', output: 'file' },
    ]);
  });

  test('case 20 and 21: others get plain functions, know the way back, and no web search', () => {
    const { body, losses, calls } = encodeRequest(neutral(mixed), { ...FACTS, vendor: 'groq' });
    expect((body.tools as JsonObject[]).map(({ type, name }) => [type, name])).toEqual([
      ['function', 'apply_patch'],
      ['function', 'mcp__docs__search'],
      ['function', 'local_shell'],
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[3]']);
    expect([...calls!]).toEqual([
      ['apply_patch', { name: 'apply_patch', kind: 'custom' }],
      ['mcp__docs__search', { name: 'search', namespace: 'mcp__docs' }],
      ['local_shell', { name: 'local_shell', kind: 'local-shell' }],
    ]);
    expect((body.input as JsonObject[]).map(({ type, name }) => [type, name])).toEqual([
      ['function_call', 'apply_patch'],
      ['function_call', 'mcp__docs__search'],
      ['function_call', 'local_shell'],
      ...Array.from({ length: 3 }, () => ['function_call_output', undefined]),
    ]);
  });

  test('a shell that ran commands and a patch that failed', () => {
    const printed = [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }];
    const items = input({
      messages: [
        {
          role: 'assistant',
          parts: [
            call('a', { kind: 'shell', name: 'shell', arguments: '{"commands":["ls"]}' }),
            call('b', { kind: 'shell', name: 'shell', arguments: '{"commands":["false"]}' }),
            call('c', { kind: 'apply-patch', name: 'apply_patch', arguments: '{"type":"delete_file","path":"x"}' }),
          ],
        },
        {
          role: 'user',
          parts: [
            result('a', JSON.stringify(printed), { kind: 'shell' }),
            result('b', 'no', { isError: true }),
            result('c', 'no such file', { kind: 'apply-patch', isError: true }),
          ],
        },
      ],
    });
    expect(items.slice(3)).toEqual([
      { type: 'shell_call_output', call_id: 'a', output: printed },
      { type: 'shell_call_output', call_id: 'b', output: [{ stdout: 'no', stderr: '', outcome: { type: 'exit', exit_code: 1 } }] },
      { type: 'apply_patch_call_output', call_id: 'c', status: 'failed', output: 'no such file' },
    ]);
  });

  test('case 22: names that are too long are cut, illegal ones renamed, both with a way back', () => {
    const long = 'n'.repeat(70);
    const { body, losses, calls } = encodeRequest(
      neutral({ tools: [long, 'web.search'].map((name) => ({ type: 'function', name, parameters: {} })) }),
      FACTS,
    );
    const [cut, renamed] = (body.tools as JsonObject[]).map(({ name }) => String(name));
    expect(cut).toHaveLength(64);
    expect(renamed).toBe('us-web-2e-search');
    expect([...calls!]).toEqual([[cut, { name: long }]]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[0].name']);
  });

  test('strict only where the schema allows it, and never where nobody asked for it', () => {
    const open = { type: 'object', properties: { a: { type: 'string' } } };
    const closed = { ...open, required: ['a'], additionalProperties: false };
    const { body, losses } = encodeRequest(
      neutral({
        tools: [
          { type: 'function', name: 'a', parameters: closed, strict: true },
          { type: 'function', name: 'b', parameters: open, strict: true },
          { type: 'function', name: 'c', parameters: closed },
        ],
      }),
      FACTS,
    );
    expect((body.tools as JsonObject[]).map(({ strict }) => strict)).toEqual([true, false, false]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[1].strict']);
  });
});
