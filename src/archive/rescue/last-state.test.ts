import { describe, expect, it } from 'vitest';
import type { ArchivedMessage, ArchivedPart } from '../conversation.ts';
import { lastState } from './last-state.ts';

const text = (value: string): ArchivedPart => ({ type: 'text', text: value });
const call = (id: string): ArchivedPart => ({ type: 'tool-call', id, name: 'Bash', arguments: '{"command":"ls"}' });
const result = (callId: string): ArchivedPart => ({
  type: 'tool-result',
  callId,
  content: [text('out') as { type: 'text'; text: string }],
  isError: false,
});
const message = (role: ArchivedMessage['role'], parts: ArchivedPart[], more: Partial<ArchivedMessage> = {}): ArchivedMessage => ({
  key: `${role}${parts.length}`,
  role,
  parts,
  status: 'complete',
  ...more,
});
const model = { producer: { provider: 'anthropic', model: 'claude-opus-5' }, usage: { input: 12_000, output: 10 } };
const asked = message('user', [text('Do it')]);
const failed = message('assistant', [text('API Error: 529\nOverloaded')], { extras: { apiError: '529' } });

describe('how a session ended', () => {
  it.each<[string, ArchivedMessage[], ReturnType<typeof lastState>['type']]>([
    ['nothing was said', [], 'empty'],
    ['nobody has answered', [asked], 'asked'],
    ['only an error has answered', [asked, failed], 'asked'],
    ['it is answered', [asked, message('assistant', [text('Done')], model)], 'answered'],
    ['an answer was cut', [asked, message('assistant', [text('Do')], { status: 'interrupted' })], 'cut'],
    ['a call has no result', [asked, message('assistant', [call('1')], model)], 'in-tools'],
    ['a result has no answer', [asked, message('assistant', [call('1')], model), message('tool', [result('1')])], 'in-tools'],
    [
      'a result has an error for an answer',
      [asked, message('assistant', [call('1')], model), message('tool', [result('1')]), failed],
      'in-tools',
    ],
    [
      'an earlier question was answered, this one not',
      [asked, message('assistant', [text('Done')], model), message('user', [text('More')])],
      'asked',
    ],
  ])('%s', (_name, messages, type) => {
    expect(lastState(messages).type).toBe(type);
  });

  it('tells errors in a line, calls without a result, who answered and how much it had to read', () => {
    const state = lastState([asked, message('assistant', [call('1'), call('2')], model), message('tool', [result('1')]), failed, failed]);
    expect(state).toMatchObject({
      errors: ['API Error: 529 Overloaded', 'API Error: 529 Overloaded'],
      producer: { model: 'claude-opus-5' },
      inputTokens: 12_000,
    });
    expect(state.pending.map(({ id }) => id)).toEqual(['2']);
  });
});
