import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { wrap } from '../envelope.ts';
import { decodeRequest } from './decode-request.ts';

function decode(body: JsonObject): Request {
  const decoded = decodeRequest({ model: 'gpt-5.6', ...body });
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function items(...input: Json[]): Request['messages'] {
  return decode({ input }).messages;
}

const OWN = { dialect: 'openai-responses' as const };

describe('input', () => {
  test('text, easy messages and full ones', () => {
    expect(decode({ input: 'hi' }).messages).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }]);
    const { system, messages } = decode({
      instructions: 'be brief',
      input: [
        { role: 'developer', content: 'one' },
        { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'two' }] },
        { role: 'user', content: 'hi' },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          phase: 'commentary',
          content: [
            { type: 'output_text', text: 'hello', annotations: [], logprobs: [] },
            { type: 'refusal', refusal: 'no' },
          ],
        },
        { role: 'developer', content: 'three' },
        { role: 'user', content: [{ type: 'input_text', text: 'go on' }] },
      ],
    });
    expect(system.map((part) => part.type === 'text' && part.text)).toEqual(['be brief', 'one', 'two']);
    expect(messages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'hello', extras: { dialect: 'openai-responses', fields: { phase: 'commentary' } } },
          { type: 'refusal', text: 'no' },
        ],
      },
      { role: 'system', parts: [{ type: 'text', text: 'three' }] },
      { role: 'user', parts: [{ type: 'text', text: 'go on' }] },
    ]);
  });

  test('images, files and audio', () => {
    const [message] = items({
      role: 'user',
      content: [
        { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' },
        { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'auto' },
        { type: 'input_image', file_id: 'file-1' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' },
        { type: 'input_file', file_data: 'AA' },
        { type: 'input_file', file_url: 'https://example.com/a.pdf' },
        { type: 'input_file', file_id: 'file-2' },
        { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
        { type: 'input_video', url: 'x' },
      ],
    });
    expect(message!.parts).toEqual([
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' } },
      { type: 'image', source: { type: 'file', id: 'file-1', producer: OWN } },
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AA' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AA' } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      { type: 'document', source: { type: 'file', id: 'file-2', producer: OWN } },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'AA' }, format: 'mp3' },
      { type: 'opaque', producer: OWN, value: { content: { type: 'input_video', url: 'x' } } },
    ]);
  });

  test('case 19: reasoning, text and parallel calls are one turn, their outputs and the next words another', () => {
    const messages = items(
      { role: 'user', content: 'do it' },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
      { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{"x":1}', status: 'completed' },
      { type: 'function_call', call_id: 'b', name: 'g', namespace: 'mcp__here', arguments: '' },
      { type: 'function_call_output', call_id: 'b', output: '2' },
      {
        type: 'function_call_output',
        call_id: 'a',
        output: [
          { type: 'input_text', text: '1' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA' },
        ],
      },
      { role: 'user', content: 'and then?' },
    );
    expect(messages.map(({ role, parts }) => [role, parts.map(({ type }) => type)])).toEqual([
      ['user', ['text']],
      ['assistant', ['reasoning', 'text', 'tool-call', 'tool-call']],
      ['user', ['tool-result', 'tool-result', 'text']],
    ]);
    expect(messages[1]!.parts.slice(2)).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'g', namespace: 'mcp__here', arguments: '' },
    ]);
    expect(messages[2]!.parts[1]).toEqual({
      type: 'tool-result',
      callId: 'a',
      content: [
        { type: 'text', text: '1' },
        { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA' } },
      ],
      isError: false,
    });
  });

  test('messages of the assistant that follow each other stay apart', () => {
    const said = (text: string, phase: string) => ({ type: 'message', role: 'assistant', phase, content: [{ type: 'output_text', text }] });
    const messages = items(said('a', 'commentary'), said('b', 'final_answer'));
    expect(messages).toHaveLength(2);
  });

  test('case 20: calls of every kind that a client answers, with what came of them', () => {
    const action = { type: 'exec', command: ['ls'], env: {} };
    const printed = [{ stdout: 'a\n', stderr: '', outcome: { type: 'exit', exit_code: 0 } }];
    const operation = { type: 'delete_file', path: 'x' };
    const [calls, results] = items(
      { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: '*** Begin Patch' },
      { type: 'local_shell_call', id: 'lsh_1', call_id: 'b', status: 'completed', action },
      { type: 'shell_call', call_id: 'c', action: { commands: ['ls'] }, environment: { type: 'local' } },
      { type: 'apply_patch_call', call_id: 'd', status: 'completed', operation },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'done' },
      { type: 'local_shell_call_output', id: 'b', output: 'file' },
      { type: 'shell_call_output', call_id: 'c', output: printed, max_output_length: 10 },
      { type: 'apply_patch_call_output', call_id: 'd', status: 'failed', output: 'no such file' },
    );
    expect(calls!.parts).toMatchObject([
      { id: 'a', kind: 'custom', name: 'apply_patch', arguments: '{"input":"*** Begin Patch"}' },
      { id: 'b', kind: 'local-shell', name: 'local_shell', arguments: JSON.stringify(action) },
      { id: 'c', kind: 'shell', name: 'shell', arguments: '{"commands":["ls"]}' },
      { id: 'd', kind: 'apply-patch', name: 'apply_patch', arguments: JSON.stringify(operation) },
    ]);
    expect(results!.parts).toMatchObject([
      { callId: 'a', kind: 'custom', content: [{ text: 'done' }], isError: false },
      { callId: 'b', kind: 'local-shell', content: [{ text: 'file' }] },
      { callId: 'c', kind: 'shell', content: [{ text: JSON.stringify(printed) }], extras: { fields: { max_output_length: 10 } } },
      { callId: 'd', kind: 'apply-patch', content: [{ text: 'no such file' }], isError: true },
    ]);
  });

  test('items that only their vendor knows are carried, each on its side of the conversation', () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } };
    const approval = { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true };
    const compaction = { type: 'compaction', encrypted_content: 'gAAA' };
    const unknown = { type: 'hologram', beam: 1 };
    expect(items(search, unknown, approval, compaction)).toEqual([
      { role: 'assistant', parts: [search, unknown].map((value) => ({ type: 'opaque', producer: OWN, value })) },
      { role: 'user', parts: [{ type: 'opaque', producer: OWN, value: approval }] },
      { role: 'assistant', parts: [{ type: 'opaque', producer: OWN, value: compaction }] },
    ]);
  });

  test('a shell in a container of the vendor belongs to the vendor, with its output', () => {
    const call = {
      type: 'shell_call',
      call_id: 'a',
      action: { commands: [] },
      environment: { type: 'container_reference', container_id: 'c' },
    };
    const output = { type: 'shell_call_output', call_id: 'a', output: [] };
    expect(items(call, output)).toEqual([
      { role: 'assistant', parts: [call, output].map((value) => ({ type: 'opaque', producer: OWN, value })) },
    ]);
  });

  test('case 45: a reference is followed where the item stands in the same input', () => {
    const message = { id: 'msg_1', type: 'message', role: 'user', content: 'hi' };
    expect(items(message, { type: 'item_reference', id: 'msg_1' })).toEqual(items(message, message));
    expect(items({ id: 'msg_2' })).toEqual([
      { role: 'assistant', parts: [{ type: 'opaque', producer: OWN, value: { type: 'item_reference', id: 'msg_2' } }] },
    ]);
  });
});

describe('reasoning', () => {
  test('an item is one part: texts joined, secret and id kept', () => {
    const summary = ['one', 'two'].map((text) => ({ type: 'summary_text', text }));
    expect(items({ type: 'reasoning', id: 'rs_1', summary, encrypted_content: 'gAAA' })[0]!.parts).toEqual([
      {
        type: 'reasoning',
        text: 'one\n\ntwo',
        signature: 'gAAA',
        producer: OWN,
        extras: { dialect: 'openai-responses', fields: { id: 'rs_1', summary } },
      },
    ]);
    const content = [{ type: 'reasoning_text', text: 'raw' }];
    expect(items({ type: 'reasoning', summary: [], content })[0]!.parts).toEqual([
      { type: 'reasoning', text: 'raw', producer: OWN, extras: { dialect: 'openai-responses', fields: { content, summary: [] } } },
    ]);
  });

  test("another vendor's comes out of its envelope as it was", () => {
    const producer = { dialect: 'anthropic-messages' as const, vendor: 'anthropic', model: 'claude' };
    const secret = wrap(producer, { signature: 'c2ln' });
    expect(
      items({ type: 'reasoning', id: 'rs_x', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: secret })[0]!.parts,
    ).toEqual([{ type: 'reasoning', text: 'hm', signature: 'c2ln', producer }]);
  });
});

describe('parameters', () => {
  test('tools of every kind', () => {
    const server = { type: 'mcp', server_label: 'docs', server_url: 'https://example.com' };
    const { tools } = decode({
      input: 'x',
      tools: [
        { type: 'function', name: 'a', parameters: { type: 'object' }, strict: true, defer_loading: true },
        { type: 'function', name: 'b', parameters: null, strict: false, description: null },
        { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
        { type: 'custom', name: 'd', format: { type: 'text' } },
        {
          type: 'namespace',
          name: 'mcp__n',
          description: 'n',
          tools: [
            { type: 'function', name: 'e' },
            { type: 'custom', name: 'f' },
          ],
        },
        { type: 'local_shell' },
        { type: 'shell', environment: { type: 'local' } },
        { type: 'shell', environment: { type: 'container_auto' } },
        { type: 'apply_patch' },
        { type: 'web_search', search_context_size: 'low' },
        server,
      ],
    });
    expect(tools).toMatchObject([
      { type: 'function', name: 'a', strict: true, extras: { fields: { defer_loading: true } } },
      { type: 'function', name: 'b', parameters: { type: 'object', properties: {} } },
      { type: 'custom', name: 'c', grammar: { syntax: 'lark', definition: 'start: "a"' } },
      { type: 'custom', name: 'd' },
      { type: 'function', name: 'e', namespace: 'mcp__n', extras: { fields: { namespace: { description: 'n' } } } },
      { type: 'custom', name: 'f', namespace: 'mcp__n' },
      { type: 'client', kind: 'local-shell', name: 'local_shell' },
      { type: 'client', kind: 'shell', name: 'shell' },
      { type: 'server', name: 'shell' },
      { type: 'client', kind: 'apply-patch', name: 'apply_patch' },
      { type: 'server', name: 'web_search' },
      { type: 'server', name: 'mcp docs', definition: { value: server } },
    ]);
    expect(tools[1]).not.toHaveProperty('strict');
    expect(tools[5]).not.toHaveProperty('extras');
  });

  test.each([
    ['required', { type: 'required' }, undefined],
    [{ type: 'function', name: 'f' }, { type: 'tool', name: 'f' }, undefined],
    [{ type: 'custom', name: 'c' }, { type: 'tool', name: 'c' }, undefined],
    [{ type: 'apply_patch' }, { type: 'tool', name: 'apply_patch' }, undefined],
    [{ type: 'web_search_preview' }, undefined, { type: 'web_search_preview' }],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
      { type: 'required' },
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    ],
  ])('tool_choice %j', (given, choice, kept) => {
    const request = decode({ input: 'x', tool_choice: given });
    expect(request.toolChoice).toEqual(choice);
    expect(request.extras?.fields.tool_choice).toEqual(kept);
  });

  test('format, reasoning and the rest', () => {
    const schema = { type: 'object' };
    const request = decode({
      input: 'x',
      text: { format: { type: 'json_schema', name: 'n', schema, strict: true, description: 'd' }, verbosity: 'low' },
      reasoning: { effort: 'high', summary: 'auto' },
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      parallel_tool_calls: false,
      safety_identifier: 'me',
      store: false,
      background: false,
      previous_response_id: null,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
      truncation: 'auto',
      service_tier: 'flex',
    });
    expect(request).toMatchObject({
      output: { type: 'json-schema', name: 'n', schema, strict: true, description: 'd' },
      reasoning: { effort: 'high', extras: { dialect: 'openai-responses', fields: { summary: 'auto' } } },
      sampling: { temperature: 0.5, topP: 0.9 },
      maxOutputTokens: 100,
      parallelToolCalls: false,
      user: 'me',
    });
    expect(request.extras?.fields).toEqual({
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
      truncation: 'auto',
      service_tier: 'flex',
    });
    expect(decode({ input: 'x', text: { format: { type: 'json_object' } } }).output).toEqual({ type: 'json' });
  });

  test.each<[JsonObject, string]>([
    [{}, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: [5] }, 'input[0]'],
    [{ input: [{}] }, 'input[0].type'],
    [{ input: [{ role: 'user' }] }, 'input[0].content'],
    [{ input: [{ role: 'tool', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0]'],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png,x' }] }] }, 'input[0].content[0].image_url'],
    [{ input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] }, 'tools[0].tools[0].name'],
    [{ input: 'x', text: { format: { type: 'json_schema' } } }, 'text.format.name'],
  ])('%j is refused by the name of the field', (body, field) => {
    expect(decodeRequest({ model: 'm', ...body })).toMatchObject({ ok: false, error: { field } });
  });
});
