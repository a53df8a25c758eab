import { spawn } from 'node:child_process';

export interface ChildOptions {
  cwd: string;
  env: Record<string, string | undefined>;
  /** Milliseconds after which it is killed. */
  timeout: number;
  signal: AbortSignal;
}

export interface ChildResult {
  /** `undefined`: it was killed, or could not be started. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** Why it has no exit code. */
  ended?: string;
}

/** Milliseconds that what a program has started may hold its output after it has ended or was killed. */
const HELD = 5000;

/** Runs a program to its end without a terminal or input. It leads a process group, so that what it started goes with it. */
export function runChild(command: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const windows = process.platform === 'win32';
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: !windows });
    let stdout = '';
    let stderr = '';
    let ended: string | undefined;
    let release: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const kill = (why: string): void => {
      ended ??= why;
      if (child.pid === undefined) return;
      try {
        if (windows) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    };
    const late = setTimeout(() => kill(`still running after ${options.timeout / 1000} s`), options.timeout);
    const stop = (): void => kill('interrupted');
    options.signal.addEventListener('abort', stop);
    if (options.signal.aborted) stop();
    const done = (result: ChildResult): void => {
      clearTimeout(late);
      clearTimeout(release);
      options.signal.removeEventListener('abort', stop);
      resolve(result);
    };
    child.once('error', (error) => done({ code: undefined, stdout, stderr, ended: error.message }));
    // A process that it has started and that has left its group may hold the pipes for ever: "close" would then never come.
    const letGo = (): void => {
      release = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, HELD);
    };
    child.once('exit', letGo);
    child.once('close', (code, signal) => {
      const why = ended ?? (signal === null ? undefined : `ended by ${signal}`);
      done(why === undefined ? { code: code ?? undefined, stdout, stderr } : { code: undefined, stdout, stderr, ended: why });
    });
  });
}
