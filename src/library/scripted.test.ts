import { APICallError, type LanguageModelV4CallOptions, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { failoverWith } from './create-failover.ts';
import type { AttemptReport, FailoverOptions, SwitchReport } from './options.ts';
import { finished, said, scriptedModel, type ScriptedModel, type Step } from './testing/scripted-model.ts';
import { flaws } from './testing/sequence.ts';

const PROMPT: LanguageModelV4CallOptions['prompt'] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];

interface Played {
  parts: LanguageModelV4StreamPart[];
  error?: unknown;
  attempts: AttemptReport[];
  switches: SwitchReport[];
}

/** Lets virtual time pass until a promise is settled. */
async function inTime<Value>(clock: VirtualClock, waited: PromiseLike<Value>): Promise<Value> {
  let over = false;
  const settled = (async () => {
    try {
      return await waited;
    } finally {
      over = true;
    }
  })();
  settled.catch(() => undefined);
  for (let turn = 0; turn < 20_000 && !over; turn++) {
    await new Promise((done) => {
      setImmediate(done);
    });
    if (turn % 10 === 9) await clock.advance(500);
  }
  if (!over) throw new Error('it hangs');
  return settled;
}

async function play(
  clock: VirtualClock,
  models: ScriptedModel[],
  asked: Partial<LanguageModelV4CallOptions> = {},
  options: Partial<FailoverOptions> = {},
): Promise<Played> {
  const attempts: AttemptReport[] = [];
  const switches: SwitchReport[] = [];
  const model = failoverWith(
    { models, onAttempt: (attempt) => attempts.push(attempt), onSwitch: (change) => switches.push(change), ...options },
    { clock, random: (bytes) => bytes.fill(127) },
  );
  const parts: LanguageModelV4StreamPart[] = [];
  try {
    const { stream } = await inTime(clock, model.doStream({ prompt: PROMPT, ...asked }));
    await inTime(
      clock,
      (async () => {
        for await (const part of stream) parts.push(part);
      })(),
    );
    return { parts, attempts, switches };
  } catch (error) {
    return { parts, error, attempts, switches };
  }
}

function textOf(parts: readonly LanguageModelV4StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
}

function finishOf(parts: readonly LanguageModelV4StreamPart[]): Extract<LanguageModelV4StreamPart, { type: 'finish' }> {
  const last = parts.at(-1);
  if (last?.type !== 'finish') throw new Error(`no finish but ${String(last?.type)}`);
  return last;
}

/** The assistant's words so far, where a prompt asks to carry them on. */
function soFar({ prompt }: LanguageModelV4CallOptions): string | undefined {
  const [before, last] = prompt.slice(-2);
  if (before?.role !== 'assistant' || last?.role !== 'user') return undefined;
  return before.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Carries a text on as it is asked to, by repeating its last words; or begins it again. */
function continuing(text: string, how: 'anchor' | 'restart'): (options: LanguageModelV4CallOptions) => Step[] {
  return (options) => {
    const partial = soFar(options);
    const from = partial === undefined || how === 'restart' ? 0 : Math.max(0, partial.length - 60);
    return said(text.slice(from).match(/[\s\S]{1,7}/gu) ?? []);
  };
}

const CUTS: Readonly<Record<string, Step[]>> = {
  'error part': [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, finished('interrupted')],
  'error of the stream': [{ cut: new TypeError('terminated') }],
  'silent end': ['close'],
  interrupted: [finished('interrupted')],
  stall: ['hang'],
};

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

describe('what ends an exchange', () => {
  const failing = (clock: VirtualClock, name: string, error: () => unknown): ScriptedModel =>
    scriptedModel(name, clock, () => {
      throw error();
    });
  const status = (statusCode: number, responseHeaders: Record<string, string> = {}) =>
    new APICallError({ message: `status ${statusCode}`, url: '', requestBodyValues: {}, statusCode, responseHeaders });

  test('nobody could answer: one error, not to be tried again at once', async () => {
    const clock = virtualClock();
    const models = [
      failing(clock, 'lead.chat', () => status(529)),
      failing(clock, 'backup.chat', () => status(429, { 'retry-after': '40' })),
    ];
    const { error, parts } = await play(clock, models);
    expect(parts).toEqual([]);
    if (!APICallError.isInstance(error)) throw error;
    expect(error).toMatchObject({ isRetryable: false, statusCode: 503, responseHeaders: { 'retry-after': '40' } });
    expect(error.message).toMatch(/None of 2 targets/);
  });

  test.each([
    ['a key that is refused', () => status(401), 'auth', 1],
    ['a model that is not there', () => Object.assign(new Error('no such model'), { name: 'AI_NoSuchModelError' }), 'model-not-found', 1],
    [
      'a request that one model can’t take',
      () => Object.assign(new Error('no files'), { name: 'AI_UnsupportedFunctionalityError' }),
      'bad-request',
      1,
    ],
    ['an internal error', () => status(500), 'provider-fault', 2],
    [
      'a connection that is refused',
      () => new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
      'provider-fault',
      1,
    ],
  ] as const)('%s is told for what it is, and the next is asked', async (_, error, kind, times) => {
    const clock = virtualClock();
    const lead = failing(clock, 'lead.chat', error);
    const { parts, attempts } = await play(clock, [lead, scriptedModel('backup.chat', clock, () => said(['Here.']))]);
    expect(textOf(parts)).toBe('Here.');
    expect(attempts[0]!.fault?.class).toBe(kind);
    expect(lead.calls).toHaveLength(times);
  });

  test('a signal stops the model that is asked, and its reason is what is heard', async () => {
    const clock = virtualClock();
    for (const steps of [['hang'], [...said(['One ', 'two ']).slice(0, 5), 'hang']] as Step[][]) {
      const lead = scriptedModel('lead.chat', clock, () => steps);
      const controller = new AbortController();
      clock.after(700, () => controller.abort(new Error('enough')));
      const { error } = await play(clock, [lead], { abortSignal: controller.signal });
      expect(error).toMatchObject({ message: 'enough' });
      expect([lead.cancelled, lead.calls.length, lead.calls[0]!.abortSignal?.aborted]).toEqual([1, 1, true]);
    }
  });

  test('a reader that leaves stops the model', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => [...said(['One ', 'two ']).slice(0, 5), 'hang']);
    const model = failoverWith({ models: [lead] }, { clock, random: (bytes) => bytes.fill(127) });
    const { stream } = await inTime(clock, model.doStream({ prompt: PROMPT }));
    const reader = stream.getReader();
    await inTime(clock, reader.read());
    await inTime(clock, reader.cancel());
    expect([lead.cancelled, lead.calls[0]!.abortSignal?.aborted]).toEqual([1, true]);
    await inTime(clock, model.close());
  });

  test('close gives up what is being answered', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => ['hang']);
    const model = failoverWith({ models: [lead] }, { clock, random: (bytes) => bytes.fill(127) });
    const asked = Promise.resolve(model.doStream({ prompt: PROMPT })).catch((error: unknown) => String(error));
    await clock.advance(10);
    await inTime(clock, model.close());
    expect(await asked).toContain('closed');
    expect(lead.cancelled).toBe(1);
  });

  test('a slow reader gets every word', async () => {
    const clock = virtualClock();
    const pieces = Array.from({ length: 5000 }, (_, at) => `w${at} `);
    const model = failoverWith(
      { models: [scriptedModel('lead.chat', clock, () => said(pieces))] },
      { clock, random: (bytes) => bytes.fill(127) },
    );
    const { stream } = await inTime(clock, model.doStream({ prompt: PROMPT }));
    // The model is done long before anybody reads.
    for (let turn = 0; turn < 12_000; turn++) await Promise.resolve();
    const parts: LanguageModelV4StreamPart[] = [];
    await inTime(
      clock,
      (async () => {
        for await (const part of stream) parts.push(part);
      })(),
    );
    expect(textOf(parts)).toBe(pieces.join(''));
    expect(flaws(parts)).toEqual([]);
  });
});

describe('what a call says besides', () => {
  test('reaches the model unharmed: bytes, addresses, options, schemas', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('lead.chat', clock, () => said(['Seen.']));
    const asked: Partial<LanguageModelV4CallOptions> = {
      prompt: [
        { role: 'system', content: 'Be brief.', providerOptions: { lead: { cacheControl: { type: 'ephemeral' } } } },
        {
          role: 'user',
          content: [
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
            {
              type: 'file',
              mediaType: 'application/pdf',
              data: { type: 'url', url: new URL('https://example.test/a.pdf') },
              filename: 'a.pdf',
            },
          ],
        },
      ],
      temperature: 0.5,
      stopSequences: ['END'],
      maxOutputTokens: 100,
      reasoning: 'low',
      providerOptions: { lead: { user: 'u' }, other: { x: 1 } },
      tools: [{ type: 'function', name: 'f', inputSchema: { type: 'object' }, strict: true, providerOptions: { lead: { defer: true } } }],
      toolChoice: { type: 'tool', toolName: 'f' },
      headers: { 'x-mine': '1', authorization: 'Bearer secret', 'anthropic-beta': 'b' },
    };
    const { parts } = await play(clock, [lead], asked);
    const { abortSignal, headers, prompt, ...rest } = lead.calls[0]!;
    const { headers: _, prompt: given, ...wanted } = asked;
    expect(abortSignal).toBeInstanceOf(AbortSignal);
    expect(rest).toEqual(wanted);
    expect(headers).toEqual({ 'x-mine': '1' });
    expect(prompt[0]).toEqual(given![0]);
    expect(prompt[1]!.content).toEqual([
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AQID' } },
      { type: 'file', mediaType: 'application/pdf', data: { type: 'url', url: new URL('https://example.test/a.pdf') }, filename: 'a.pdf' },
    ]);
    expect(parts[0]).toMatchObject({ warnings: [{ type: 'other', message: expect.stringContaining('headers.authorization') }] });
  });

  test('provider tools, what they gave and who noted what go to their own provider alone', async () => {
    const clock = virtualClock();
    const lead = scriptedModel('alpha.chat', clock, (_, turn) => {
      if (turn > 1) throw new APICallError({ message: 'down', url: '', requestBodyValues: {}, statusCode: 503 });
      return [
        { type: 'stream-start', warnings: [] },
        { type: 'tool-call', toolCallId: 's', toolName: 'search', input: '{"q":"x"}', providerExecuted: true },
        { type: 'tool-result', toolCallId: 's', toolName: 'search', result: { hits: 3 } },
        { type: 'source', sourceType: 'url', id: 'u', url: 'https://example.test' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1]) } },
        ...said(['Found.']).slice(2),
      ];
    });
    const backup = scriptedModel('beta.chat', clock, () => said(['Also.']));
    const tools: LanguageModelV4CallOptions['tools'] = [{ type: 'provider', id: 'alpha.search', name: 'search', args: { max: 1 } }];
    const first = await play(clock, [lead, backup], { tools });
    expect(flaws(first.parts)).toEqual([]);
    const kinds = first.parts.map(({ type }) => type);
    expect(kinds).toEqual(expect.arrayContaining(['tool-call', 'tool-result', 'source', 'file', 'text-delta']));
    const [call, result] = first.parts.flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.providerMetadata!] : [],
    );
    const prompt: LanguageModelV4CallOptions['prompt'] = [
      ...PROMPT,
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 's', toolName: 'search', input: { q: 'x' }, providerExecuted: true, providerOptions: call! },
          {
            type: 'tool-result',
            toolCallId: 's',
            toolName: 'search',
            output: { type: 'json', value: { hits: 3 } },
            providerOptions: result!,
          },
          { type: 'text', text: 'Found.' },
        ],
      },
      ...PROMPT,
    ];
    const second = await play(clock, [lead, backup], { tools, prompt });
    expect(textOf(second.parts)).toBe('Also.');
    expect(lead.calls[0]!.tools).toEqual(tools);
    expect(JSON.stringify(lead.calls.at(-1)!.prompt)).toContain('hits');
    expect(backup.calls[0]!.tools).toBeUndefined();
    expect(backup.calls[0]!.prompt[1]!.content).toEqual([{ type: 'text', text: 'Found.' }]);
  });

  test('tells who answered, and how often it changed hands', async () => {
    const clock = virtualClock();
    const text = 'One two three four five six seven eight nine ten eleven twelve thirteen.';
    const lead = scriptedModel('lead.chat', clock, () => [...said([text.slice(0, 50)]).slice(0, 4), ...CUTS['error part']!], 'big');
    const backup = scriptedModel('backup.chat', clock, continuing(text, 'anchor'), 'small');
    const { parts, switches } = await play(clock, [lead, backup]);
    expect(textOf(parts)).toBe(text);
    const told = finishOf(parts).providerMetadata!.understudy;
    expect(told).toMatchObject({ exchange: expect.stringMatching(/^x_/), switches: 1, seams: 1 });
    expect((told!.targets as string[]).at(-1)).toBe('backup.chat/small');
    expect(switches).toMatchObject([
      { from: 'lead.chat/big', to: 'backup.chat/small', withinAnswer: true, fault: { class: 'provider-fault' } },
    ]);
  });
});

test('what is no model of specification v4 is refused at once, in words that say so', () => {
  const clock = virtualClock();
  const old = { ...scriptedModel('x', clock, () => []), specificationVersion: 'v3' };
  expect(() => failoverWith({ models: [old as never] }, { clock, random: (bytes) => bytes })).toThrow(
    'models[0] is a model of specification v3',
  );
  expect(() => failoverWith({ models: [] }, { clock, random: (bytes) => bytes })).toThrow('at least one model');
});
