import { APICallError, type LanguageModelV4CallOptions, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { failoverWith } from './create-failover.ts';
import { continuing, CUTS, finishOf, inTime, play, PROMPT, textOf } from './testing/play.ts';
import { said, scriptedModel, type ScriptedModel, type Step } from './testing/scripted-model.ts';
import { flaws } from './testing/sequence.ts';

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
