import type { Follower, LoggedEntry } from './journal.ts';

/** Reads an answer from disk, from its first entry on. `undefined`: what comes next is not there. */
export interface Replay {
  next(): LoggedEntry | undefined;
}

/** What a follower needs of its answer. */
export interface Followed {
  /** Place of the last entry that may be shown; -1: none yet. */
  released(): number;
  /** The released entry `end` is the last. */
  ended(): boolean;
  inMemory(seq: number): LoggedEntry | undefined;
  replay(): Replay | undefined;
  /** Something that was handed an entry has thrown. */
  fault(error: unknown): void;
  left(follower: Cursor): void;
}

/** A follower, seen from its answer. */
export interface Cursor extends Follower {
  pump(): void;
  /** Place of the last entry that was handed over. */
  at(): number;
}

/** Entries read from disk before others get their turn: a tenth of a millisecond each at most. */
const DISK_TURN = 64;

export function cursor(answer: Followed, after: number, take: (logged: LoggedEntry) => boolean, lost: (reason: string) => void): Cursor {
  let at = after;
  let wanting = true;
  let open = true;
  let pumping = false;
  let waiting = false;
  let replay: Replay | undefined;

  function stop(): void {
    if (!open) return;
    open = false;
    replay = undefined;
    answer.left(self);
  }

  function giveUp(reason: string): void {
    stop();
    try {
      lost(reason);
    } catch (error) {
      answer.fault(error);
    }
  }

  function hand(logged: LoggedEntry): void {
    at = logged.seq;
    try {
      wanting = take(logged);
    } catch (error) {
      stop();
      answer.fault(error);
    }
    if (logged.entry.type === 'end') stop();
  }

  /** At most `DISK_TURN` entries from disk; false when the turn is over. */
  function fromDisk(): boolean {
    replay ??= answer.replay();
    for (let turn = 0; turn < DISK_TURN; turn++) {
      const logged = replay?.next();
      if (!logged || logged.seq > at + 1) {
        giveUp('this part of the answer is neither in memory nor on disk any more');
        return true;
      }
      if (logged.seq <= at) continue;
      hand(logged);
      return true;
    }
    return false;
  }

  function pump(): void {
    if (pumping || waiting) return;
    pumping = true;
    while (open && wanting && at < answer.released()) {
      const logged = answer.inMemory(at + 1);
      if (logged) {
        replay = undefined;
        hand(logged);
      } else if (!fromDisk()) {
        waiting = true;
        setImmediate(() => {
          waiting = false;
          pump();
        });
        break;
      }
    }
    pumping = false;
    // The end has been seen before, so it can't be waited for.
    if (open && answer.ended() && at >= answer.released() && wanting) giveUp('the answer has ended; nothing comes after this cursor');
  }

  const self: Cursor = {
    pump,
    stop,
    at: () => at,
    resume() {
      wanting = true;
      pump();
    },
  };
  return self;
}
