import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../exchange/event.ts';
import { type AnswerState, createAnswerState } from './answer-state.ts';

type Part = Extract<AnswerEvent, { type: 'part-start' }>['part'];
type Delta = Extract<AnswerEvent, { type: 'part-delta' }>['delta'];

const producer = { dialect: 'anthropic-messages' } as const;
const REASONING: Part = { type: 'reasoning', producer };
const OPAQUE: Part = { type: 'opaque', producer, value: {} };
const call = (id: string): Part => ({ type: 'tool-call', id, name: 'look_up' });
const start = (index: number, part: Part): AnswerEvent => ({ type: 'part-start', index, part });
const delta = (index: number, piece: Delta): AnswerEvent => ({ type: 'part-delta', index, delta: piece });
const text = (index: number, words: string): AnswerEvent => delta(index, { type: 'text', text: words });
const json = (index: number, piece: string): AnswerEvent => delta(index, { type: 'arguments', json: piece });
const end = (index: number): AnswerEvent => ({ type: 'part-end', index });
const FINISH: AnswerEvent = { type: 'finish', reason: 'stop' };

function after(...events: AnswerEvent[]): AnswerState {
  const state = createAnswerState();
  for (const event of events) state.observe([event]);
  return state;
}

describe('words', () => {
  it('count as shown when there are any, and are told in order without reasoning or refusals', () => {
    expect(after(start(0, { type: 'text' }))).toMatchObject({ shown: false, progress: true });
    expect(after(start(0, { type: 'text' }), text(0, ''))).toMatchObject({ shown: false, progress: false });
    const state = after(
      start(0, REASONING),
      text(0, 'Hm.'),
      end(0),
      start(1, { type: 'text' }),
      text(1, 'The '),
      text(1, 'sea'),
      end(1),
      start(2, { type: 'text' }),
      text(2, '.'),
    );
    expect(state).toMatchObject({ shown: true, progress: true });
    expect(state.text()).toBe('The sea.');
    expect(state.parts.map(({ size }) => size)).toEqual([3, 7, 1]);
    expect(after(start(0, { type: 'refusal' }), text(0, 'No.')).text()).toBe('');
  });

  it('that come again and again in the very same pieces are counted', () => {
    const again = (...words: string[]): number => after(start(0, { type: 'text' }), ...words.map((word) => text(0, word))).repeats;
    expect(again('a', 'a', 'a')).toBe(2);
    expect(again('a', 'a', 'b')).toBe(0);
    expect(again('a', '', 'a')).toBe(1);
  });

  it('make content, reasoning alone makes none', () => {
    expect(after().hasContent()).toBe(false);
    expect(after(start(0, REASONING), text(0, 'Hm.')).hasContent()).toBe(false);
    expect(after(start(0, { type: 'text' })).hasContent()).toBe(false);
    expect(after(start(0, { type: 'text' }), text(0, 'a')).hasContent()).toBe(true);
    expect(after(start(0, call('c1'))).hasContent()).toBe(true);
    expect(after(start(0, OPAQUE)).hasContent()).toBe(true);
  });
});

describe('a call', () => {
  it('holds everything back until its arguments are an object', () => {
    const begun = after(start(0, call('c1')), json(0, '{"topic":'));
    expect(begun).toMatchObject({ holding: true, shown: false, progress: true, heldArguments: 9 });
    expect(begun.endsWithToolCall()).toBe(false);
    begun.observe([json(0, '')]);
    expect(begun).toMatchObject({ progress: false, heldArguments: 9 });
    begun.observe([json(0, '"sea"}'), end(0)]);
    expect(begun).toMatchObject({ holding: false, shown: true, brokenCall: false, heldArguments: 0 });
    expect(begun.endsWithToolCall()).toBe(true);
    expect(begun.parts).toMatchObject([{ id: 'c1', name: 'look_up', pieces: ['{"topic":', '"sea"}'] }]);
  });

  it('without arguments is whole; with half of them, or with anything but an object, it is broken', () => {
    expect(after(start(0, call('c1')), end(0))).toMatchObject({ brokenCall: false, shown: true, holding: false });
    expect(after(start(0, call('c1')), json(0, ' \n'), end(0))).toMatchObject({ brokenCall: false, shown: true });
    for (const broken of ['{"topic":', '[1]', 'sea']) {
      const state = after(start(0, call('c1')), json(0, broken), end(0));
      expect(state).toMatchObject({ brokenCall: true, shown: false, holding: true });
      expect(state.endsWithToolCall()).toBe(false);
    }
  });

  it('beside another one holds until both are complete', () => {
    const state = after(start(0, call('c1')), start(1, call('c2')), json(0, '{}'), json(1, '{"a":1}'), end(0));
    expect(state).toMatchObject({ holding: true, heldArguments: 9, brokenCall: false });
    state.observe([end(1)]);
    expect(state).toMatchObject({ holding: false, heldArguments: 0 });
    state.observe([end(1)]);
    expect(state).toMatchObject({ holding: false, progress: false });
  });

  it('with the id of another one is broken', () => {
    expect(after(start(0, call('c1')), end(0), start(1, call('c1')), end(1))).toMatchObject({ brokenCall: true, holding: true });
    expect(after(start(0, call('c1')), end(0), start(1, call('c2')), end(1))).toMatchObject({ brokenCall: false, holding: false });
    // Words have no id to share.
    expect(after(start(0, { type: 'text' }), start(1, call('')), end(1)).brokenCall).toBe(false);
  });

  it('is no end once something follows it', () => {
    expect(after(start(0, call('c1')), end(0), start(1, { type: 'text' }), end(1)).endsWithToolCall()).toBe(false);
    expect(after().endsWithToolCall()).toBe(false);
  });
});

describe('what only its producer understands', () => {
  it('is shown; what shows how a call comes along is no more than the call', () => {
    expect(after(start(0, OPAQUE)).shown).toBe(true);
    expect(after(start(0, { ...REASONING, redacted: 'x' })).shown).toBe(true);
    expect(after(start(0, REASONING)).shown).toBe(false);
    const piece: Delta = { type: 'opaque', producer, value: {} };
    expect(after(start(0, { type: 'text' }), delta(0, piece))).toMatchObject({ shown: true, progress: true });
    expect(after(delta(7, piece)).shown).toBe(true);
    expect(after(start(0, call('c1')), delta(0, piece))).toMatchObject({ shown: false, progress: true });
    const signature: Delta = { type: 'signature', signature: 's' };
    expect(after(start(0, REASONING), delta(0, signature))).toMatchObject({ shown: false, progress: true });
  });
});

describe('an answer', () => {
  it('is whole when it says so and nothing is open', () => {
    expect(after(FINISH)).toMatchObject({ finish: 'stop', progress: true });
    expect(after(FINISH).whole()).toBe(true);
    expect(after(start(0, { type: 'text' }), end(0)).whole()).toBe(false);
    expect(after(start(0, { type: 'text' }), FINISH).whole()).toBe(false);
    expect(after(start(0, { type: 'text' }), end(0), FINISH).whole()).toBe(true);
  });

  it('begins with its start, and adds up what is told of its usage; neither is progress', () => {
    const begin: AnswerEvent = { type: 'start', id: 'm', model: 'x' };
    expect(createAnswerState()).toMatchObject({
      started: false,
      shown: false,
      progress: false,
      holding: false,
      brokenCall: false,
      usage: {},
    });
    const state = after(begin, { type: 'usage', usage: { input: 5 } }, { type: 'usage', usage: { output: 2 } });
    expect(state).toMatchObject({ started: true, progress: false, usage: { input: 5, output: 2 } });
  });

  it('is at its reasoning, told or not, while that is open and the last of it', () => {
    expect(after().thinking()).toBeUndefined();
    expect(after(start(0, REASONING)).thinking()).toBe('hidden');
    expect(after(start(0, REASONING), text(0, 'Hm.')).thinking()).toBe('told');
    expect(after(start(0, REASONING), text(0, 'Hm.'), end(0)).thinking()).toBeUndefined();
    expect(after(start(0, REASONING), start(1, { type: 'text' })).thinking()).toBeUndefined();
  });

  it('may be silent for longer in reasoning, calls and what only its producer understands', () => {
    for (const part of [REASONING, call('c1'), OPAQUE]) {
      expect(after(start(0, { type: 'text' }), start(1, part)).patient()).toBe(true);
      expect(after(start(0, part), end(0)).patient()).toBe(false);
    }
    expect(after(start(0, { type: 'text' })).patient()).toBe(false);
  });

  it('may use an index again: the last part with it is meant', () => {
    const state = after(start(0, { type: 'text' }), end(0), start(0, { type: 'text' }), text(0, 'a'));
    expect(state.parts.map(({ size, open }) => ({ size, open }))).toEqual([
      { size: 0, open: false },
      { size: 1, open: true },
    ]);
  });
});
