/** What a written piece says, so that a fault can be placed by meaning rather than by counting bytes. */
export interface Mark {
  kind:
    | 'start'
    | 'ping'
    | 'open'
    | 'text'
    | 'reasoning'
    | 'signature'
    | 'arguments'
    | 'close'
    | 'finish'
    | 'usage'
    | 'terminator'
    /** A whole body that is not streamed, and whatever else has no inner structure. */
    | 'body';
  /** Ordinal of the part (block, tool call) within the answer. */
  part: number;
}

/**
 * A simulated provider's side of one HTTP exchange, as data: what it does, in order. Played on a real socket by
 * `serve.ts` and on a virtual clock by `play.ts`; faults are functions from scenes to scenes.
 */
export type Step =
  /** Does nothing for so many milliseconds. */
  | { type: 'wait'; ms: number }
  /** `closeDelimited`: an HTTP/1.0 answer whose body ends where the connection does. */
  | { type: 'head'; status: number; headers: Record<string, string>; closeDelimited?: boolean }
  | { type: 'write'; bytes: Buffer; mark?: Mark }
  /** A clean end of the body. */
  | { type: 'end' }
  /** Closes the connection without ending the body (FIN). */
  | { type: 'close' }
  /** Resets the connection (RST). */
  | { type: 'reset' }
  /** Keeps the connection and never says anything again. */
  | { type: 'hang' }
  /** Bytes that are not HTTP, instead of a head. */
  | { type: 'garbage'; bytes: Buffer }
  /** An informational response (100, 102, 103) before the head. */
  | { type: 'informational'; status: number }
  /** Repeats `bytes` every `ms` until the client goes: pings, runaway text. */
  | { type: 'repeat'; bytes: Buffer; ms: number };

export type Scene = Step[];

/** The bytes of a scene's body, joined. */
export function sceneBody(scene: Scene): Buffer {
  return Buffer.concat(scene.flatMap((step) => (step.type === 'write' ? [step.bytes] : [])));
}
