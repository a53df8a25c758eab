import { describe, expect, it } from 'vitest';
import type { AnswerEvent, PartHead } from '../exchange/event.ts';
import { createAnswerState } from './answer-state.ts';
import { type Carry, type CarryStep, createCarry } from './carry.ts';
import { lastFragment } from './continuation.ts';

/** How a hop's events become ones of the answer under way. Where texts meet is the splicer's (splice.test.ts, splice-rules.test.ts). */

const producer = { dialect: 'openai-chat' } as const;
const TEXT: PartHead = { type: 'text' };
const REASONING: PartHead = { type: 'reasoning', producer };
const OPAQUE: PartHead = { type: 'opaque', producer, value: { cited: 1 } };
const call = (id: string): PartHead => ({ type: 'tool-call', id, name: 'look_up' });
const START: AnswerEvent = { type: 'start', id: 'm2', model: 'other' };
const USAGE: AnswerEvent = { type: 'usage', usage: { output: 9 } };
const FINISH: AnswerEvent = { type: 'finish', reason: 'stop' };
const start = (index: number, part: PartHead): AnswerEvent => ({ type: 'part-start', index, part });
const text = (index: number, words: string): AnswerEvent => ({ type: 'part-delta', index, delta: { type: 'text', text: words } });
const json = (index: number, piece: string): AnswerEvent => ({ type: 'part-delta', index, delta: { type: 'arguments', json: piece } });
const end = (index: number): AnswerEvent => ({ type: 'part-end', index });

const WORDS = 'The harbour was quiet that morning, and nobody had seen the boat';
const SENTENCE = 'The harbour was quiet that morning, and nobody had seen the boat.';
const FRAGMENT = lastFragment(WORDS);
const UNMET = 'the continuation does not meet the delivered text';

/** An answer of which the client has `events`. */
function behind(events: readonly AnswerEvent[], prefill = false): Carry {
  const delivered = createAnswerState();
  for (const event of events) delivered.observe([event]);
  return createCarry(delivered, prefill);
}

const openText = (words: string): AnswerEvent[] => [start(0, TEXT), text(0, words)];
const closedText = (words: string): AnswerEvent[] => [...openText(words), end(0)];
const shown = (...events: AnswerEvent[]): CarryStep => ({ type: 'events', events });
const failed = (reason: string): CarryStep => ({ type: 'failed', reason });

describe('an answer of which no word has been seen', () => {
  it('begins behind what was seen, which is closed, and brings its own reasoning', () => {
    const carry = behind([start(0, REASONING), text(0, 'Hm.')]);
    expect(carry.join()).toBe('fresh');
    expect(carry.push([START, start(0, REASONING), text(0, 'Well.')])).toEqual(shown(end(0), start(1, REASONING), text(1, 'Well.')));
    expect(carry.push([end(0), start(1, TEXT), text(1, 'The sea')])).toEqual(shown(end(1), start(2, TEXT), text(2, 'The sea')));
    expect(carry.push([USAGE, end(1), FINISH])).toEqual(shown(end(2), FINISH));
    expect(carry.join()).toBe('fresh');
  });

  it('is one also where white space was all', () => {
    const carry = behind(openText(' \n'));
    expect(carry.join()).toBe('fresh');
    expect(carry.push([start(0, TEXT), text(0, 'The sea')])).toEqual(shown(end(0), start(1, TEXT), text(1, 'The sea')));
  });

  it('has its first part where none was seen, and every part where it was closed', () => {
    expect(behind([]).push([START, start(0, TEXT), text(0, 'The sea'), end(0)])).toEqual(shown(start(0, TEXT), text(0, 'The sea'), end(0)));
    // What its producer has not closed is closed before the next.
    const carry = behind([start(0, REASONING), end(0)]);
    expect(carry.push([start(3, call('c1')), json(3, '{}'), start(4, call('c2'))])).toEqual(
      shown(start(1, call('c1')), json(1, '{}'), end(1), start(2, call('c2'))),
    );
    expect(carry.push([FINISH])).toEqual(shown(end(2), FINISH));
  });
});

describe('words', () => {
  it('are held until they meet those that were seen; from there on they go into the same part', () => {
    const carry = behind(openText(WORDS));
    expect(carry.join()).toBeUndefined();
    expect(carry.push([START, start(0, TEXT)])).toEqual(shown());
    expect(carry.push([text(0, FRAGMENT.slice(0, 11))])).toEqual(shown());
    expect(carry.join()).toBeUndefined();
    expect(carry.push([text(0, FRAGMENT.slice(11)), text(0, ' since Sunday')])).toEqual(shown(text(0, ' since Sunday')));
    expect(carry.join()).toBe('anchor');
    expect(carry.push([text(0, '.'), end(0), USAGE, FINISH])).toEqual(shown(text(0, '.'), end(0), FINISH));
  });

  it('go into a part of their own where the one that was seen had been closed', () => {
    const carry = behind(closedText(WORDS));
    expect(carry.push([start(0, TEXT), text(0, `${FRAGMENT} since`)])).toEqual(shown(start(1, TEXT), text(1, ' since')));
    expect(carry.push([text(0, ' Sunday'), end(0)])).toEqual(shown(text(1, ' Sunday'), end(1)));
    expect(carry.push([start(1, TEXT), text(1, 'And then'), FINISH])).toEqual(shown(start(2, TEXT), text(2, 'And then'), end(2), FINISH));
  });

  it('close what else is open where a part of their own begins', () => {
    const carry = behind([...closedText(WORDS), start(1, REASONING), text(1, 'Hm.')]);
    expect(carry.push([start(0, TEXT), text(0, `${FRAGMENT} since`)])).toEqual(shown(end(1), start(2, TEXT), text(2, ' since')));
  });

  it('go into the last text that is open', () => {
    const carry = behind([...closedText('First. '), start(1, TEXT), text(1, WORDS)]);
    expect(carry.push([start(0, TEXT), text(0, `${FRAGMENT} since`)])).toEqual(shown(text(1, ' since')));
  });

  it('that never meet fail: with the part, with the next part, with the answer', () => {
    for (const last of [end(0), start(1, TEXT), start(1, call('c1')), start(1, OPAQUE), FINISH])
      expect(behind(openText(WORDS)).push([start(0, TEXT), text(0, 'I am sorry.'), last])).toEqual(failed(UNMET));
  });

  it('fail as soon as it is known, and what came before in the same piece goes with them', () => {
    const long = 'Something else entirely is being told here. '.repeat(40);
    expect(behind(openText(WORDS)).push([START, start(0, TEXT), text(0, long), FINISH])).toMatchObject({ type: 'failed' });
  });

  it('of a prefilled answer go on at once', () => {
    const carry = behind(openText(WORDS), true);
    expect(carry.push([start(0, TEXT), text(0, ' since Sunday')])).toEqual(shown(text(0, ' since Sunday')));
    expect(carry.join()).toBe('prefill');
  });

  it('have other pieces beside them, which belong to words that are not shown', () => {
    const cited: AnswerEvent = { type: 'part-delta', index: 0, delta: { type: 'opaque', producer, value: { cited: 1 } } };
    const carry = behind(openText(WORDS));
    expect(carry.push([start(0, TEXT), cited, text(0, `${FRAGMENT} since`), cited])).toEqual(shown(text(0, ' since')));
  });

  it('may be repeated and followed by nothing: the answer was complete', () => {
    const carry = behind(openText(WORDS));
    expect(carry.push([start(0, TEXT), text(0, FRAGMENT), end(0), FINISH])).toEqual(shown(end(0), FINISH));
    expect(carry.join()).toBe('anchor');
  });

  it('are looked for once: a second text behind the seam is a part of its own', () => {
    const carry = behind(openText(WORDS));
    expect(carry.push([start(0, TEXT), text(0, `${FRAGMENT} since`), start(1, TEXT), text(1, 'And')])).toEqual(
      shown(text(0, ' since'), end(0), start(1, TEXT), text(1, 'And')),
    );
    expect(carry.push([end(1), FINISH])).toEqual(shown(end(1), FINISH));
  });
});

describe('reasoning', () => {
  it('about a dropped connection is not shown, nor is its end', () => {
    const carry = behind(openText(WORDS));
    const signed: AnswerEvent = { type: 'part-delta', index: 0, delta: { type: 'signature', signature: 's' } };
    expect(carry.push([START, start(0, REASONING), text(0, 'The connection dropped.'), signed, end(0)])).toEqual(shown());
    expect(carry.push([start(1, TEXT), text(1, `${FRAGMENT} since`), end(1)])).toEqual(shown(text(0, ' since'), end(0)));
    // Behind the seam no more than before it.
    expect(carry.push([start(2, REASONING), text(2, 'Now a call.'), end(2), start(3, call('c1')), end(3)])).toEqual(
      shown(start(1, call('c1')), end(1)),
    );
  });
});

describe('a call that comes at once', () => {
  const calling = [start(0, call('c1')), json(0, '{"topic":"sea"}'), end(0), FINISH];

  it('follows a sentence that has ended', () => {
    for (const stop of ['.', '!', '?', ':', '。', '…', ')', '] ', '}\n', '`']) {
      const carry = behind(openText(`${WORDS}${stop}`));
      expect(carry.push(calling)).toEqual(shown(end(0), start(1, call('c1')), json(1, '{"topic":"sea"}'), end(1), FINISH));
      expect(carry.join()).toBe('fresh');
    }
  });

  it('follows a text that had been closed, wherever it ended', () => {
    const carry = behind(closedText(WORDS));
    expect(carry.push(calling)).toEqual(shown(start(1, call('c1')), json(1, '{"topic":"sea"}'), end(1), FINISH));
    expect(carry.join()).toBe('fresh');
  });

  it('does not follow half a sentence: words are missing', () => {
    for (const broken of [WORDS, `${WORDS},`, `Seen. ${WORDS}`]) expect(behind(openText(broken)).push(calling)).toEqual(failed(UNMET));
  });

  it('is what a text that meets nothing is not excused by', () => {
    expect(behind(openText(SENTENCE)).push([start(0, TEXT), text(0, 'Sorry.'), start(1, call('c1'))])).toEqual(failed(UNMET));
  });

  it('is followed by others, and by words that no longer have to meet anything', () => {
    const carry = behind(openText(SENTENCE));
    carry.push(calling.slice(0, -1));
    expect(carry.push([start(1, call('c2')), end(1), start(2, TEXT), text(2, 'And so.'), FINISH])).toEqual(
      shown(start(2, call('c2')), end(2), start(3, TEXT), text(3, 'And so.'), end(3), FINISH),
    );
  });
});

it('nothing else stands for words: an end or a part of its producer alone fails', () => {
  for (const only of [FINISH, start(0, OPAQUE)]) expect(behind(openText(SENTENCE)).push([START, only])).toEqual(failed(UNMET));
});

it('what belongs to no part is left out', () => {
  const carry = behind(openText(WORDS));
  expect(carry.push([text(7, 'lost'), end(7), start(0, TEXT), text(0, `${FRAGMENT} since`)])).toEqual(shown(text(0, ' since')));
  expect(behind([]).push([text(7, 'lost'), end(7)])).toEqual(shown());
});
