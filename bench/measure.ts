/** One measurement: a job through one proxy, and what it cost the proxy's process. */
import type { Case } from './cases.ts';
import { modelFor } from './cases.ts';
import { cpuTime, type CpuTime } from './process-cost.ts';
import type { Generator, Running } from './servers.ts';
import { percentile } from './statistics.ts';

export interface Measurement {
  /** CPU in microseconds per unit: a chunk where streamed, else a request. */
  cost: number;
  /** Share of it on the main thread, 0 to 1. */
  mainShare: number;
  /** Milliseconds to the first words (or to the whole answer). */
  waitMedian: number;
  waitTail: number;
  /** Units a second. */
  rate: number;
  wrong: number;
  problems: string[];
}

/** A second: 50 chunk intervals, so that 100 streams fall evenly over them. */
const SPREAD = 1000;

export async function measure(one: Case, proxy: Running, load: Generator): Promise<Measurement> {
  const before = cpuTime(proxy.pid);
  const { client, size, stream, requests, concurrency } = one;
  const result = await load.run({
    origin: proxy.origin,
    dialect: client,
    model: modelFor(one),
    size,
    stream,
    requests,
    concurrency,
    spread: one.pace?.rate ? SPREAD : 0,
  });
  const after = await settled(proxy.pid);
  const spent = after.all - before.all;
  const units = stream ? result.chunks : requests;
  return {
    cost: spent / 1000 / units,
    mainShare: (after.main - before.main) / spent,
    waitMedian: percentile(result.waits, 0.5),
    waitTail: percentile(result.waits, 0.99),
    rate: units / (result.took / 1000),
    wrong: result.wrong,
    problems: result.problems,
  };
}

/** What a proxy does after the answer (writing its record) belongs to the answer: waits until it has calmed down, 3 s at most. */
async function settled(pid: number): Promise<CpuTime> {
  let before = cpuTime(pid);
  for (let look = 0; look < 30; look++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = cpuTime(pid);
    // Less than 2 % of a core: idle.
    if (now.all - before.all < 2e6) return now;
    before = now;
  }
  return before;
}
