import type { Chore } from '../chore.ts';
import type { Archive } from '../store/open.ts';
import { openMirror, type Mirror } from './mirror.ts';

/** Conversations of one step. */
const BATCH = 20;
/** Milliseconds until a folder that could not be written is tried again: a disk that was unplugged is plugged in again. */
const RETRY = 30_000;

/** Keeps a mirror up to date. `said` is told when its folder can't be written, and with nothing when it can be again. */
export function mirrorFollower(archive: Archive, folder: string, now: () => number, said: (problem?: string) => void): Chore {
  let mirror: Mirror | undefined;
  let failedAt: number | undefined;
  return {
    step() {
      if (failedAt !== undefined && now() - failedAt < RETRY) return false;
      try {
        mirror ??= openMirror(archive, folder);
        const { more } = mirror.follow(BATCH);
        if (failedAt !== undefined) said();
        failedAt = undefined;
        return more;
      } catch (error) {
        // The archive's own trouble is its owner's.
        if (error instanceof Error && 'errcode' in error) throw error;
        mirror = undefined;
        failedAt = now();
        said(
          `The mirror in ${folder} can't be written: ${error instanceof Error ? error.message : String(error)}. It is tried again; the archive has everything.`,
        );
        return false;
      }
    },
  };
}
