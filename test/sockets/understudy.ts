import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface UnderstudyOptions {
  /** Home, configuration and, if nothing else is said, the data are put in this folder. */
  folder: string;
  /** As in understudy.yaml, without `data`. */
  config: object;
  data?: string;
  environment?: Record<string, string>;
}

/** A real Understudy in a process of its own. */
export interface Understudy {
  /** `http://127.0.0.1:12345`. */
  address: string;
  port: number;
  pid: number;
  data: string;
  /** Milliseconds from its start to its ready line. */
  startedIn: number;
  /** Everything that it has written to its standard output and error so far. */
  said(): string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL after a while; resolves with the exit code. */
  stop(): Promise<number | null>;
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Milliseconds within which a start has to say that it is ready; generous for a busy machine. */
const PATIENCE = 30_000;
/** Milliseconds for a process to end after it was asked to. */
const FAREWELL = 10_000;

/** Runs `understudy COMMAND` to its end. */
export async function runUnderstudy(args: string[], options: UnderstudyOptions): Promise<{ code: number | null; said: string }> {
  const { child, said } = launch(args, options);
  const code = await exitOf(child);
  return { code, said: said() };
}

/** Starts `understudy start`. Rejects with everything that it said when it ends before it is ready. */
export async function startUnderstudy(options: UnderstudyOptions): Promise<Understudy> {
  const began = performance.now();
  const { child, said } = launch(['start', '--port', '0', '--no-drill'], options);
  const exited = exitOf(child);
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`Understudy was not ready after ${PATIENCE} ms: ${said()}`));
    }, PATIENCE);
    const look = (): void => {
      const found = /ready at (http:\/\/\S+:\d+)\n/.exec(said())?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      child.stdout!.off('data', look);
      resolve(found);
    };
    child.stdout!.on('data', look);
    void exited.then((code) => {
      clearTimeout(late);
      reject(new Error(`Understudy ended with ${code} before it was ready: ${said()}`));
    });
  });
  return {
    address,
    port: Number(new URL(address).port),
    pid: child.pid!,
    data: dataOf(options),
    startedIn: performance.now() - began,
    said,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), FAREWELL);
      const code = await exited;
      clearTimeout(late);
      return code;
    },
  };
}

/** Starts `understudy start` and kills it after so many milliseconds, ready or not. */
export async function killedAtStart(options: UnderstudyOptions, after: number): Promise<void> {
  const { child } = launch(['start', '--port', '0', '--no-drill'], options);
  const exited = exitOf(child);
  await new Promise((resolve) => setTimeout(resolve, after));
  child.kill('SIGKILL');
  await exited;
}

/** Resident memory in bytes; from /proc. */
export function resident(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function launch(args: string[], options: UnderstudyOptions): { child: ChildProcess; said: () => string } {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'understudy.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(options.config), { mode: 0o600 });
  const child = spawn(process.execPath, [MAIN, ...args, '--config', file, '--data', dataOf(options)], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, NO_COLOR: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  return { child, said: () => Buffer.concat(pieces).toString('utf8') };
}

function dataOf(options: UnderstudyOptions): string {
  return options.data ?? join(options.folder, 'data');
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}
