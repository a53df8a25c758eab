/** What a process and its children have cost, from /proc (Linux only). */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time (user and system) in nanoseconds. Threads that have ended are lost: long-lived ones only. */
export interface CpuTime {
  /** Of all threads and of child processes. */
  all: number;
  /** Of the main thread, which streams wait for. */
  main: number;
}

export function cpuTime(pid: number): CpuTime {
  let all = 0;
  for (const process of family(pid)) for (const thread of threadsOf(process)) all += spent(process, thread);
  return { all, main: spent(pid, String(pid)) };
}

function spent(process: number, thread: string): number {
  return Number(read(`/proc/${process}/task/${thread}/schedstat`).split(' ')[0]);
}

/** Resident memory now and at its highest, in MiB. */
export function memory(pid: number): { resident: number; highest: number } {
  let resident = 0;
  let highest = 0;
  for (const process of family(pid)) {
    const status = read(`/proc/${process}/status`);
    resident += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    highest += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }
  return { resident: resident / 1024, highest: highest / 1024 };
}

function family(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean));
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A thread may end between the listing and the reading. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
