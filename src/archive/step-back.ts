import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Streams go first: the calling thread takes what they leave (`niceness` as in nice(1)). Linux has priorities for threads; elsewhere the pieces of work are small. */
export function stepBack(niceness: number): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), niceness);
  } catch {
    // As it is, then.
  }
}
