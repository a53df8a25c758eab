import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Takes away what imports that were killed have left half written: theirs are the names with the ids of processes that are no more. */
export function clearRemains(incoming: string): void {
  for (const name of readdirSync(incoming)) {
    const [, pid] = /^(?:import|unpacked)-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(incoming, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One that is somebody else's runs as well.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
