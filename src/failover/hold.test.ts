import { describe, expect, it } from 'vitest';
import type { Frame } from '../dialects/dialect.ts';
import type { AnswerEvent, FinishReason, PartHead } from '../exchange/event.ts';
import { createAnswerState } from './answer-state.ts';
import type { Question } from './engine.ts';
import { type AnswerFrame, createHold, holdingFor, type Holding } from './hold.ts';

const CALLS: Holding = { calls: true, words: false };
const WORDS: Holding = { calls: true, words: true };
const NOTHING: Holding = { calls: false, words: false };
/** What is held at most. */
const LARGEST = 8 * 1024 * 1024;

const HEADS: Record<'text' | 'reasoning' | 'call', (index: number) => PartHead> = {
  text: () => ({ type: 'text' }),
  reasoning: () => ({ type: 'reasoning', producer: { dialect: 'anthropic-messages' } }),
  call: (index) => ({ type: 'tool-call', id: `call_${index}`, name: 'look' }),
};
const BEGUN: AnswerEvent = { type: 'start', id: 'x', model: 'm' };
const start = (index: number, type: keyof typeof HEADS): AnswerEvent => ({ type: 'part-start', index, part: HEADS[type](index) });
const say = (index: number, text: string): AnswerEvent => ({ type: 'part-delta', index, delta: { type: 'text', text } });
const write = (index: number, json: string): AnswerEvent => ({ type: 'part-delta', index, delta: { type: 'arguments', json } });
const end = (index: number): AnswerEvent => ({ type: 'part-end', index });
const finish = (reason: FinishReason): AnswerEvent => ({ type: 'finish', reason });
/** The dialect's terminator. */
const LAST: Frame = { type: 'end', raw: Buffer.alloc(0), clean: true, events: [] };

function inOneFrame(event: AnswerEvent, bytes = 1): Frame {
  return { type: 'events', raw: Buffer.alloc(bytes), clean: true, events: [event] };
}

/** Events that one piece of the dialect's stream says at once. */
function together(...events: AnswerEvent[]): Frame {
  return { type: 'events', raw: Buffer.alloc(1), clean: true, events };
}

function short(frame: AnswerFrame): string {
  if (frame.type === 'end') return 'end';
  return frame.events
    .map((event) => {
      if (event.type === 'part-start') return `+${event.part.type}`;
      if (event.type === 'part-delta') return event.delta.type === 'text' ? event.delta.text : 'arguments';
      return event.type === 'part-end' ? `-${event.index}` : event.type;
    })
    .join(' ');
}

/** A hold, and what it lets go of what comes next, in brief: `+text a b -0`. */
function held(holding: Holding, gateOpen = false) {
  const state = createAnswerState();
  const hold = createHold(gateOpen, holding);
  return {
    /** Everything in one piece of the stream, each event in a frame of its own. */
    push(...pieces: (AnswerEvent | Frame)[]): string {
      const frames = pieces.map((piece) =>
        'raw' in piece && piece.raw instanceof Buffer ? (piece as Frame) : inOneFrame(piece as AnswerEvent),
      );
      for (const frame of frames) if (frame.type === 'events') state.observe(frame.events);
      const step = hold.push(frames, state);
      return 'fault' in step ? `${step.fault.class} ${step.fault.symptom}: ${step.fault.message}` : step.release.map(short).join(' ');
    },
    rest: () => hold.rest().map(short).join(' '),
  };
}

describe('the gate', () => {
  it('lets nothing go before the first words, and then everything in order', () => {
    const answer = held(CALLS);
    expect(answer.push(BEGUN)).toBe('');
    expect(answer.push(start(0, 'text'))).toBe('');
    expect(answer.push(say(0, ''))).toBe('');
    expect(answer.push(say(0, 'a'))).toBe('start +text  a');
    expect(answer.push(say(0, 'b'), end(0))).toBe('b -0');
    expect(answer.push(finish('stop'))).toBe('finish');
    expect(answer.rest()).toBe('');
  });

  it('is open where the client has seen something already', () => {
    expect(held(CALLS, true).push(BEGUN)).toBe('start');
  });

  it('opens for an answer without words once its terminator has come: a filter’s', () => {
    const answer = held(CALLS);
    expect(answer.push(BEGUN, finish('content-filter'))).toBe('');
    expect(answer.push(LAST)).toBe('start finish end');
    expect(held(CALLS).push(BEGUN, finish('content-filter'), LAST)).toBe('start finish end');
  });

  it('does not let a finish go before it is known that more than reasoning comes', () => {
    const answer = held(CALLS);
    expect(answer.push(start(0, 'reasoning'), say(0, 'hm'), end(0))).toBe('+reasoning hm -0');
    expect(answer.push(finish('stop'))).toBe('');
    expect(answer.push(LAST)).toBe('finish end');
  });

  it('does not let a finish go within an open part', () => {
    const answer = held(CALLS);
    expect(answer.push(start(0, 'text'), say(0, 'a'))).toBe('+text a');
    expect(answer.push(finish('stop'))).toBe('');
    expect(answer.push(end(0))).toBe('finish -0');
  });

  it('passes errors and malformed frames on to nobody', () => {
    const malformed: Frame = { type: 'malformed', raw: Buffer.alloc(1), reason: 'x' };
    expect(held(CALLS, true).push(BEGUN, malformed)).toBe('start');
  });
});

describe('tool calls', () => {
  it('wait until they are complete, also behind words', () => {
    const answer = held(CALLS);
    expect(answer.push(start(0, 'text'), say(0, 'a'), end(0))).toBe('+text a -0');
    expect(answer.push(start(1, 'call'))).toBe('');
    expect(answer.push(write(1, '{"a":'))).toBe('');
    expect(answer.push(write(1, '1}'))).toBe('');
    expect(answer.push(end(1))).toBe('+tool-call arguments arguments -1');
  });

  it('wait for each other where they overlap', () => {
    const answer = held(CALLS);
    expect(answer.push(start(0, 'call'), write(0, '{}'), start(1, 'call'), end(0))).toBe('');
    expect(answer.push(write(1, '{}'), end(1))).toBe('+tool-call arguments +tool-call -0 arguments -1');
  });

  it('are never seen when their arguments do not parse, whatever the end is called; but an answer that its own limit cuts is whole as sent', () => {
    const cut = [start(0, 'call'), write(0, '{"a":'), end(0)];
    expect(held(CALLS).push(...cut, finish('tool-calls'))).toBe('');
    expect(held(CALLS, true).push(...cut, finish('tool-calls'))).toBe('');
    expect(held(NOTHING, true).push(...cut)).toBe('');
    expect(held(CALLS, true).push(...cut, finish('length'))).toBe('+tool-call arguments -0 finish');
    expect(held(CALLS, true).push(...cut)).toBe('');
  });

  it('an answer that its own limit cuts within its reasoning goes out', () => {
    expect(held(CALLS).push(start(0, 'reasoning'), say(0, 'hm'), end(0), finish('length'))).toBe('+reasoning hm -0 finish');
  });

  it('go out piece by piece for who wants that, from the first piece of arguments on', () => {
    const answer = held(NOTHING);
    expect(answer.push(BEGUN, start(0, 'call'))).toBe('');
    expect(answer.push(write(0, '{"a":'))).toBe('start +tool-call arguments');
    expect(answer.push(write(0, '1}'))).toBe('arguments');
    expect(held(CALLS).push(BEGUN, start(0, 'call'), write(0, '{'))).toBe('');
    // Its finish does not stand behind a call that has not ended.
    expect(answer.push(finish('tool-calls'))).toBe('');
    expect(answer.push(end(0))).toBe('finish -0');
  });

  it('are given up beyond 8 MiB of arguments', () => {
    const answer = held(CALLS);
    expect(answer.push(start(0, 'call'), write(0, 'x'.repeat(LARGEST)))).toBe('');
    expect(answer.push(write(0, 'x'))).toBe('provider-fault too-large: a tool call with more than 8 MiB of arguments');
  });
});

it('a model that says the same piece more than 2000 times in a row has got stuck', () => {
  const answer = held(CALLS);
  const again = (times: number): AnswerEvent[] => Array.from({ length: times }, () => say(0, 'no '));
  expect(answer.push(start(0, 'text'), ...again(2001))).toContain('no');
  expect(answer.push(...again(1))).toBe('provider-fault runaway: the same words more than 2000 times in a row');
});

describe('words that are wanted whole', () => {
  it('wait for the end, over several parts', () => {
    const answer = held(WORDS);
    expect(answer.push(BEGUN, start(0, 'text'), say(0, '{'))).toBe('');
    expect(answer.push(say(0, '"a":'), end(0))).toBe('');
    expect(answer.push(start(1, 'text'), say(1, '1}'), end(1), finish('stop'))).toBe('');
    expect(answer.rest()).toBe('start +text { "a": -0 +text 1} -1 finish');
    expect(answer.rest()).toBe('');
  });

  it('let reasoning go before them, however it is cut', () => {
    const events = [BEGUN, start(0, 'reasoning'), say(0, 'hm'), end(0), start(1, 'text'), say(1, '{}')];
    for (let at = 3; at <= events.length; at++) {
      const answer = held(WORDS);
      const seen = [answer.push(...events.slice(0, at)), answer.push(...events.slice(at))].filter((piece) => piece !== '').join(' ');
      expect([at, seen]).toEqual([at, 'start +reasoning hm -0']);
      expect(answer.push(end(1), finish('stop'))).toBe('');
      expect(answer.rest()).toBe('+text {} -1 finish');
    }
  });

  it('let reasoning go that has only begun', () => {
    const answer = held(WORDS, true);
    expect(answer.push(start(0, 'reasoning'), start(1, 'text'), say(1, '{}'))).toBe('+reasoning');
    expect(answer.rest()).toBe('+text {}');
  });

  it('let reasoning go that text comes in between', () => {
    const answer = held(WORDS, true);
    expect(answer.push(start(0, 'reasoning'))).toBe('+reasoning');
    expect(answer.push(say(0, 'hm'), start(1, 'text'), say(1, '{}'))).toBe('hm');
    expect(answer.rest()).toBe('+text {}');
  });

  it('wait also where one frame says several things', () => {
    expect(held(WORDS).push(together(BEGUN, start(0, 'text')), say(0, '{}'))).toBe('');
    const answer = held(WORDS, true);
    expect(answer.push(together(BEGUN, start(0, 'reasoning'), say(0, 'hm')), start(1, 'text'))).toBe('start +reasoning hm');
  });

  it('go with a call, before which they are no structured answer', () => {
    const answer = held(WORDS);
    expect(answer.push(start(0, 'text'), say(0, 'I look. '), end(0))).toBe('');
    expect(answer.push(start(1, 'call'), write(1, '{}'), end(1))).toBe('+text I look.  -0 +tool-call arguments -1');
  });

  it('go out as they come beyond 8 MiB, reasoning not counted', () => {
    const answer = held(WORDS);
    expect(answer.push(start(0, 'reasoning'), inOneFrame(say(0, 'hm'), LARGEST), end(0))).toBe('+reasoning hm -0');
    // One byte for the part's beginning.
    expect(answer.push(start(1, 'text'), inOneFrame(say(1, 'a'), LARGEST - 1))).toBe('');
    expect(answer.push(say(1, 'b'))).toBe('+text a b');
    expect(answer.push(say(1, 'c'))).toBe('c');
    expect(answer.push(end(1), start(2, 'text'), say(2, 'd'))).toBe('-1 +text d');
  });
});

describe('holdingFor', () => {
  function holding(stream: boolean, structured: boolean, calls: 'whole' | 'stream', words: 'whole' | 'stream', wholeCalls?: true): Holding {
    return holdingFor({
      dialect: { ...(wholeCalls && { wholeCalls }) },
      head: { stream, structured },
      plan: { failover: { toolArguments: calls, structuredOutput: words } },
    } as unknown as Question);
  }

  it('holds calls for all but who asked for their pieces and can bear them', () => {
    expect(holding(true, false, 'whole', 'whole').calls).toBe(true);
    expect(holding(true, false, 'stream', 'whole').calls).toBe(false);
    expect(holding(true, false, 'stream', 'whole', true).calls).toBe(true);
    expect(holding(false, false, 'stream', 'whole').calls).toBe(true);
  });

  it('holds words only of a stream from which JSON is demanded', () => {
    expect(holding(true, true, 'whole', 'whole').words).toBe(true);
    expect(holding(true, false, 'whole', 'whole').words).toBe(false);
    expect(holding(false, true, 'whole', 'whole').words).toBe(false);
    expect(holding(true, true, 'whole', 'stream').words).toBe(false);
  });
});
