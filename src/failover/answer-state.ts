import type { AnswerEvent, FinishReason } from '../exchange/event.ts';
import { parseObject } from '../exchange/json.ts';
import type { Usage } from '../exchange/usage.ts';

interface PartState {
  index: number;
  type: 'text' | 'reasoning' | 'tool-call' | 'refusal' | 'opaque';
  open: boolean;
  /** Tool call: its id and name. */
  id: string;
  name: string;
  /** Tool call: argument text so far; text and refusal: the words so far. */
  pieces: string[];
  size: number;
}

/** What an answer amounts to so far, from the events seen. One runs along what arrives, another along what has been delivered. */
export interface AnswerState {
  observe(events: readonly AnswerEvent[]): void;
  /** Something has come that counts as part of the answer for whoever sees it: words, reasoning, a complete tool call. */
  readonly shown: boolean;
  /** Content came with the events seen last: words, arguments, a part's beginning or end, a finish. Resets the clocks. */
  readonly progress: boolean;
  /** A tool call is open, or its arguments are no JSON object: nothing from there on may be shown yet. */
  readonly holding: boolean;
  /** A tool call ended with arguments that do not parse, or two calls share an id. */
  readonly brokenCall: boolean;
  /** Bytes of arguments in open calls. */
  readonly heldArguments: number;
  readonly finish: FinishReason | undefined;
  readonly usage: Partial<Usage>;
  readonly started: boolean;
  readonly parts: readonly PartState[];
  /** Finish seen, every part closed. */
  whole(): boolean;
  /** Something of an answer was there: words, a call, a part that only its producer understands. Reasoning alone is none. */
  hasContent(): boolean;
  /** How often in a row the very same piece of text came. */
  readonly repeats: number;
  /** The words of all text parts, in order. */
  text(): string;
  /** The last part is a complete tool call. */
  endsWithToolCall(): boolean;
  /** The reasoning or tool call in which a silence may be longer. */
  patient(): boolean;
  /** The answer is at its reasoning, of which so far nothing (`hidden`) or something has been told. */
  thinking(): 'hidden' | 'told' | undefined;
}

/** An answer state that may be written to. */
type Writable = { -readonly [Key in keyof AnswerState]: AnswerState[Key] };

/**
 * Its figures are plain properties, which are written to. Getters would be slower, and V8 gives every object literal that has
 * getters a hidden class of its own, in the old generation: those classes would keep each exchange in memory until the next full
 * collection.
 */
export function createAnswerState(): AnswerState {
  const parts: PartState[] = [];
  let openCalls = 0;
  let lastText = '';

  function partAt(index: number): PartState | undefined {
    for (let place = parts.length - 1; place >= 0; place--) if (parts[place]!.index === index) return parts[place];
    return undefined;
  }

  function start(event: Extract<AnswerEvent, { type: 'part-start' }>): void {
    const head = event.part;
    const call = head.type === 'tool-call' ? head : undefined;
    if (call) {
      openCalls += 1;
      if (parts.some((part) => part.type === 'tool-call' && part.id === call.id)) state.brokenCall = true;
      state.holding = true;
    }
    parts.push({ index: event.index, type: head.type, open: true, id: call?.id ?? '', name: call?.name ?? '', pieces: [], size: 0 });
    state.progress = true;
    if (head.type === 'opaque' || (head.type === 'reasoning' && head.redacted !== undefined)) state.shown = true;
  }

  function extend(event: Extract<AnswerEvent, { type: 'part-delta' }>): void {
    const part = partAt(event.index);
    const delta = event.delta;
    if (delta.type === 'text') {
      if (delta.text === '') return;
      state.progress = state.shown = true;
      if (delta.text === lastText) state.repeats += 1;
      else {
        lastText = delta.text;
        state.repeats = 0;
      }
      if (part) {
        part.size += delta.text.length;
        if (part.type !== 'reasoning') part.pieces.push(delta.text);
      }
    } else if (delta.type === 'arguments') {
      if (delta.json === '') return;
      state.progress = true;
      state.heldArguments += delta.json.length;
      part?.pieces.push(delta.json);
    } else {
      state.progress = true;
      // What shows how a call's arguments come along is no more than they are.
      if (delta.type === 'opaque' && part?.type !== 'tool-call') state.shown = true;
    }
  }

  function close(index: number): void {
    const part = partAt(index);
    if (!part?.open) return;
    part.open = false;
    state.progress = true;
    if (part.type !== 'tool-call') return;
    openCalls -= 1;
    const text = part.pieces.join('');
    if (openCalls === 0) state.heldArguments = 0;
    if (text.trim() !== '' && parseObject(text) === undefined) state.brokenCall = true;
    else state.shown = true;
    state.holding = openCalls > 0 || state.brokenCall;
  }

  const state: Writable = {
    observe(events) {
      state.progress = false;
      for (const event of events) {
        if (event.type === 'part-delta') extend(event);
        else if (event.type === 'part-start') start(event);
        else if (event.type === 'part-end') close(event.index);
        else if (event.type === 'usage') state.usage = { ...state.usage, ...event.usage };
        else if (event.type === 'start') state.started = true;
        else {
          state.finish = event.reason;
          state.progress = true;
        }
      }
    },
    shown: false,
    progress: false,
    holding: false,
    brokenCall: false,
    heldArguments: 0,
    repeats: 0,
    finish: undefined,
    usage: {},
    started: false,
    parts,
    whole: () => state.finish !== undefined && parts.every((part) => !part.open),
    hasContent: () =>
      parts.some((part) => (part.size > 0 && part.type !== 'reasoning') || part.type === 'tool-call' || part.type === 'opaque'),
    text: () =>
      parts
        .filter((part) => part.type === 'text')
        .map((part) => part.pieces.join(''))
        .join(''),
    endsWithToolCall() {
      const last = parts.at(-1);
      return last?.type === 'tool-call' && !last.open && !state.brokenCall;
    },
    thinking() {
      const last = parts.at(-1);
      if (last?.type !== 'reasoning' || !last.open) return undefined;
      return last.size > 0 ? 'told' : 'hidden';
    },
    patient: () => parts.some((part) => part.open && (part.type === 'reasoning' || part.type === 'tool-call' || part.type === 'opaque')),
  };
  return state;
}
