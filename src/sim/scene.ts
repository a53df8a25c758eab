/**
 * A simulated provider's side of one HTTP exchange, as data: what it does, in order. Played on a real socket by
 * `serve.ts` and on a virtual clock by `play.ts`; faults are functions from scenes to scenes.
 */
export type Step =
  /** Does nothing for so many milliseconds. */
  | { type: 'wait'; ms: number }
  | { type: 'head'; status: number; headers: Record<string, string> }
  | { type: 'write'; bytes: Buffer }
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
  /** Repeats `bytes` every `ms` until the client goes: pings, drip. */
  | { type: 'repeat'; bytes: Buffer; ms: number };

export type Scene = Step[];
