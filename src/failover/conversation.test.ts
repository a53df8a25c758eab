import { describe, expect, it } from 'vitest';
import { codec } from '../../test/matrix/run-cell.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { JsonObject } from '../exchange/json.ts';
import { conversationKey, isWithinTurn, type Spoken } from './conversation.ts';

const PATHS: Record<DialectName, string> = {
  'anthropic-messages': '/v1/messages',
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  gemini: '/v1beta/models/m:streamGenerateContent?alt=sse',
};
const DIALECTS = Object.keys(PATHS) as DialectName[];

type Turn = 'user' | 'call' | 'result' | 'said';

/** A conversation that began with `first`, as each dialect tells it; Anthropic's clients mark its last words for the cache. */
function tell(dialect: DialectName, turns: readonly Turn[], first = 'Mend the build.', system = 'You are an agent.'): JsonObject {
  const text = (index: number): string => (index === 0 ? first : `words ${index}`);
  switch (dialect) {
    case 'anthropic-messages': {
      const block = (turn: Turn, index: number): JsonObject => {
        if (turn === 'call') return { type: 'tool_use', id: 't1', name: 'run', input: {} };
        if (turn === 'result') return { type: 'tool_result', tool_use_id: 't1', content: 'done' };
        return { type: 'text', text: text(index), ...(index === turns.length - 1 && { cache_control: { type: 'ephemeral' } }) };
      };
      const role = (turn: Turn): string => (turn === 'user' || turn === 'result' ? 'user' : 'assistant');
      const messages = turns.map((turn, index) => ({ role: role(turn), content: [block(turn, index)] }));
      return { model: 'm', max_tokens: 9, system: [{ type: 'text', text: system }], messages };
    }
    case 'openai-chat': {
      const message = (turn: Turn, index: number): JsonObject => {
        if (turn === 'call') {
          return {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 't1', type: 'function', function: { name: 'run', arguments: '{}' } }],
          };
        }
        if (turn === 'result') return { role: 'tool', tool_call_id: 't1', content: 'done' };
        return { role: turn === 'user' ? 'user' : 'assistant', content: text(index) };
      };
      return { model: 'm', messages: [{ role: 'system', content: system }, ...turns.map(message)] };
    }
    case 'openai-responses': {
      const item = (turn: Turn, index: number): JsonObject => {
        if (turn === 'call') return { type: 'function_call', call_id: 't1', name: 'run', arguments: '{}' };
        if (turn === 'result') return { type: 'function_call_output', call_id: 't1', output: 'done' };
        if (turn === 'user') return { role: 'user', content: [{ type: 'input_text', text: text(index) }] };
        return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: text(index) }] };
      };
      return { model: 'm', instructions: system, input: turns.map(item) };
    }
    case 'gemini': {
      const part = (turn: Turn, index: number): JsonObject => {
        if (turn === 'call') return { functionCall: { name: 'run', args: {} } };
        if (turn === 'result') return { functionResponse: { name: 'run', response: { output: 'done' } } };
        return { text: text(index) };
      };
      const role = (turn: Turn): string => (turn === 'user' || turn === 'result' ? 'user' : 'model');
      const contents = turns.map((turn, index) => ({ role: role(turn), parts: [part(turn, index)] }));
      return { systemInstruction: { parts: [{ text: system }] }, contents };
    }
  }
}

function spoken(dialect: DialectName, body: JsonObject, headers: Spoken['headers'] = [], parse = false): Spoken {
  const bytes = Buffer.from(JSON.stringify(body, null, 1));
  const head = codec(dialect).inspect(bytes, PATHS[dialect], parse);
  if (!head.ok) throw new Error(head.error.message);
  return { head: head.value, body: bytes, headers };
}

function key(...args: Parameters<typeof spoken>): string {
  return conversationKey('default', spoken(...args));
}

describe.each(DIALECTS)('a conversation in %s', (dialect) => {
  const begun = tell(dialect, ['user']);
  const later = tell(dialect, ['user', 'call', 'result', 'said', 'user']);

  it('is known by its beginning, as it grows, from bytes and from what was parsed of them', () => {
    expect(key(dialect, later)).toBe(key(dialect, begun));
    expect(key(dialect, later, [], true)).toBe(key(dialect, begun));
  });

  it('is told from others that begin otherwise, however much they share', () => {
    const others = [tell(dialect, ['user'], 'Mend the tests.'), tell(dialect, ['user'], undefined, 'You are a reviewer.')];
    expect(new Set([begun, ...others].map((body) => key(dialect, body))).size).toBe(3);
    expect(conversationKey('other route', spoken(dialect, begun))).not.toBe(key(dialect, begun));
  });

  it('is known by the client’s own name for it where there is one', () => {
    const headers: Spoken['headers'] = [['X-Claude-Code-Session-Id', 's1']];
    expect(key(dialect, tell(dialect, ['user'], 'After a compaction.'), headers)).toBe(key(dialect, begun, headers));
    expect(key(dialect, begun, [['session_id', 's2']])).not.toBe(key(dialect, begun, headers));
    expect(key(dialect, begun, [...headers, ['x-claude-code-agent-id', 'a1']])).not.toBe(key(dialect, begun, headers));
  });

  it.each([
    [false, ['user']],
    [false, ['user', 'said', 'user']],
    [true, ['user', 'call', 'result']],
    [true, ['user', 'call', 'result', 'call', 'result']],
    [false, ['user', 'call', 'result', 'said', 'user']],
    // A prefilled answer is no tool round.
    [false, ['user', 'said']],
  ] satisfies [boolean, Turn[]][])('is within a turn: %s after %s', (within, turns) => {
    for (const parse of [false, true]) expect(isWithinTurn(spoken(dialect, tell(dialect, turns), [], parse))).toBe(within);
  });
});

describe('what clients add', () => {
  it('words and reminders after results do not end a turn', () => {
    const body = tell('anthropic-messages', ['user', 'call', 'result']);
    const messages = [...(body.messages as JsonObject[]), { role: 'system', content: 'A reminder.' }];
    expect(isWithinTurn(spoken('anthropic-messages', { ...body, messages }))).toBe(true);
    const chat = tell('openai-chat', ['user', 'call', 'result', 'user']);
    expect(isWithinTurn(spoken('openai-chat', chat))).toBe(true);
  });

  it('a question that is one text is a conversation too', () => {
    const body: JsonObject = { model: 'm', input: 'Mend the build.' };
    expect(isWithinTurn(spoken('openai-responses', body))).toBe(false);
    expect(key('openai-responses', body)).not.toBe(key('openai-responses', { ...body, input: 'Mend the tests.' }));
    expect(key('openai-responses', body)).not.toBe(key('openai-responses', { ...body, prompt_cache_key: 'k' }));
  });
});
