import type { Answer } from '../answer.ts';
import type { Asked, SimDialect } from '../asked.ts';
import type { Position } from '../position.ts';
import type { Scene } from '../scene.ts';
import type { Schedule, Scope } from '../schedule.ts';

export type FaultGroup = 'A' | 'B' | 'C' | 'D' | 'E' | 'F';

/** What a request's answer consists of. */
export type Content = 'text' | 'tool' | 'parallel' | 'thinking';

/** How a connection fails before there is one. */
export type Refusal =
  | 'closed-port'
  | 'dns'
  | 'dns-timeout'
  | 'syn-dropped'
  | 'never-reads'
  | 'tls-self-signed'
  | 'tls-expired'
  | 'tls-wrong-host'
  | 'tls-hang'
  | 'plain-http-on-tls';

export type Injection = Scene | { refuse: Refusal };

/** What a fault may look at and use. */
export interface FaultContext {
  dialect: SimDialect;
  stream: boolean;
  answer: Answer;
  asked: Asked;
  /** Writes another answer to the same request in its wire format. */
  write(answer: Answer): Scene;
  /** The same as one body, though a stream was asked for. */
  writeWhole(answer: Answer): Scene;
  /** UTC milliseconds. */
  now: number;
  /** The request came on a connection that had served another before. */
  reused: boolean;
}

/**
 * A way in which providers fail. `expected` is the most that a gateway with a healthy backup can do: `rescue`: the client gets a
 * whole answer all the same; `answer`: what came is an answer and is passed on; `client-error`: the client gets the error.
 */
export interface Fault {
  id: string;
  group: FaultGroup;
  title: string;
  expected: 'rescue' | 'answer' | 'client-error';
  /** The position matters; otherwise `inject` ignores it. */
  positioned: boolean;
  /** With `answer`: the words that arrive are not those of the assistant, and nobody could know. */
  unfaithful?: boolean;
  /** Strikes on the request's headers, before its body has been read. */
  beforeBody?: boolean;
  /** How it persists, where that is the point of it (group F). */
  schedule?: Schedule;
  scope?: Scope;
  applies(dialect: SimDialect, stream: boolean, content: Content): boolean;
  /** Never called where `applies` is false. A position that the scene does not have leaves the scene as it is. */
  inject(scene: Scene, position: Position, context: FaultContext): Injection;
}

/** A fault with the usual answers: everywhere, without a position, to be rescued. */
export function fault(id: string, group: FaultGroup, title: string, inject: Fault['inject'], more: Partial<Fault> = {}): Fault {
  return { id, group, title, expected: 'rescue', positioned: false, applies: () => true, inject, ...more };
}
