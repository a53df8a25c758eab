import type { Mark, Scene, Step } from '../scene.ts';

/** How fast a simulated provider speaks. */
export interface Pace {
  /** Milliseconds until the headers. */
  headers: number;
  /** Milliseconds from the headers to the first piece. */
  firstToken: number;
  /** Milliseconds between two pieces. */
  perToken: number;
  /** Multiplies all of these; 0: as fast as possible. */
  scale: number;
}

/** Medians of hosted models in 2026: some 0.6 s to the first token, 60 tokens a second. */
export const REALISTIC: Pace = { headers: 250, firstToken: 350, perToken: 16, scale: 1 };
export const AT_ONCE: Pace = { headers: 0, firstToken: 0, perToken: 0, scale: 0 };

/** What a wire writer needs besides answer and request. */
export interface WireContext {
  pace: Pace;
  /** UTC milliseconds. */
  now: number;
}

const PIECES: ReadonlySet<Mark['kind']> = new Set(['text', 'reasoning', 'arguments']);

/** Puts the pauses of a pace between the frames of a streamed answer. `asked`: what the prompt wished for between two pieces, in milliseconds; it is not scaled. */
export function paced(head: Step, frames: readonly Step[], pace: Pace, asked?: number): Scene {
  const scene: Scene = [];
  const perToken = asked ?? pace.perToken * pace.scale;
  const wait = (ms: number): void => {
    if (ms > 0) scene.push({ type: 'wait', ms });
  };
  wait(pace.headers * pace.scale);
  scene.push(head);
  let first = true;
  for (const frame of frames) {
    if (frame.type === 'write' && frame.mark && PIECES.has(frame.mark.kind)) {
      wait(first ? pace.firstToken * pace.scale : perToken);
      first = false;
    }
    scene.push(frame);
  }
  scene.push({ type: 'end' });
  return scene;
}

/** An answer that is not streamed: it takes as long as the stream would have. */
export function pacedWhole(head: Step, body: Buffer, pieces: number, pace: Pace, asked?: number): Scene {
  const ms = (pace.headers + pace.firstToken) * pace.scale + pieces * (asked ?? pace.perToken * pace.scale);
  const scene: Scene = ms > 0 ? [{ type: 'wait', ms }] : [];
  scene.push(head, { type: 'write', bytes: body, mark: { kind: 'body', part: 0 } }, { type: 'end' });
  return scene;
}
