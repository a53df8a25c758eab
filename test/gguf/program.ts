import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PROGRAM = resolve(import.meta.dirname, '../../bin/understudy');

export interface Place {
  folder: string;
  environment: Record<string, string>;
}

export interface Ran {
  code: number | null;
  /** Standard output and standard error, as they came. */
  said: string;
}

/** The real program, as its user runs it. */
export function understudy(place: Place, ...words: string[]): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(PROGRAM, words, { cwd: place.folder, env: place.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text: Buffer) => void (said += text));
    child.stderr.on('data', (text: Buffer) => void (said += text));
    child.on('error', failed);
    child.on('close', (code) => done({ code, said }));
  });
}

export interface Server {
  address: string;
  pid: number;
  /** The engine's process, while there is one. Linux only. */
  engine(): number | undefined;
  stop(): Promise<void>;
}

/** `understudy start`, up to its address. */
export function startServer(place: Place, ...words: string[]): Promise<Server> {
  return new Promise((ready, failed) => {
    const child = spawn(PROGRAM, ['start', ...words], { cwd: place.folder, env: place.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const closed = new Promise<void>((resolved) => {
      child.on('close', () => resolved());
    });
    const hear = (text: Buffer): void => {
      said += text;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address === undefined) return;
      const pid = child.pid!;
      ready({
        address,
        pid,
        engine: () => descendants(pid).find((one) => commandOf(one).includes('embedded/worker')),
        async stop() {
          child.kill('SIGTERM');
          await closed;
        },
      });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', failed);
    child.on('close', (code) => failed(new Error(`understudy start ended with ${code}: ${said}`)));
  });
}

/** Who started a process. */
export function parentOf(pid: number): number {
  const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return Number(parent);
}

/** Whether a process is there, other than as a memory of its parent's. */
export function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), parentOf(Number(name)));
    } catch {
      // It has gone meanwhile.
    }
  }
  const isBelow = (one: number | undefined): boolean => one !== undefined && one !== 0 && (one === pid || isBelow(parents.get(one)));
  return [...parents.keys()].filter((one) => one !== pid && isBelow(parents.get(one)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
