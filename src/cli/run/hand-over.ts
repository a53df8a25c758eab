import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Surroundings } from '../deps.ts';

export interface Program {
  path: string;
  args: readonly string[];
  /** All that it sees. */
  environment: Readonly<Record<string, string | undefined>>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Gives the terminal to another program until it ends. Its input and output are ours, untouched. Returns its exit code, or 128
 * and the number of the signal that ended it, as shells count; the error says why it could not be started.
 */
export function handOver(program: Program, surroundings: Surroundings): Promise<{ code: number } | { error: string }> {
  const { streams, platform, workingFolder } = surroundings;
  return new Promise((resolve) => {
    // npm's wrappers on Windows are batch files, which only a shell starts.
    const batch = platform === 'win32' && /\.(?:cmd|bat)$/i.test(program.path);
    const child = spawn(batch ? `"${program.path}"` : program.path, batch ? program.args.map(quotedForCmd) : program.args, {
      cwd: workingFolder,
      env: program.environment,
      stdio: 'inherit',
      shell: batch,
    });
    const undo = SIGNALS.map((signal) =>
      surroundings.onSignal(signal, () => {
        // The terminal sends an interrupt to the whole group; a second one would mean "end at once" to many programs.
        if (signal !== 'SIGINT' || streams.stdin.isTTY !== true) child.kill(signal);
      }),
    );
    const done = (result: { code: number } | { error: string }): void => {
      for (const each of undo) each();
      resolve(result);
    };
    child.once('error', (error) => done({ error: error.message }));
    child.once('exit', (code, signal) => done({ code: signal === null ? (code ?? 1) : 128 + constants.signals[signal] }));
  });
}

function quotedForCmd(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `"${word.replaceAll('"', '""')}"`;
}
