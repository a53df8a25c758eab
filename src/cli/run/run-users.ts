import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject } from '../../exchange/json.ts';
import { whoHolds } from '../../journal/lock.ts';

/** Which `understudy run` processes use the Understudy of a data folder: the last to leave ends one that was started for them only. */
export interface RunUsers {
  /** Writes down that this server was started by `run` and is nobody's in particular. */
  started(pid: number): void;
  /** Whether this process is the one, of several, that tells the user of a switch. */
  speaks(): boolean;
  /** Leaves. Ends the server if it was started for `run` and nobody else uses it. */
  leave(): void;
}

export function joinUsers(data: string, self: number): RunUsers {
  const folder = join(data, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mine = join(folder, `${self}.user`);
  const server = join(folder, 'server.json');
  writeFileSync(mine, '');

  function others(): number[] {
    const pids = readdirSync(folder).flatMap((name) => (/^\d+\.user$/.test(name) ? [Number.parseInt(name, 10)] : []));
    const [alive, gone] = [pids.filter(lives), pids.filter((pid) => !lives(pid))];
    // What a killed process has left behind.
    for (const pid of gone) rmSync(join(folder, `${pid}.user`), { force: true });
    return alive.filter((pid) => pid !== self);
  }

  return {
    started: (pid) => writeFileSync(server, JSON.stringify({ pid })),
    speaks: () => others().every((pid) => pid > self),
    leave() {
      rmSync(mine, { force: true });
      if (others().length > 0) return;
      const pid = startedPid(server);
      rmSync(server, { force: true });
      // Only the process that holds the folder now: a number may have gone to another program since.
      if (pid !== undefined && whoHolds(data).holder?.pid === pid && lives(pid)) process.kill(pid, 'SIGTERM');
    },
  };
}

function startedPid(file: string): number | undefined {
  try {
    const pid = parseObject(readFileSync(file, 'utf8'))?.['pid'];
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
