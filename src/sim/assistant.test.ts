import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../exchange/json.ts';
import { answerText, type Answer } from './answer.ts';
import type { SimDialect } from './asked.ts';
import { answer, wholeText, type AssistantOptions } from './assistant.ts';
import { BEHAVIOURS } from './continuation.ts';
import { tokens } from './speech.ts';
import { readAnthropic } from './wire/read-anthropic.ts';
import { readChat } from './wire/read-chat.ts';

const dialects: SimDialect[] = ['anthropic-messages', 'openai-chat'];
const question = 'Why does the answer outlive its provider? [sim words=200]';
const whole = wholeText(question);

function ask(dialect: SimDialect, messages: Json[], more: Record<string, Json> = {}, options: AssistantOptions = {}): Answer {
  const body = { model: 'm', messages, ...more };
  const asked = dialect === 'anthropic-messages' ? readAnthropic(body, 400) : readChat(body, 400);
  return answer(asked, 'seed', options);
}

function hop(at: number, model = 'm', dialect: SimDialect = 'anthropic-messages', asked = question): string {
  const delivered = wholeText(asked).slice(0, at).trimEnd();
  const note = `My connection dropped. I received your answer only up to «${delivered.slice(-40)}». Start by repeating that fragment.`;
  const messages = [
    { role: 'user', content: asked },
    { role: 'assistant', content: delivered },
    { role: 'user', content: note },
  ];
  return answerText(ask(dialect, messages, { model }));
}

describe('what is said', () => {
  it('depends on the question alone', () => {
    for (const dialect of dialects) {
      expect(answerText(ask(dialect, [{ role: 'user', content: question }], { model: 'any' }))).toBe(whole);
    }
    expect(wholeText('Another one')).not.toBe(wholeText('And another one'));
  });

  it('every stretch of forty characters occurs once', () => {
    for (let at = 0; at + 40 <= whole.length; at++) expect(whole.indexOf(whole.slice(at, at + 40), at + 1)).toBe(-1);
  });

  it('pieces join to the text and never cut a code point', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '漢', '😀', '👩‍🚀'), maxLength: 100 }), (text) => {
        const pieces = tokens(text);
        expect(pieces.join('')).toBe(text);
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(text.isWellFormed());
      }),
    );
  });
});

describe('asked to carry on', () => {
  it('repeats the fragment and goes on, wherever the cut was', () => {
    const asked = 'Everything awkward [sim script=mixed words=60]';
    const full = wholeText(asked);
    fc.assert(
      fc.property(fc.integer({ min: 20, max: full.length - 1 }), fc.constantFrom(...dialects), (at, dialect) => {
        const delivered = full.slice(0, at).trimEnd();
        const said = hop(at, 'm', dialect, asked);
        expect(said.startsWith(delivered.slice(-40))).toBe(true);
        expect(delivered + said.slice(delivered.slice(-40).length)).toBe(full);
      }),
      { numRuns: 300 },
    );
  });

  it('behaves as the model name or the option says', () => {
    const said = Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, hop(400, `m-${behaviour}`)]));
    const delivered = whole.slice(0, 400).trimEnd();
    expect(said.plain).toBe(whole.slice(delivered.length));
    expect(whole.slice(0, delivered.length)).toContain(said.overlap!.slice(0, 10));
    expect(said.overlap!.length).toBeGreaterThan(said.plain!.length + 8);
    expect(said.restart).toBe(whole);
    expect(said.diverge).toMatch(/^Here is a different/);
    expect(said.refuse).toContain("can't continue");
    expect(said.apologise).toBe(`Sorry about that! ${said.anchor}`);
    const prefilled = [
      { role: 'user', content: question },
      { role: 'assistant', content: delivered },
    ];
    expect(answerText(ask('openai-chat', prefilled, { model: 'm-prefill' }))).toBe(said.plain);
    expect(answerText(ask('openai-chat', prefilled, {}, { behaviour: 'prefill' }))).toBe(said.plain);
    expect(answerText(ask('openai-chat', prefilled))).toBe(whole);
  });
});

describe('tools', () => {
  const bash = {
    name: 'Bash',
    description: 'Runs a command',
    input_schema: {
      type: 'object',
      properties: { command: { type: 'string' }, description: { type: 'string' } },
      required: ['command'],
    },
  };
  const reminder = '<system-reminder>Today is a day. [nothing here]</system-reminder>';
  const first = {
    role: 'user',
    content: [
      { type: 'text', text: reminder },
      { type: 'text', text: '[sim bash=echo hello world]' },
    ],
  };

  it('Bash is called once with the given command, then the result is quoted', () => {
    const called = ask('anthropic-messages', [first, { role: 'system', content: 'a note in the middle' }], { tools: [bash] });
    const call = called.parts.find((part) => part.type === 'tool-call');
    expect(JSON.parse(call!.pieces.join(''))).toEqual({ command: 'echo hello world', description: 'Simulated command' });
    expect(called.stop).toBe('tool-calls');
    const result = {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'hello world\n' },
        { type: 'text', text: reminder },
      ],
    };
    const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'echo hello world' } }] };
    const after = ask('anthropic-messages', [first, use, result], { tools: [bash] });
    expect(after.stop).toBe('stop');
    expect(answerText(after)).toContain('"hello world"');
  });

  it.each([
    ['exec_command', { cmd: { type: 'string' }, workdir: { type: 'string' } }, { cmd: 'ls -l' }],
    ['shell', { command: { type: 'array', items: { type: 'string' } } }, { command: ['bash', '-lc', 'ls -l'] }],
    ['run_shell_command', { command: { type: 'string' } }, { command: 'ls -l' }],
  ])('runs commands by the tool %s too, in its own form', (name, properties, expected) => {
    const tool = { name, input_schema: { type: 'object', properties, required: Object.keys(expected) } };
    const called = ask('anthropic-messages', [{ role: 'user', content: '[sim bash=ls -l]' }], { tools: [tool] });
    const call = called.parts.find((part) => part.type === 'tool-call');
    expect([call!.name, JSON.parse(call!.pieces.join(''))]).toEqual([name, expected]);
  });

  it('makes no calls without tools, and only one where parallel calls are off', () => {
    expect(ask('anthropic-messages', [first]).stop).toBe('stop');
    const asked = [{ role: 'user', content: 'x [sim tools=3]' }];
    const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
    const calls = (more: Record<string, Json>): number =>
      ask('openai-chat', asked, { tools: [tool], ...more }).parts.filter((part) => part.type === 'tool-call').length;
    expect(calls({})).toBe(3);
    expect(calls({ parallel_tool_calls: false })).toBe(1);
    expect(calls({ tool_choice: 'none' })).toBe(0);
  });

  it('carries a cut preamble on and then makes the call that is still owed', () => {
    const tools = [bash];
    const asked = { role: 'user', content: 'x [sim tools=1]' };
    const text = answerText(ask('anthropic-messages', [asked], { tools }));
    const half = text.slice(0, 20);
    const carried = ask('anthropic-messages', [asked, { role: 'assistant', content: half }, { role: 'user', content: `up to «${half}»` }], {
      tools,
    });
    expect(answerText(carried)).toBe(text);
    expect(carried.stop).toBe('tool-calls');
  });
});
