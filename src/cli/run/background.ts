import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';

/** Opening a journal after a crash takes longest. */
const LONGEST_START = 30_000;
const LOOK_EVERY = 40;

export interface BackgroundOptions {
  /** What `understudy start` takes: `--config`, `--data`, `--port`. */
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  /** Everything that it prints goes there; what was in it stays. */
  log: string;
  /** Gives it up: what has been started is ended. */
  signal?: AbortSignal;
}

/** An `understudy start` without a terminal, whom a Ctrl-C there does not reach. */
export interface Background {
  address: string;
  pid: number;
}

/** node and this program's launcher, from the sources and from what is built of them alike. */
export function ownProgram(): [node: string, entry: string] {
  return [process.execPath, fileURLToPath(new URL('../../../bin/understudy', import.meta.url))];
}

/** Starts an Understudy that outlives a Ctrl-C of its starter, and waits until it is ready. The error is the end of what it printed. */
export async function startInBackground(options: BackgroundOptions): Promise<Result<Background, string>> {
  mkdirSync(dirname(options.log), { recursive: true, mode: 0o700 });
  const log = openSync(options.log, 'a', 0o600);
  const [node, entry] = ownProgram();
  const before = readFileSync(options.log).length;
  const child = spawn(node, [entry, 'start', '--no-drill', ...options.args], {
    cwd: options.workingFolder,
    env: { ...options.environment, NO_COLOR: '1' },
    stdio: ['ignore', log, log],
    // A process group of its own: the terminal's signals are for the CLI in front.
    detached: true,
    windowsHide: true,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `it ended with ${signal ?? `exit code ${code}`}`));
  child.unref();

  const printed = (): string => readFileSync(options.log).subarray(before).toString();
  const deadline = performance.now() + LONGEST_START;
  while (performance.now() < deadline) {
    const address = /ready at (http:\/\/\S+)/.exec(printed())?.[1];
    if (address !== undefined && child.pid !== undefined) return ok({ address, pid: child.pid });
    if (ended !== undefined) return err(lastLines(printed(), ended));
    if (options.signal?.aborted) {
      child.kill();
      return err('interrupted');
    }
    await sleep(LOOK_EVERY);
  }
  child.kill();
  return err(lastLines(printed(), `it was not ready within ${LONGEST_START / 1000} s`));
}

function lastLines(printed: string, why: string): string {
  const lines = printed.trim().split('\n').slice(-4).join('\n');
  return lines === '' ? why : lines;
}
