import type { Clock } from '../exchange/clock.ts';
import type { Entry, Opening } from './entry.ts';
import { cursor } from './follower.ts';
import type { Cursor, Replay } from './follower.ts';
import type { AnswerLog, LoggedEntry } from './journal.ts';
import { places } from './places.ts';
import type { Places } from './places.ts';
import { ring } from './ring.ts';
import { summaryOf } from './summary.ts';
import type { Summary } from './summary.ts';

/** Bytes. */
export interface AnswerLimits {
  /** Kept in memory of an answer that is on disk as well. */
  ring: number;
  /** Kept in memory of an answer that is nowhere else. */
  unsaved: number;
}

export interface AnswerPorts {
  clock: Clock;
  limits: AnswerLimits;
  /** Sees to it that the entry is saved; `release` follows. */
  push(log: LiveAnswer, logged: LoggedEntry): void;
  /** There is so much to do that memory should be let go of early. */
  busy(): boolean;
  /** Reads what has left memory. */
  replay(log: LiveAnswer): Replay | undefined;
  /** Someone's listener has thrown, or something was appended after the end. */
  fault(error: unknown): void;
}

/** An answer log, seen from the journal. */
export interface LiveAnswer extends AnswerLog {
  readonly places: Places;
  readonly summary: Summary;
  /** The request's body, until it is on disk. */
  request: Buffer | undefined;
  /** Attempts of which some events were written anew: the decoder has not seen them, so bytes of these keep their events on disk. */
  readonly mixed: Set<number>;
  /** All entries up to here may be shown. */
  release(seq: number): void;
  released(): number;
  ended(): boolean;
  /** The last entry has been appended, though perhaps not released. */
  closing(): boolean;
  /** Entries appended so far. */
  length(): number;
  inMemory(seq: number): LoggedEntry | undefined;
  /** Bytes that it takes in memory, estimated. */
  weight(): number;
}

/** What an answer takes besides its entries: opening, summary, places, functions. */
const OWN_WEIGHT = 6000;

export function answerLog(opening: Opening, request: Buffer, ports: AnswerPorts): LiveAnswer {
  const memory = ring();
  const where = places();
  const summary = summaryOf(opening);
  const mixed = new Set<number>();
  const followers = new Set<Cursor>();
  let next = 0;
  let released = -1;
  let closing = false;

  function append(entry: Entry): void {
    if (closing) {
      ports.fault(new Error(`${opening.id}: ${entry.type} was appended after the end`));
      return;
    }
    if (entry.type === 'events') mixed.add(entry.attempt);
    else if (entry.type === 'end') closing = true;
    const logged: LoggedEntry = { seq: next++, at: ports.clock.now(), entry: named(entry) };
    memory.push(logged);
    summary.add(logged.seq, logged.at, logged.entry);
    ports.push(log, logged);
  }

  function named(entry: Entry): Entry {
    if (entry.type !== 'end') return entry;
    const answer = summary.answer();
    const items = summary.items();
    return { ...entry, ...(answer !== undefined && { answer }), ...(items.length > 0 && { items: [...items] }) };
  }

  function ended(): boolean {
    return closing && released === next - 1;
  }

  /**
   * What is on disk and has been handed to every reader: objects that die young cost the collector next to nothing, ones that
   * wait for the ring to fill cost it a quarter of a chunk's way. While little goes on they may as well stay.
   */
  function letGo(): void {
    let until = released;
    for (const follower of followers) until = Math.min(until, follower.at());
    while (memory.first() <= until && where.has(memory.first())) memory.drop();
  }

  /** Readers that are behind are served from disk, where there is one. */
  function trim(): void {
    while (memory.size() > ports.limits.ring && memory.first() <= released) {
      if (memory.size() <= ports.limits.unsaved && !where.has(memory.first())) return;
      memory.drop();
    }
  }

  function release(seq: number): void {
    released = Math.max(released, seq);
    for (const follower of followers) follower.pump();
    if (ports.busy()) letGo();
    if (memory.size() > ports.limits.ring) trim();
  }

  const followed = {
    released: () => released,
    ended,
    inMemory: memory.at,
    replay: () => ports.replay(log),
    fault: ports.fault,
    left: (follower: Cursor) => followers.delete(follower),
  };

  const log: LiveAnswer = {
    opening,
    places: where,
    summary,
    request,
    mixed,
    append,
    release,
    released: () => released,
    ended,
    closing: () => closing,
    length: () => next,
    weight: () => OWN_WEIGHT + memory.size(),
    inMemory: memory.at,
    follow(after, take, lost) {
      const follower = cursor(followed, after, take, lost);
      followers.add(follower);
      // Not at once: the caller has to hold the follower before it is told anything.
      queueMicrotask(follower.pump);
      return follower;
    },
  };
  return log;
}
