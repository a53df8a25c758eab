/** `new`: it has just begun. `again`: it is back. `past`: it was over before it could be told. `test`: somebody wants to know whether it arrives. */
export type MessageKind = 'new' | 'update' | 'again' | 'over' | 'past' | 'test';

/** What a channel is to say; the same for all of them, plain text. What pages say in it may be anything, and is made harmless by each channel. */
export interface AlertMessage {
  /** Of the alert; the same for all that is told of it. */
  alert: string;
  /** Goes up with each that is told of an alert. */
  revision: number;
  kind: MessageKind;
  /** People should notice it; else it only brings what was told up to date. */
  loud: boolean;
  /** UTC ms of when this was written. */
  at: number;
  /** `Claude API is down` */
  title: string;
  /** Sentences, one a line. */
  lines: string[];
  /** `critical`: down for everyone, or called critical. */
  severity: 'minor' | 'major' | 'critical' | 'unknown';
  products: string[];
  models: string[];
  /** UTC ms. */
  began: number;
  ended?: number;
  /** Where to read on. */
  url?: string;
  /** Links that answer «is it failing for you?»; they work on this machine. */
  question?: { yes: string; no: string };
}
