import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitState } from '../../archive/handoff/bundle.ts';

const run = promisify(execFile);
/** Files named; a folder that was never committed has thousands. */
const MOST_CHANGES = 60;
/** Milliseconds: on a slow disk the state of a large tree is not worth waiting for. */
const LONGEST = 5000;

/** What git says of a folder; `undefined` where it is no repository, or there is no git. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const git = async (...args: string[]): Promise<string> => {
    // Without optional locks: somebody else may be committing.
    const { stdout } = await run('git', ['--no-optional-locks', '-C', folder, ...args], { timeout: LONGEST, maxBuffer: 16 * 1024 * 1024 });
    return stdout.trimEnd();
  };
  try {
    const changes = (await git('status', '--short')).split('\n').filter((line) => line !== '');
    const branch = await git('rev-parse', '--abbrev-ref', 'HEAD').catch(() => 'a branch without a commit');
    const commit = await git('log', '-1', '--format=%h %s').catch(() => 'no commit yet');
    const more = changes.length - MOST_CHANGES;
    return { branch, commit, changes: [...changes.slice(0, MOST_CHANGES), ...(more > 0 ? [`… and ${more} more`] : [])] };
  } catch {
    return undefined;
  }
}
