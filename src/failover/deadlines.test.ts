/** A slow but living answer of minutes is not killed; a dead one is noticed in seconds: with nothing learned yet, and with what was learned. */
import { describe, expect, it } from 'vitest';
import {
  block,
  chunk,
  delta,
  DONE,
  END,
  finish,
  messages,
  OPEN,
  pause,
  type Played,
  play,
  ROLE,
  said,
  START,
  stop,
  write,
} from '../../test/matrix/scripted.ts';
import type { JsonObject } from '../exchange/json.ts';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Health, Shape, Timings } from '../health/health.ts';
import type { Scene, Step } from '../sim/scene.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const PING = messages({ type: 'ping' });
/** Anthropic's thinking that is not displayed: a block without a word, and its proof at the end. */
const THINKING = block(0, { type: 'thinking', thinking: '', signature: '' });
const PROVED = delta(0, { type: 'signature_delta', signature: 'c2lnbmVk' });

function pings(ms: number): Step[] {
  return Array.from({ length: Math.floor(ms / (15 * SECOND)) }, () => [pause(15 * SECOND), ...PING]).flat();
}

function answered(index: number): Step[] {
  return [
    ...messages(block(index, { type: 'text', text: '' }), delta(index, { type: 'text_delta', text: 'Forty-two.' }), stop(index)),
    ...messages(...finish('end_turn')),
    END,
  ];
}

function begun(...steps: Step[]): Scene {
  return [OPEN, ...messages(START), ...steps];
}

/** An event of `POST /v1/responses`. */
function response(...events: JsonObject[]): Step[] {
  return events.map((event) => write(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`));
}

const CREATED: JsonObject = {
  type: 'response.created',
  sequence_number: 0,
  response: { id: 'resp_1', object: 'response', status: 'in_progress', output: [] },
};
const REASONING: JsonObject = { id: 'rs_1', type: 'reasoning', summary: [] };
const MESSAGE: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Forty-two.', annotations: [] }],
};

/** OpenAI's hidden reasoning: an item, and nothing until it is done. */
function reasonedFor(...silence: Step[]): Scene {
  const place = { item_id: 'msg_1', output_index: 1, content_index: 0 };
  const empty = { ...MESSAGE, status: 'in_progress', content: [] };
  const part = { type: 'output_text', text: '', annotations: [] };
  return [
    OPEN,
    ...response(CREATED, { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: REASONING }),
    ...silence,
    ...response(
      { type: 'response.output_item.done', sequence_number: 2, output_index: 0, item: REASONING },
      { type: 'response.output_item.added', sequence_number: 3, output_index: 1, item: empty },
      { type: 'response.content_part.added', sequence_number: 4, ...place, part },
      { type: 'response.output_text.delta', sequence_number: 5, ...place, delta: 'Forty-two.', logprobs: [] },
      { type: 'response.output_text.done', sequence_number: 6, ...place, text: 'Forty-two.', logprobs: [] },
      { type: 'response.content_part.done', sequence_number: 7, ...place, part: { ...part, text: 'Forty-two.' } },
      { type: 'response.output_item.done', sequence_number: 8, output_index: 1, item: MESSAGE },
      {
        type: 'response.completed',
        sequence_number: 9,
        response: { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [REASONING, MESSAGE], usage: null },
      },
    ),
    END,
  ];
}

const THINKS: Shape = { size: 400, stream: true, reasoning: true };
/** A target that has always been quick. */
const QUICK: Timings = { headersAfter: 300, firstEventAfter: 900, longestGap: 150, took: 4000 };

/** `learned`: the lead has answered forty such questions quickly. */
function ask(
  lead: Scene,
  learned: boolean,
  how: { shape?: Shape; client?: 'anthropic-messages' | 'openai-responses' | 'openai-chat'; body?: JsonObject } = {},
): Promise<Played> {
  const clock: VirtualClock = virtualClock();
  const health: Health = createHealth({ clock, random: () => 0.5 });
  const { shape = THINKS, client = 'anthropic-messages', body = { thinking: { type: 'adaptive' } } } = how;
  const target = { provider: 'lead', model: 'm-lead', credential: 'key', dialect: client, vendor: 'lead' };
  if (learned) for (let time = 0; time < 40; time++) health.succeeded(target, shape, QUICK);
  return play({
    client,
    targets: [
      { name: 'lead', dialect: client, answer: () => lead },
      { name: 'backup', dialect: 'anthropic-messages', answer: () => said('Backup.', true) },
    ],
    body,
    clock,
    health,
  });
}

/** Seconds until the lead was given up. */
function noticedAfter({ entries }: Played): number {
  const end = entries.find((entry) => entry.type === 'attempt-end');
  if (end?.type !== 'attempt-end' || end.outcome.type !== 'failed') throw new Error('the lead was not given up');
  return end.took / SECOND;
}

describe.each([
  ['with nothing learned yet', false],
  ['with what was learned from quick answers', true],
])('%s', (_name, learned) => {
  it.each([
    [
      'four minutes of hidden thinking under pings',
      begun(...messages(THINKING), ...pings(4 * MINUTE), ...messages(PROVED, stop(0)), ...answered(1)),
    ],
    ['four minutes of pings before anything', begun(...pings(4 * MINUTE), ...answered(0))],
    [
      'thoughts told piece by piece, minutes apart, under pings',
      begun(
        ...messages(block(0, { type: 'thinking', thinking: '', signature: '' }), delta(0, { type: 'thinking_delta', thinking: 'Hm.' })),
        ...pings(2 * MINUTE),
        ...messages(delta(0, { type: 'thinking_delta', thinking: 'Hm, hm.' })),
        ...pings(3 * MINUTE),
        ...messages(PROVED, stop(0)),
        ...answered(1),
      ),
    ],
    [
      'a quarter of an hour of thoughts and words, ten seconds apart',
      begun(
        ...messages(block(0, { type: 'thinking', thinking: '', signature: '' })),
        ...Array.from({ length: 90 }, (_, index) => [
          pause(9 * SECOND),
          ...messages(delta(0, { type: 'thinking_delta', thinking: `Thought ${index}. ` })),
        ]).flat(),
        ...messages(PROVED, stop(0)),
        ...answered(1),
      ),
    ],
  ])('lets %s come to its end', async (_what, scene) => {
    const played = await ask(scene, learned);
    expect(played.kinds).toEqual(['first lead']);
    expect(played.outcome).toMatchObject({ type: 'complete' });
    expect(played.reading.text).toBe('Forty-two.');
  });

  it.each([
    ['says nothing at all after its headers', [OPEN, pause(60 * MINUTE)], [60, 30]],
    ['opens its thinking and falls silent', begun(...messages(THINKING), pause(60 * MINUTE)), [60, 30]],
    // Pings that have stopped prove nothing after 30 s.
    ['pings for two minutes and falls silent', begun(...messages(THINKING), ...pings(2 * MINUTE), pause(60 * MINUTE)), [150, 150]],
    // Pings for ever prove life, not progress.
    ['pings for ever', begun(...messages(THINKING), ...pings(60 * MINUTE)), [300, 300]],
    [
      'falls silent in the midst of its words',
      begun(...messages(block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Forty' })), pause(60 * MINUTE)),
      [45, 10],
    ],
  ] satisfies [string, Scene, [number, number]][])('notices that it %s', async (_what, scene, [cold, known]) => {
    expect(noticedAfter(await ask(scene, learned))).toBeCloseTo(learned ? known : cold, 0);
  });

  it('notices sooner where nothing was to be thought', async () => {
    const shape = { ...THINKS, reasoning: false };
    const silent = await ask([OPEN, pause(60 * MINUTE)], learned, { shape, body: {} });
    expect(noticedAfter(silent)).toBeCloseTo(learned ? 8 : 20, 0);
    const cut = begun(
      ...messages(block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Forty' })),
      pause(60 * MINUTE),
    );
    expect(noticedAfter(await ask(cut, learned, { shape, body: {} }))).toBeCloseTo(learned ? 10 : 20, 0);
  });
});

describe('thinking of which no sign comes', () => {
  const how = (effort: string) =>
    ({
      client: 'openai-responses',
      body: { messages: undefined as never, max_tokens: undefined as never, input: 'Why?', reasoning: { effort } },
    }) as const;

  it.each([
    ['medium', 55],
    ['high', 170],
  ])('at %s effort is waited for %i s and more', async (effort, silence) => {
    const played = await ask(reasonedFor(pause(silence * SECOND)), false, how(effort));
    expect(played.kinds).toEqual(['first lead']);
    expect(played.reading.text).toBe('Forty-two.');
  });

  it.each([
    ['medium', 60],
    ['high', 180],
  ])('at %s effort is given up after %i s', async (effort, limit) => {
    expect(noticedAfter(await ask(reasonedFor(pause(60 * MINUTE)), false, how(effort)))).toBeCloseTo(limit, 0);
  });

  it('is waited for longer where it has taken long before', async () => {
    const clock = virtualClock();
    const health = createHealth({ clock, random: () => 0.5 });
    const target = { provider: 'lead', model: 'm-lead', credential: 'key', dialect: 'openai-chat', vendor: 'lead' } as const;
    const slow: Timings = { headersAfter: 300, firstEventAfter: 70 * SECOND, longestGap: 200, took: 90 * SECOND };
    for (let time = 0; time < 40; time++) health.succeeded(target, { ...THINKS, effort: 'high' }, slow);
    const scene: Scene = [OPEN, ROLE, pause(200 * SECOND), chunk({ content: 'Forty-two.' }), chunk({}, 'stop'), DONE, END];
    const played = await play({
      client: 'openai-chat',
      targets: [
        { name: 'lead', dialect: 'openai-chat', answer: () => scene },
        { name: 'backup', dialect: 'openai-chat', answer: () => said('Backup.', true) },
      ],
      body: { reasoning_effort: 'high' },
      clock,
      health,
    });
    expect(played.kinds).toEqual(['first lead']);
    expect(played.reading.text).toBe('Forty-two.');
  });

  it('is no gap between words, and does not make later silences look usual', async () => {
    const clock = virtualClock();
    const health = createHealth({ clock, random: () => 0.5 });
    const scene = begun(...messages(THINKING), ...pings(2 * MINUTE), ...messages(PROVED, stop(0)), ...answered(1));
    for (let time = 0; time < 20; time++) {
      await play({
        client: 'anthropic-messages',
        targets: [{ name: 'lead', dialect: 'anthropic-messages', answer: () => scene }],
        body: { thinking: { type: 'adaptive' } },
        clock,
        health,
      });
    }
    const limits = health.limits(
      { provider: 'lead', model: 'm-lead', credential: 'key', dialect: 'anthropic-messages', vendor: 'lead' },
      THINKS,
    );
    expect(limits.idle).toBe(10 * SECOND);
    expect(limits.firstEvent).toBe(300 * SECOND);
  });
});
