import type { Mark, Scene, Step } from './scene.ts';

/** Where in an answer a fault strikes. A byte offset counts the bytes of the body. */
export type Position =
  /** After the headers, before the first byte of the body. */
  | 'start'
  /** After the opening frames, before the first piece. */
  | 'before-content'
  | 'reasoning'
  | 'text-first'
  | 'text-middle'
  | 'text-last'
  /** Inside the arguments of the first tool call. */
  | 'arguments'
  /** After the first tool call is complete, before the next begins. */
  | 'between-calls'
  /** After the last tool call is complete, before the finish reason. */
  | 'after-calls'
  /** After the finish reason, before the terminator. */
  | 'before-terminator'
  /** Half-way through a body that is not streamed. */
  | 'body-middle'
  | { byte: number };

export const POSITIONS = [
  'start',
  'before-content',
  'reasoning',
  'text-first',
  'text-middle',
  'text-last',
  'arguments',
  'between-calls',
  'after-calls',
  'before-terminator',
  'body-middle',
] as const satisfies Position[];

export interface Split {
  before: Scene;
  after: Scene;
}

/** Cuts a scene in two at a position; `undefined` where the scene has no such place. */
export function splitAt(scene: Scene, position: Position): Split | undefined {
  if (typeof position === 'object') return splitAtByte(scene, position.byte);
  if (position === 'body-middle') {
    const body = scene.find((step) => step.type === 'write' && step.mark?.kind === 'body');
    return body?.type === 'write' ? splitAtByte(scene, Math.floor(body.bytes.length / 2)) : undefined;
  }
  const index = boundary(scene, position);
  return index === undefined ? undefined : { before: scene.slice(0, index), after: scene.slice(index) };
}

/** The positions that a scene has, in the order in which they come. */
export function positionsOf(scene: Scene): Exclude<Position, object>[] {
  return POSITIONS.filter((position) => splitAt(scene, position) !== undefined);
}

/** Index of the step before which the fault strikes. */
function boundary(scene: Scene, position: Exclude<Position, object | 'body-middle'>): number | undefined {
  const marks = scene.map(markOf);
  const all = (kind: Mark['kind'], part?: number): number[] =>
    marks.flatMap((mark, index) => (mark?.kind === kind && (part === undefined || mark.part === part) ? [index] : []));
  const text = all('text');
  const after = (index: number | undefined): number | undefined => (index === undefined ? undefined : index + 1);
  const lastCall = marks.findLast((mark) => mark?.kind === 'arguments')?.part;
  switch (position) {
    case 'start':
      return after(scene.findIndex((step) => step.type === 'head'));
    case 'before-content': {
      const first = marks.findIndex((mark) => mark !== undefined && ['text', 'reasoning', 'signature', 'arguments'].includes(mark.kind));
      return first < 0 ? undefined : waitBefore(scene, first);
    }
    case 'reasoning': {
      const pieces = all('reasoning');
      return after(pieces[Math.floor((pieces.length - 1) / 2)]);
    }
    case 'text-first':
      return after(text[0]);
    case 'text-middle':
      return text.length < 2 ? undefined : after(text[Math.floor((text.length - 1) / 2)]);
    case 'text-last':
      return after(text.at(-1));
    case 'arguments': {
      const first = marks.find((mark) => mark?.kind === 'arguments')?.part;
      const pieces = first === undefined ? [] : all('arguments', first);
      return pieces.length < 2 ? undefined : after(pieces[Math.floor((pieces.length - 1) / 2)]);
    }
    case 'between-calls': {
      const calls = [...new Set(marks.flatMap((mark) => (mark?.kind === 'arguments' ? [mark.part] : [])))];
      return calls.length < 2 ? undefined : after(endOfPart(marks, calls[0]!));
    }
    case 'after-calls':
      return lastCall === undefined ? undefined : after(endOfPart(marks, lastCall));
    case 'before-terminator':
      return all('terminator')[0];
  }
}

function endOfPart(marks: (Mark | undefined)[], part: number): number {
  return marks.findLastIndex((mark) => mark?.part === part && (mark.kind === 'close' || mark.kind === 'arguments'));
}

function waitBefore(scene: Scene, index: number): number {
  return scene[index - 1]?.type === 'wait' ? index - 1 : index;
}

function markOf(step: Step): Mark | undefined {
  return step.type === 'write' ? step.mark : undefined;
}

function splitAtByte(scene: Scene, byte: number): Split | undefined {
  let seen = 0;
  for (const [index, step] of scene.entries()) {
    if (step.type !== 'write') continue;
    if (byte <= seen) return { before: scene.slice(0, index), after: scene.slice(index) };
    const inside = byte - seen;
    seen += step.bytes.length;
    if (byte > seen) continue;
    if (byte === seen) return { before: scene.slice(0, index + 1), after: scene.slice(index + 1) };
    const half = (bytes: Buffer): Step => ({ ...step, bytes });
    return {
      before: [...scene.slice(0, index), half(step.bytes.subarray(0, inside))],
      after: [half(step.bytes.subarray(inside)), ...scene.slice(index + 1)],
    };
  }
  return undefined;
}
