import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../src/sim/seeded.ts';
import { failingProvider, mixedConfig, randomQuestion } from '../crash/load.ts';
import { listen } from '../crash/listener.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { startUnderstudy } from '../sockets/understudy.ts';
import { wireReader } from '../../src/drill/wire-reader.ts';

/** What the server held at a moment of the soak. */
export interface Sample {
  /** Milliseconds since the beginning. */
  at: number;
  /** MiB. */
  resident: number;
  /** Open file handles, and those of them that are sockets. */
  handles: number;
  sockets: number;
  /** MiB in the data folder. */
  data: number;
}

export interface Soaked {
  samples: Sample[];
  exchanges: number;
  /** Streams that ended properly, that ended with an error their client can see, and that did neither. */
  whole: number;
  told: number;
  /** What those were told, with how many. */
  reasons: Record<string, number>;
  unclean: string[];
  /** The same figures after the load has gone. */
  rest: Sample;
}

export interface SoakOptions {
  /** Milliseconds. */
  length: number;
  /** Exchanges a second. */
  rate: number;
  seed: number;
  onSample?: (sample: Sample, soaked: Soaked) => void;
}

const SAMPLE_EVERY = 15_000;
/** Kept-alive connections and finished answers are let go of within this. */
const REST = 75_000;

/** A steady load with failing providers, for as long as is asked. */
export async function soak({ length, rate, seed, onSample }: SoakOptions): Promise<Soaked> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-soak-'));
  const sims = await Promise.all(DIALECTS.map((name, index) => failingProvider(name, seed + index)));
  const understudy = await startUnderstudy({ folder, config: { ...mixedConfig(sims), journal: {} } });
  const random = seeded(seed);
  const began = performance.now();
  const soaked: Soaked = { samples: [], exchanges: 0, whole: 0, told: 0, reasons: {}, unclean: [], rest: sample(understudy, began) };
  const asking = new Set<Promise<void>>();
  try {
    let nextSample = 0;
    for (let next = 0; performance.now() - began < length; next += 1000 / rate) {
      const early = next - (performance.now() - began);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const asked = ask(understudy.port, random, soaked).finally(() => asking.delete(asked));
      asking.add(asked);
      if (performance.now() - began < nextSample) continue;
      nextSample += SAMPLE_EVERY;
      soaked.samples.push(sample(understudy, began));
      onSample?.(soaked.samples.at(-1)!, soaked);
    }
    await Promise.all(asking);
    await new Promise((resolve) => setTimeout(resolve, REST));
    soaked.rest = sample(understudy, began);
    return soaked;
  } catch (error) {
    throw new Error(`The soak broke off. Understudy said: ${understudy.said().slice(-3000)}`, { cause: error });
  } finally {
    await understudy.stop();
    await Promise.all(sims.map((sim) => sim.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(port: number, random: () => number, soaked: Soaked): Promise<void> {
  const { dialect, stream, question } = randomQuestion(random);
  const heard = await listen(port, dialect, stream, question);
  soaked.exchanges += 1;
  const body = heard.body.toString();
  if (heard.status !== 200) tell(soaked, body);
  else if (!stream) soaked.whole += heard.ended ? 1 : 0;
  else {
    const reader = wireReader(dialect);
    reader.push(`${body}\n`);
    if (reader.reading.error !== undefined) tell(soaked, JSON.stringify(reader.reading.error));
    else if (reader.reading.finished) soaked.whole += 1;
    else soaked.unclean.push(`${heard.exchange ?? 'no exchange'} (${dialect}): ${body.slice(-200)}`);
  }
}

function tell(soaked: Soaked, said: string): void {
  soaked.told += 1;
  const reason = (/"message":\s*"((?:[^"\\]|\\.)*)"/.exec(said)?.[1] ?? said).replaceAll(/\d+(\.\d+)?/g, 'N').slice(0, 300);
  soaked.reasons[reason] = (soaked.reasons[reason] ?? 0) + 1;
}

function sample({ pid, data }: { pid: number; data: string }, began: number): Sample {
  const handles = readdirSync(`/proc/${pid}/fd`);
  const sockets = handles.filter((handle) => isSocket(`/proc/${pid}/fd/${handle}`)).length;
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return { at: performance.now() - began, resident, handles: handles.length, sockets, data: sizeOf(data) / 1024 ** 2 };
}

/** A handle may be gone between the listing and the look. */
function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
