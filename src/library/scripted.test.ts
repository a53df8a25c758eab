import { APICallError, type LanguageModelV4CallOptions, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { continuing, CUTS, finishOf, play, PROMPT, textOf } from './testing/play.ts';
import { finished, said, scriptedModel, type Step } from './testing/scripted-model.ts';
import { flaws } from './testing/sequence.ts';

const words = fc.constantFrom('harbour', 'quiet', '船', 'naïve', 'carries', 'the', 'plain', '🙂', 'from', 'memory', 'to', 'shore');
const sentence = fc.array(words, { minLength: 12, maxLength: 60 }).map((list) => list.map((word, at) => `${word}${at}`).join(' '));

describe('an answer that is cut anywhere', () => {
  test('is finished by the next model, word for word, in a sound sequence', async () => {
    await fc.assert(
      fc.asyncProperty(
        sentence,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(80),
        fc.constantFrom(...Object.keys(CUTS)),
        fc.constantFrom('anchor' as const, 'restart' as const),
        async (text, size, place, cut, how) => {
          const clock = virtualClock();
          const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? [];
          const whole = said(pieces);
          const at = Math.min(place, whole.length - 1);
          const lead = scriptedModel('lead.chat', clock, () => [...whole.slice(0, at), ...CUTS[cut]!]);
          const backup = scriptedModel('backup.chat', clock, continuing(text, how));
          const { parts, error } = await play(clock, [lead, backup]);
          expect(error).toBeUndefined();
          expect(flaws(parts)).toEqual([]);
          expect(textOf(parts)).toBe(text);
          expect(finishOf(parts).finishReason.unified).toBe('stop');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('ends with an error where nobody carries it on, and never as if it were whole', async () => {
    const clock = virtualClock();
    const cut = (): Step[] => [...said(['One two three. ', 'Four five six. ']).slice(0, 5), ...CUTS['error part']!];
    const { parts, error } = await play(clock, [
      scriptedModel('lead.chat', clock, cut),
      scriptedModel('backup.chat', clock, () => said(['Nothing of the kind.'])),
    ]);
    expect(error).toBeUndefined();
    expect(flaws(parts)).toEqual([]);
    expect(finishOf(parts).finishReason.unified).toBe('error');
    const told = parts.find((part) => part.type === 'error');
    expect(APICallError.isInstance(told?.error) && told.error.isRetryable).toBe(false);
  });
});

describe('tool calls', () => {
  const input = (id: string, json: string[], name = 'look_up'): LanguageModelV4StreamPart[] => [
    { type: 'tool-input-start', id, toolName: name },
    ...json.map((delta) => ({ type: 'tool-input-delta' as const, id, delta })),
    { type: 'tool-input-end', id },
    { type: 'tool-call', toolCallId: id, toolName: name, input: json.join('') },
  ];
  const start: LanguageModelV4StreamPart = { type: 'stream-start', warnings: [] };
  const calls = (parts: readonly LanguageModelV4StreamPart[]) => parts.filter((part) => part.type === 'tool-call');

  test('come whole or not at all: one that dies inside is asked for anew', async () => {
    const clock = virtualClock();
    const whole = [start, ...input('a', ['{"topic":', '"sea"}']), finished('tool-calls')];
    for (let at = 1; at < whole.length; at++) {
      for (const cut of Object.values(CUTS)) {
        const lead = scriptedModel('lead.chat', clock, () => [...whole.slice(0, at), ...cut]);
        const backup = scriptedModel('backup.chat', clock, () => [start, ...input('b', ['{"topic":"sea"}']), finished('tool-calls')]);
        const { parts } = await play(clock, [lead, backup]);
        expect(flaws(parts)).toEqual([]);
        expect(calls(parts)).toMatchObject([{ toolName: 'look_up', input: '{"topic":"sea"}' }]);
        expect(parts.filter((part) => part.type === 'tool-input-start')).toHaveLength(1);
        expect(finishOf(parts).finishReason.unified).toBe('tool-calls');
      }
    }
  });

  test('of which some are complete when the model dies end the answer with those', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => [
      start,
      ...input('a', ['{}']),
      ...input('b', ['{"x":']).slice(0, 2),
      ...CUTS['error part']!,
    ]);
    const backup = scriptedModel('backup.chat', clock, () => said(['not asked']));
    const { parts } = await play(clock, [lead, backup]);
    expect(flaws(parts)).toEqual([]);
    expect(calls(parts)).toMatchObject([{ toolCallId: 'a' }]);
    expect(finishOf(parts).finishReason.unified).toBe('tool-calls');
    expect(backup.calls).toHaveLength(0);
  });

  test('whose input is text and no JSON keep it', async () => {
    const clock = virtualClock();
    const patch = '*** Begin\n+ «x»\n';
    const lead = scriptedModel('lead.chat', clock, () => [
      start,
      { type: 'tool-input-start', id: 'a', toolName: 'apply_patch', inputEncoding: 'text' },
      { type: 'tool-input-delta', id: 'a', delta: patch },
      { type: 'tool-input-end', id: 'a' },
      { type: 'tool-call', toolCallId: 'a', toolName: 'apply_patch', input: JSON.stringify(patch) },
      finished('tool-calls'),
    ]);
    const { parts } = await play(clock, [lead]);
    expect(calls(parts)).toMatchObject([{ input: JSON.stringify(patch) }]);
    expect(parts.find((part) => part.type === 'tool-input-delta')?.delta).toBe(patch);
    expect(flaws(parts)).toEqual([]);
  });

  test('that are told whole, without pieces, and with what their maker notes', async () => {
    const clock = virtualClock();
    const providerMetadata = { google: { thoughtSignature: 'sig' } };
    const lead = scriptedModel('google.generative-ai', clock, () => [
      start,
      { type: 'tool-call', toolCallId: 'a', toolName: 'look_up', input: '{"topic":"sea"}', providerMetadata },
      finished('tool-calls'),
    ]);
    const { parts } = await play(clock, [lead]);
    expect(flaws(parts)).toEqual([]);
    expect(calls(parts)[0]?.providerMetadata).toMatchObject(providerMetadata);
  });
});

describe('a call that has no end', () => {
  const begun: LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'tool-input-start', id: 'a', toolName: 'look_up' },
    { type: 'tool-input-delta', id: 'a', delta: '{"topic":' },
  ];

  test('is not run where the model had no more room', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => [...begun, finished('length')]);
    const { parts } = await play(clock, [lead]);
    expect(flaws(parts)).toEqual([]);
    expect(parts.filter(({ type }) => type === 'tool-call')).toEqual([]);
    expect(finishOf(parts).finishReason.unified).toBe('length');
  });

  test('is no call, whatever the model says at its end, even where the pieces would do', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => [
      ...begun,
      { type: 'tool-input-delta', id: 'a', delta: '1}' },
      finished('tool-calls'),
    ]);
    const { parts, attempts } = await play(clock, [lead, scriptedModel('backup.chat', clock, () => said(['Here.']))]);
    expect(textOf(parts)).toBe('Here.');
    expect(attempts[0]!.fault?.symptom).toBe('truncated');
  });
});

test('what a maker notes in words and calls is for itself; what the caller says there is for all', async () => {
  const clock = virtualClock();
  const noted = { alpha: { itemId: 'msg_1' } };
  const lead = scriptedModel('alpha.chat', clock, (_, turn) => {
    if (turn > 1) throw new APICallError({ message: 'down', url: '', requestBodyValues: {}, statusCode: 503 });
    const [start, metadata, , ...rest] = said(['Yes.']);
    return [start!, metadata!, { type: 'text-start', id: '0', providerMetadata: noted }, ...rest];
  });
  const backup = scriptedModel('beta.chat', clock, () => said(['Also.']));
  const first = await play(clock, [lead, backup]);
  const marked = first.parts.find((part) => part.type === 'text-start')!.providerMetadata!;
  const text = { type: 'text' as const, text: 'Yes.', providerOptions: { ...marked, beta: { cache: true } } };
  await play(clock, [lead, backup], { prompt: [...PROMPT, { role: 'assistant', content: [text] }, ...PROMPT] });
  expect(lead.calls[1]!.prompt[1]!.content).toEqual([{ ...text, providerOptions: { ...noted, beta: { cache: true } } }]);
  expect(backup.calls[0]!.prompt[1]!.content).toEqual([{ ...text, providerOptions: { beta: { cache: true } } }]);
});

describe('reasoning', () => {
  const thought: LanguageModelV4StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'Let me think. ' },
    { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: { lead: { signature: 'lead’s' } } },
  ];

  test('of an answer that dies is closed, and the answer begins anew elsewhere without a seam in its text', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => [...thought, ...CUTS['error part']!]);
    const backup = scriptedModel('backup.chat', clock, () => said(['The answer.'], '0'));
    const { parts } = await play(clock, [lead, backup]);
    expect(flaws(parts)).toEqual([]);
    expect(textOf(parts)).toBe('The answer.');
    expect(JSON.stringify(backup.calls)).not.toContain('Let me think');
  });

  test('goes back to its maker as it came, and to nobody else', async () => {
    const clock = virtualClock();
    const whole = [...thought, { type: 'reasoning-end' as const, id: '0' }, ...said(['So it is.'], '1').slice(2)];
    const { parts } = await play(clock, [scriptedModel('lead.chat', clock, () => whole)]);
    const noted = parts.findLast((part) => part.type === 'reasoning-delta')!.providerMetadata!;
    const history: LanguageModelV4CallOptions['prompt'] = [
      ...PROMPT,
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Let me think. ', providerOptions: noted },
          { type: 'text', text: 'So it is.' },
        ],
      },
      ...PROMPT,
    ];
    const lead = scriptedModel('lead.chat', clock, () => {
      throw new APICallError({ message: 'Overloaded', url: '', requestBodyValues: {}, statusCode: 529 });
    });
    const backup = scriptedModel('backup.chat', clock, () => said(['Yes.']));
    const again = await play(clock, [lead, backup], { prompt: history });
    expect(lead.calls[0]!.prompt[1]!.content).toEqual([
      { type: 'reasoning', text: 'Let me think. ', providerOptions: { lead: { signature: 'lead’s' } } },
      { type: 'text', text: 'So it is.' },
    ]);
    expect(JSON.stringify(backup.calls)).not.toMatch(/Let me think|signature|understudy/);
    expect(again.parts[0]).toMatchObject({
      type: 'stream-start',
      warnings: [{ type: 'other', message: expect.stringContaining('its maker') }],
    });
  });
});
