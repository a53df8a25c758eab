import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { CREATED, completed, added, done, sse, read, eventsOf, whole } from './sample-stream.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };

describe('items', () => {
  test('a function call in a namespace', () => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'search', namespace: 'mcp__x', arguments: '' };
    const answer = whole(
      added(0, item),
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: '{"q":' },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: '1}' },
      { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 0, arguments: '{"q":1}' },
      done(0, { ...item, arguments: '{"q":1}', status: 'completed' }),
      completed([]),
    );
    expect(answer.parts).toMatchObject([
      { head: { type: 'tool-call', id: 'call_1', name: 'search', namespace: 'mcp__x' }, arguments: '{"q":1}' },
    ]);
    expect(answer.finish?.reason).toBe('tool-calls');
  });

  test('case 20: a custom call: its text is the only argument', () => {
    const item = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'call_1', name: 'apply_patch', input: '' };
    const input = '*** Begin "Patch"\n\\ 😀';
    const deltas = Array.from(input, (delta) => ({
      type: 'response.custom_tool_call_input.delta',
      item_id: 'ctc_1',
      output_index: 0,
      delta,
    }));
    const answer = whole(added(0, item), ...deltas, done(0, { ...item, input }), completed([]));
    expect(answer.parts).toMatchObject([{ head: { name: 'apply_patch', kind: 'custom' } }]);
    expect(JSON.parse(answer.parts[0]!.arguments)).toEqual({ input });
    const silent = whole(added(0, item), done(0, item), completed([]));
    expect(silent.parts[0]!.arguments).toBe('{"input":""}');
  });

  test.each([
    ['local_shell_call', { action: { type: 'exec', command: ['ls'], env: {} } }, 'local-shell', 'local_shell'],
    [
      'shell_call',
      { action: { commands: ['ls'], max_output_length: null, timeout_ms: null }, environment: { type: 'local' } },
      'shell',
      'shell',
    ],
    ['apply_patch_call', { operation: { type: 'delete_file', path: 'a' } }, 'apply-patch', 'apply_patch'],
  ])('%s: what the client runs is a call', (type, fields, kind, name) => {
    const item = { id: 'x_1', type, call_id: 'call_1', status: 'completed', ...fields };
    const answer = whole(added(0, item), done(0, item), completed([]));
    expect(answer.parts).toMatchObject([{ head: { type: 'tool-call', id: 'call_1', name, kind } }]);
    expect(JSON.parse(answer.parts[0]!.arguments)).toEqual('action' in fields ? fields.action : fields.operation);
    expect(answer.finish?.reason).toBe('tool-calls');
  });

  test.each([
    [
      'a shell in a container',
      { type: 'shell_call', call_id: 'c', action: { commands: [] }, environment: { type: 'container_reference' } },
    ],
    ["one of xAI's searches", { type: 'custom_tool_call', call_id: 'xs_call_1', name: 'x_keyword_search', input: '' }],
    ['a web search', { type: 'web_search_call', status: 'in_progress' }],
    ['an item of tomorrow', { type: 'telepathy_call' }],
  ])('%s: what the provider runs is kept whole', (_name, fields) => {
    const item = { id: 'i_1', ...fields };
    const answer = whole(
      added(0, item),
      { type: 'response.some.progress', item_id: 'i_1', output_index: 0 },
      done(0, { ...item, result: [1] }),
      completed([]),
    );
    expect(answer.parts).toMatchObject([{ head: { type: 'opaque', value: item }, closed: true }]);
    expect(answer.parts[0]!.opaque).toEqual([
      { type: 'response.some.progress' },
      { type: 'response.output_item.done', item: { result: [1] } },
    ]);
    expect(answer.finish?.reason).toBe('stop');
  });

  test.each([
    ['function_call', { name: 'f', arguments: '{"a":' }, '{"a":'],
    ['custom_tool_call', { name: 'f', input: 'abc' }, '{"input":"abc'],
  ])('a %s in which the token limit was reached ends with the answer, which says so', (type, fields, json) => {
    const item = { id: 'fc_1', type, call_id: 'c', ...fields, status: 'incomplete' };
    const frames = read(
      sse(CREATED, added(0, { ...item, arguments: '', input: '', status: 'in_progress' }), done(0, item), {
        ...completed([item], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
        type: 'response.incomplete',
      }),
    );
    expect(frames[2]).toMatchObject({ events: [], clean: true });
    expect(frames[3]).toMatchObject({ type: 'end' });
    const answer = assemble(eventsOf(frames));
    expect(answer).toMatchObject({ finish: { reason: 'length' }, parts: [{ arguments: json, closed: true }] });
    const [again] = encodeAnswer(eventsOf(frames), CONTEXT).output as JsonObject[];
    expect(again).toMatchObject({ ...fields, status: 'incomplete' });
    expect(encoder(CONTEXT).encode(eventsOf(frames))).toContain('"status":"incomplete"');
  });

  test('a reasoning item with two summaries is one part', () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [] };
    const place = { item_id: 'rs_1', output_index: 0 };
    const answer = whole(
      added(0, item),
      { type: 'response.reasoning_summary_part.added', ...place, summary_index: 0, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 0, delta: 'one' },
      { type: 'response.reasoning_summary_text.done', ...place, summary_index: 0, text: 'one' },
      { type: 'response.reasoning_summary_part.added', ...place, summary_index: 1, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, summary_index: 1, delta: 'two' },
      done(0, {
        ...item,
        summary: [
          { type: 'summary_text', text: 'one' },
          { type: 'summary_text', text: 'two' },
        ],
        encrypted_content: 'E',
      }),
      completed([]),
    );
    expect(answer.parts).toMatchObject([{ head: { type: 'reasoning' }, text: 'one\n\ntwo', signature: 'E' }]);
  });
});
