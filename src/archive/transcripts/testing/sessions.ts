import type { Json } from '../../../exchange/json.ts';

/** Sessions as the CLIs write them, for tests: shapes taken from files that the real ones wrote in November 2026. */
export interface BuiltSession {
  source: string;
  /** As its path is below the CLI's store. */
  path: string;
  text: string;
}

const SESSION = '6a8f1008-2b4b-4178-b2fe-966f532af563';
const at = (second: number): string => new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString();
const text = (records: readonly Json[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** An answer in three lines, a tool round with parallel calls, a compaction, an interruption, a rewind, and lines nobody knows. */
export function claudeSession(session = SESSION, question = 'Fix the naïve test — 好'): BuiltSession {
  const line = (type: string, uuid: string, parent: string | null, second: number, more: Record<string, Json>): Json => ({
    parentUuid: parent,
    isSidechain: false,
    type,
    uuid,
    timestamp: at(second),
    sessionId: session,
    cwd: '/w/app',
    version: '2.1.330',
    gitBranch: 'main',
    ...more,
  });
  const answer = (uuid: string, parent: string, id: string, second: number, content: Json, output: number): Json =>
    line('assistant', uuid, parent, second, {
      message: {
        id,
        role: 'assistant',
        model: 'claude-opus-5-5',
        content: [content],
        stop_reason: 'tool_use',
        usage: { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: output },
      },
    });
  const result = (uuid: string, parent: string, call: string, second: number): Json =>
    line('user', uuid, parent, second, {
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: call, content: `result of ${call}` }] },
      toolUseResult: { stdout: 'x' },
    });
  const records: Json[] = [
    { type: 'mode', mode: 'normal', sessionId: session },
    { type: 'summary', summary: 'Of another session', leafUuid: 'elsewhere' },
    line('user', 'u1', null, 1, { message: { role: 'user', content: question } }),
    line('attachment', 't1', 'u1', 1, { attachment: { type: 'environment' } }),
    answer('a1', 't1', 'msg_1', 2, { type: 'thinking', thinking: 'Look first.', signature: 'c2ln' }, 5),
    answer('a2', 'a1', 'msg_1', 2, { type: 'tool_use', id: 'call_1', name: 'Read', input: { file_path: 'a.ts' } }, 9),
    result('r1', 'a2', 'call_1', 3),
    answer('a3', 'a2', 'msg_1', 3, { type: 'tool_use', id: 'call_2', name: 'Read', input: { file_path: 'b.ts' } }, 20),
    result('r2', 'a3', 'call_2', 4),
    line('system', 's1', 'r2', 5, { subtype: 'turn_duration', durationMs: 5 }),
    { type: 'custom-title', customTitle: 'The test', sessionId: session },
    answer('a4', 's1', 'msg_2', 6, { type: 'text', text: 'It is mended.' }, 7),
    line('user', 'u2', 'a4', 7, {
      message: {
        role: 'user',
        content: [
          { type: 'text', text: 'And the other?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        ],
      },
    }),
    answer('a5', 'u2', 'msg_3', 8, { type: 'text', text: 'Well' }, 1),
    line('user', 'u3', 'a5', 9, { message: { role: 'user', content: [{ type: 'text', text: '[Request interrupted by user]' }] } }),
    { ...(line('system', 's2', null, 10, { subtype: 'compact_boundary', logicalParentUuid: 'u3' }) as object) },
    line('user', 'u4', 's2', 11, { isCompactSummary: true, message: { role: 'user', content: 'They mended a test.' } }),
    // Back to the first answer: a branch.
    line('user', 'u5', 'a4', 12, { message: { role: 'user', content: 'No, like this.' } }),
    { type: 'of-next-year', sessionId: session },
    line('assistant', 'a6', 'u5', 13, {
      isApiErrorMessage: true,
      error: 'server_error',
      message: { id: 'e1', role: 'assistant', model: '<synthetic>', content: [{ type: 'text', text: 'API Error: 529' }] },
    }),
    line('user', 'u1', null, 1, { message: { role: 'user', content: question } }),
  ];
  return { source: 'claude-code', path: `-w-app/${session}.jsonl`, text: text(records) };
}

export function claudeSubagent(session = SESSION): BuiltSession {
  const records = [
    {
      type: 'user',
      uuid: 'x1',
      parentUuid: null,
      isSidechain: true,
      agentId: 'ab12',
      sessionId: session,
      timestamp: at(2),
      cwd: '/w/app',
      message: { role: 'user', content: 'Search it.' },
    },
    {
      type: 'assistant',
      uuid: 'x2',
      parentUuid: 'x1',
      isSidechain: true,
      agentId: 'ab12',
      sessionId: session,
      timestamp: at(3),
      message: { id: 'msg_x', role: 'assistant', model: 'claude-haiku-4-5', content: [{ type: 'text', text: 'Found.' }] },
    },
  ];
  return { source: 'claude-code', path: `-w-app/${session}/subagents/agent-ab12.jsonl`, text: text(records) };
}

export function codexSession(): BuiltSession {
  const id = '01a204d5-2e6d-7e21-88d7-67a96fb19998';
  const line = (type: string, second: number, payload: Record<string, Json>): Json => ({
    timestamp: at(second),
    ordinal: second,
    type,
    payload,
  });
  const item = (second: number, payload: Record<string, Json>): Json => line('response_item', second, payload);
  const records = [
    line('session_meta', 0, {
      id,
      timestamp: at(0),
      cwd: '/w/app',
      originator: 'codex_exec',
      cli_version: '0.169.0',
      source: 'exec',
      model_provider: 'openai',
      git: { branch: 'main' },
    }),
    line('turn_context', 1, { model: 'gpt-5.4', cwd: '/w/app' }),
    item(2, { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<skills_instructions>' }] }),
    item(3, { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>\n…</environment_context>' }] }),
    item(4, {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'Fix it' },
        { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
      ],
    }),
    line('event_msg', 4, { type: 'user_message', message: 'Fix it' }),
    item(5, { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Look' }], encrypted_content: 'c2VjcmV0' }),
    item(6, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] }),
    item(7, { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"ls"}', call_id: 'c1' }),
    item(7, { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'c2' }),
    line('token_usage_record', 8, { usage: { input_tokens: 100, cached_input_tokens: 50, output_tokens: 9, reasoning_output_tokens: 3 } }),
    item(9, { type: 'function_call_output', call_id: 'c1', output: 'a.ts' }),
    item(9, { type: 'custom_tool_call_output', call_id: 'c2', output: 'Done' }),
    line('event_msg', 10, {
      type: 'token_count',
      info: { last_token_usage: { input_tokens: 100, cached_input_tokens: 50, output_tokens: 9, reasoning_output_tokens: 3 } },
    }),
    line('compacted', 11, { message: 'They look.', replacement_history: [] }),
    item(12, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Half an ans' }] }),
    line('event_msg', 13, { type: 'turn_aborted', reason: 'interrupted' }),
    line('of_next_year', 14, {}),
  ];
  return { source: 'codex', path: `2026/11/01/rollout-2026-11-01T10-00-00-${id}.jsonl`, text: text(records) };
}

export function geminiSession(): BuiltSession {
  const call = (status: string, more: Record<string, Json> = {}): Json => ({
    id: 'read-1',
    name: 'read_file',
    args: { path: 'a' },
    status,
    ...more,
  });
  const records: Json[] = [
    {
      sessionId: '11f13330-30ca-436e-8bab-037baf7ec22e',
      projectHash: 'ab',
      startTime: at(0),
      lastUpdated: at(0),
      kind: 'main',
      directories: ['/w/app'],
    },
    {
      $set: { messages: [{ id: 'm0', timestamp: at(0), type: 'user', content: [{ text: '<session_context>\nThis is the Gemini CLI.' }] }] },
    },
    { id: 'm1', timestamp: at(1), type: 'user', content: [{ text: 'Read a' }] },
    {
      id: 'm2',
      timestamp: at(2),
      type: 'gemini',
      content: '',
      thoughts: [{ subject: 'Plan', description: 'Open it' }],
      toolCalls: [call('executing')],
      model: 'gemini-3.1-pro',
    },
    {
      id: 'm2',
      timestamp: at(2),
      type: 'gemini',
      content: 'It says hello.',
      thoughts: [{ subject: 'Plan', description: 'Open it' }],
      toolCalls: [call('success', { result: [{ functionResponse: { id: 'read-1', name: 'read_file', response: { output: 'hello' } } }] })],
      tokens: { input: 10, output: 4, cached: 2, thoughts: 3, tool: 0, total: 17 },
      model: 'gemini-3.1-pro',
    },
    {
      id: 'm3',
      timestamp: at(3),
      type: 'user',
      content: [{ functionResponse: { id: 'read-1', name: 'read_file', response: { output: 'hello' } } }],
    },
    { $set: { lastUpdated: at(3), summary: 'Read a file' } },
    { id: 'm4', timestamp: at(4), type: 'user', content: [{ text: 'taken back' }] },
    { id: 'm5', timestamp: at(5), type: 'gemini', content: 'also taken back', model: 'gemini-3.1-pro' },
    { $rewindTo: 'm4' },
    { id: 'm6', timestamp: at(6), type: 'user', content: 'instead' },
    { id: 'm7', timestamp: at(7), type: 'info', content: 'Request cancelled.' },
  ];
  return { source: 'gemini-cli', path: 'app/chats/session-2026-11-01T10-00-11f13330.jsonl', text: text(records) };
}

export function qwenSession(): BuiltSession {
  const line = (type: string, uuid: string, parentUuid: string | null, second: number, more: Record<string, Json>): Json => ({
    uuid,
    parentUuid,
    sessionId: '7db6d222-0f49-441a-aaff-f6793229d62a',
    timestamp: at(second),
    type,
    cwd: '/w/app',
    version: '0.24.4',
    ...more,
  });
  const records = [
    line('user', 'q1', null, 1, { provenance: 'real_user', message: { role: 'user', parts: [{ text: 'List' }] } }),
    line('system', 'q2', 'q1', 1, { subtype: 'ui_telemetry', systemPayload: {} }),
    line('assistant', 'q3', 'q2', 2, {
      model: 'qwen4',
      message: {
        role: 'model',
        parts: [{ text: 'I list.' }, { functionCall: { id: 'c1', name: 'run_shell_command', args: { command: 'ls' } } }],
      },
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3, thoughtsTokenCount: 1, cachedContentTokenCount: 0 },
    }),
    line('tool_result', 'q4', 'q3', 3, {
      message: { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'run_shell_command', response: { output: 'a' } } }] },
      toolCallResult: { callId: 'c1', status: 'success' },
    }),
    line('assistant', 'q5', 'q4', 4, { model: 'qwen4', message: { role: 'model', parts: [{ text: 'An a.' }] } }),
  ];
  return { source: 'qwen-code', path: '-w-app/chats/7db6d222-0f49-441a-aaff-f6793229d62a.jsonl', text: text(records) };
}

export function copilotSession(): BuiltSession {
  const line = (type: string, id: string, parentId: string | null, second: number, data: Record<string, Json>): Json => ({
    type,
    data,
    id,
    timestamp: at(second),
    parentId,
  });
  const records = [
    line('session.start', 'e0', null, 0, {
      sessionId: 'f49c14cf-62d1-4a0b-817a-541b02acdacd',
      copilotVersion: '1.0.102',
      startTime: at(0),
      context: { cwd: '/w/app', branch: 'main' },
    }),
    line('user.message', 'e1', 'e0', 1, { content: 'Run it', transformedContent: '<x>Run it' }),
    line('session.usage_record', 'e2', 'e1', 2, { usage: { inputTokens: 5, outputTokens: 3, reasoningTokens: 1, apiCallId: 'api1' } }),
    line('assistant.message', 'e3', 'e2', 2, {
      model: 'gpt-5.6',
      content: 'I run.',
      reasoningText: 'Why not',
      toolRequests: [{ toolCallId: 'c1', name: 'bash', arguments: { command: 'x' } }],
      apiCallId: 'api1',
    }),
    line('tool.execution_complete', 'e4', 'e3', 3, { toolCallId: 'c1', success: false, error: { message: 'no x' } }),
    line('assistant.message', 'e5', 'e4', 4, { model: 'gpt-5.6', content: 'There is no x.', toolRequests: [] }),
    line('session.shutdown', 'e6', 'e5', 5, {}),
  ];
  return { source: 'copilot-cli', path: 'f49c14cf-62d1-4a0b-817a-541b02acdacd/events.jsonl', text: text(records) };
}

export function piSession(): BuiltSession {
  const entry = (type: string, id: string, parentId: string | null, second: number, more: Record<string, Json>): Json => ({
    type,
    id,
    parentId,
    timestamp: at(second),
    ...more,
  });
  const records: Json[] = [
    { type: 'session', version: 3, id: '01a204d6-24cf-7621-ac1e-4b27b6477508', timestamp: at(0), cwd: '/w/app' },
    entry('model_change', 'p1', null, 0, { provider: 'anthropic', modelId: 'claude-sonnet-4-6' }),
    entry('message', 'p2', 'p1', 1, { message: { role: 'user', content: [{ type: 'text', text: 'Fix' }] } }),
    entry('message', 'p3', 'p2', 2, {
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', thinkingSignature: 's' },
          { type: 'text', text: 'I look.' },
          { type: 'toolCall', id: 'c1', name: 'read', arguments: { path: 'a' } },
        ],
        api: 'anthropic-messages',
        provider: 'anthropic',
        model: 'claude-sonnet-4-6',
        usage: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, cost: { total: 0.5 } },
        stopReason: 'toolUse',
      },
    }),
    entry('message', 'p4', 'p3', 3, {
      message: { role: 'toolResult', toolCallId: 'c1', toolName: 'read', content: [{ type: 'text', text: 'a' }], isError: false },
    }),
    entry('message', 'p5', 'p2', 4, {
      message: {
        role: 'assistant',
        content: [{ type: 'text', text: 'Another try.' }],
        provider: 'anthropic',
        model: 'claude-sonnet-4-6',
        stopReason: 'aborted',
      },
    }),
    entry('compaction', 'p6', 'p5', 5, { summary: 'They fix.' }),
  ];
  return { source: 'pi', path: '--w-app--/2026-11-01T10-00-00-000Z_01a204d6.jsonl', text: text(records) };
}

export function cursorSession(): BuiltSession {
  const records = [
    { role: 'user', message: { content: [{ type: 'text', text: '<user_query>\nFix\n</user_query>' }] } },
    {
      role: 'assistant',
      message: {
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', name: 'Read', input: { path: 'a' } },
        ],
      },
    },
  ];
  return { source: 'cursor', path: 'w-app/agent-transcripts/0c/0c9d.jsonl', text: text(records) };
}

export const SESSIONS: readonly BuiltSession[] = [
  claudeSession(),
  claudeSubagent(),
  codexSession(),
  geminiSession(),
  qwenSession(),
  copilotSession(),
  piSession(),
  cursorSession(),
];
