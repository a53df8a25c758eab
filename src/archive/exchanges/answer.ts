import type { AnswerEvent, PartHead } from '../../exchange/event.ts';
import type { Json } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import type { Part } from '../../exchange/part.ts';
import type { Target } from '../../exchange/target.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { End, Seam } from '../../journal/entry.ts';
import type { LoggedEntry } from '../../journal/journal.ts';
import type { MessageSeam, MessageStatus } from '../conversation.ts';

/** An answer as its client has received it. */
export interface Delivered {
  parts: Part[];
  seams: MessageSeam[];
  /** That delivered first. */
  target?: Target;
  status: MessageStatus;
  usage?: Partial<Usage>;
  /** Dollars, of all attempts. */
  cost?: number;
  finish?: string;
  /** Why it did not come to its end. */
  fault?: string;
  /** UTC milliseconds of its end. */
  endedAt: number;
}

interface Piece {
  head: PartHead;
  /** Text, or a call's arguments. */
  text: string;
  signature: string;
  opaque: Json[];
}

/** Puts an answer together from an exchange's history. `state`: as the record says it. */
export function deliveredAnswer(entries: readonly LoggedEntry[], state: string): Delivered {
  const targets = new Map<number, Target>();
  const pieces: Piece[] = [];
  const open = new Map<number, Piece>();
  const seams: { seam: Seam; piece: number; offset: number }[] = [];
  let met: Seam | undefined;
  let first: number | undefined;
  let cost = 0;
  let end: End | undefined;
  let endedAt = 0;

  function say(event: AnswerEvent): void {
    if (event.type === 'part-start') {
      const piece: Piece = { head: event.part, text: '', signature: '', opaque: [] };
      open.set(event.index, piece);
      pieces.push(piece);
      meet(pieces.length - 1, 0);
    } else if (event.type === 'part-delta') {
      const piece = open.get(event.index);
      if (!piece) return;
      meet(pieces.indexOf(piece), piece.text.length);
      const { delta } = event;
      if (delta.type === 'text') piece.text += delta.text;
      else if (delta.type === 'arguments') piece.text += delta.json;
      else if (delta.type === 'signature') piece.signature += delta.signature;
      else piece.opaque.push(delta.value);
    }
  }

  /** Where the first thing after a seam is said. */
  function meet(piece: number, offset: number): void {
    if (met) seams.push({ seam: met, piece, offset });
    met = undefined;
  }

  for (const { entry, at } of entries) {
    endedAt = at;
    if (entry.type === 'attempt') targets.set(entry.ordinal, entry.target);
    else if (entry.type === 'attempt-end') cost += entry.cost ?? 0;
    else if (entry.type === 'seam') met = entry;
    else if (entry.type === 'end') end = entry;
    else if (entry.type !== 'head') {
      first ??= entry.attempt;
      for (const event of entry.events) say(event);
    }
  }
  const last = pieces.at(-1);
  if (last) meet(pieces.length - 1, last.text.length);

  const spoken = pieces.filter(says);
  const target = first === undefined ? undefined : targets.get(first);
  return {
    parts: spoken.map(partOf),
    seams: seams.map(({ seam: { from, to, join }, piece, offset }) => ({ ...placeOf(pieces, spoken, piece, offset), from, to, join })),
    ...(target && { target }),
    status: statusOf(end, state),
    ...(end?.usage && { usage: end.usage }),
    // Sums of binary fractions have tails that nobody wants to read.
    ...(cost > 0 && { cost: Number(cost.toPrecision(12)) }),
    ...(end?.outcome.type === 'complete' && { finish: end.outcome.finish }),
    ...(end && 'fault' in end.outcome && { fault: end.outcome.fault.message }),
    endedAt,
  };
}

function says({ head, text, signature, opaque }: Piece): boolean {
  if (head.type === 'tool-call' || head.type === 'opaque') return true;
  return text !== '' || signature !== '' || opaque.length > 0 || (head.type === 'reasoning' && head.redacted !== undefined);
}

/** Pieces that say nothing are not kept: a seam in one is at the beginning of the next. */
function placeOf(pieces: readonly Piece[], spoken: readonly Piece[], piece: number, offset: number): { part: number; offset: number } {
  const part = spoken.indexOf(pieces[piece]!);
  if (part >= 0) return { part, offset };
  return { part: pieces.slice(0, piece).filter((each) => spoken.includes(each)).length, offset: 0 };
}

function partOf({ head, text, signature, opaque }: Piece): Part {
  switch (head.type) {
    case 'text':
      return {
        type: 'text',
        text,
        ...(opaque.length > 0
          ? { extras: { dialect: head.extras?.dialect ?? 'anthropic-messages', fields: { ...head.extras?.fields, pieces: opaque } } }
          : head.extras && { extras: head.extras }),
      };
    case 'reasoning':
      return {
        type: 'reasoning',
        text,
        producer: head.producer,
        ...(signature !== '' && { signature }),
        ...(head.redacted !== undefined && { redacted: head.redacted }),
      };
    case 'tool-call': {
      const { id, name, namespace, kind } = head;
      return {
        type: 'tool-call',
        id,
        name,
        ...(namespace !== undefined && { namespace }),
        ...(kind !== undefined && { kind }),
        arguments: text,
      };
    }
    case 'refusal':
      return { type: 'refusal', text };
    case 'opaque':
      return {
        type: 'opaque',
        producer: head.producer,
        value: opaque.length > 0 && isObject(head.value) ? { ...head.value, pieces: opaque } : head.value,
      };
  }
}

function statusOf(end: End | undefined, state: string): MessageStatus {
  switch (end?.outcome.type) {
    case 'complete':
      return 'complete';
    case 'failed':
    case 'cancelled':
      return 'partial';
    case 'deferred':
      return state === 'deferred' ? 'deferred' : 'interrupted';
    case 'interrupted':
    case undefined:
      return 'interrupted';
  }
}
