import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningFolder, type Surroundings } from '../config/paths.ts';
import { parseObject } from '../exchange/json.ts';
import { whoHolds } from '../journal/lock.ts';

/** A server of this user, as it says of itself while it runs. */
export interface Announced {
  /** `http://127.0.0.1:4141`; the real port also where a free one was asked for. */
  address: string;
  pid: number;
  /** Its data folder; absolute. */
  data: string;
  /** Its configuration file; absolute. Absent: it runs without one. */
  config?: string;
  /** UTC milliseconds. */
  started: number;
}

/** Says that a server runs, so that any command finds it. Returns how to take that back; one that was killed is found out by its lock. */
export function announce(server: Announced, surroundings: Surroundings): () => void {
  const folder = runningFolder(surroundings);
  const file = join(folder, `${server.pid}.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  } catch {
    // A home that cannot be written: it serves all the same, and is found by its data folder or with --url.
  }
  return () => rmSync(file, { force: true });
}

/** The servers that run, the youngest first. What a dead one has left behind is cleared away. */
export function announced(surroundings: Surroundings): Announced[] {
  const folder = runningFolder(surroundings);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const file = join(folder, name);
      const server = readAnnounced(file);
      if (server === undefined) return [];
      const { held, holder } = whoHolds(server.data);
      // The lock dies with its process, and a number is soon another's: both have to fit.
      if (held && (holder === undefined || holder.pid === server.pid)) return [server];
      rmSync(file, { force: true });
      return [];
    })
    .toSorted((one, other) => other.started - one.started);
}

/** Nothing where it is half written. */
function readAnnounced(file: string): Announced | undefined {
  try {
    const { address, pid, data, config, started } = parseObject(readFileSync(file, 'utf8')) ?? {};
    if (typeof address !== 'string' || !URL.canParse(address) || typeof pid !== 'number') return undefined;
    if (typeof data !== 'string' || typeof started !== 'number') return undefined;
    return { address, pid, data, started, ...(typeof config === 'string' && { config }) };
  } catch {
    return undefined;
  }
}
