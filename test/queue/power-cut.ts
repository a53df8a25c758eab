import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { seeded } from '../../src/sim/seeded.ts';
import { startUnderstudy, type Understudy, type UnderstudyOptions } from '../sockets/understudy.ts';
import { mortalProvider, type MortalProvider, type Seen } from './provider.ts';
import { webhook } from './webhook.ts';

export interface PowerCut {
  jobs: number;
  kills: number;
  /** Puts that a kill cut off before they were acknowledged, and that were made again. */
  putAgain: number;
  answered: number;
  /** Requests that the provider saw, of which answered whole, and of those more than one for the same job. */
  seen: number;
  whole: number;
  duplicates: number;
  /** Tellings of the webhook beyond the first. */
  toldAgain: number;
  /** Most requests at once after the provider was back, over `queue.concurrency`. */
  herd: number;
  /** Seconds. */
  took: number;
  /** What was not as it should be. */
  wrong: string[];
}

interface Job {
  name: string;
  rank: number;
  key: string;
  stream: boolean;
  exchange?: string;
  /** Monotonic ms of its acknowledgement. */
  keptAt?: number;
}

const PRIORITIES = ['interactive', 'normal', 'batch'] as const;
const CONCURRENCY = 4;
/** A server is killed within so many milliseconds of its being ready. */
const LIFETIME = 2500;
/** Milliseconds within which requests that were begun together may reach the provider. */
const TOGETHER = 400;
/** Milliseconds for what is left when nobody is killed any more. */
const PATIENCE = 180_000;

/** Jobs are put, killed over, answered by a provider that dies before it acknowledges, and looked at when all is over. */
export async function powerCut({
  jobs: count,
  kills,
  seed,
  said,
}: {
  jobs: number;
  kills: number;
  seed: number;
  said?: (line: string) => void;
}): Promise<PowerCut> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-power-cut-'));
  const random = seeded(seed);
  const provider = await mortalProvider(random);
  const hook = await webhook(random);
  const options: UnderstudyOptions = {
    folder,
    config: {
      providers: { wall: { dialect: 'openai-chat', baseUrl: provider.url, apiKey: 'test' } },
      routes: { default: ['wall/m'] },
      queue: { concurrency: CONCURRENCY },
      local: { find: 'off' },
    },
  };
  const jobs: Job[] = Array.from({ length: count }, (_, number) => ({
    name: `job-${number}`,
    rank: Math.floor(random() * PRIORITIES.length),
    key: `key-${seed}-${number}`,
    stream: random() < 0.5,
  }));
  const result: PowerCut = {
    jobs: count,
    kills: 0,
    putAgain: 0,
    answered: 0,
    seen: 0,
    whole: 0,
    duplicates: 0,
    toldAgain: 0,
    herd: 0,
    took: 0,
    wrong: [],
  };
  let understudy = await startUnderstudy(options);
  const restart = async (): Promise<void> => {
    await understudy.kill();
    result.kills += 1;
    understudy = await startUnderstudy(options);
  };
  try {
    await putAll(jobs, () => understudy, hook.url, { random, kills: Math.floor(kills / 3), restart, result });
    said?.(`${count} requests are kept, ${result.kills} kills, ${((performance.now() - began) / 1000).toFixed(0)} s`);
    for (let kill = Math.floor(kills / 3); kill < kills; kill++) {
      provider.up();
      await wake(understudy);
      await wait(random() * LIFETIME);
      result.herd = Math.max(result.herd, provider.most() / CONCURRENCY);
      if (random() < 0.5) provider.down();
      await wait(random() * 300);
      await restart();
      if (kill % 10 === 9) said?.(`${result.kills} kills, ${await openIn(understudy)} wait`);
    }
    provider.up();
    const until = performance.now() + PATIENCE;
    while ((await openIn(understudy)) > 0 && performance.now() < until) {
      await wake(understudy);
      await wait(500);
    }
    result.herd = Math.max(result.herd, provider.most() / CONCURRENCY);
    await judge(jobs, understudy, provider, hook.told, result);
  } finally {
    await understudy.stop();
    await Promise.all([provider.close(), hook.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
  result.took = (performance.now() - began) / 1000;
  return result;
}

interface Putting {
  random: () => number;
  kills: number;
  restart: () => Promise<void>;
  result: PowerCut;
}

/** Whoever gets no acknowledgement puts it again, under the same key. Meanwhile the server is killed so many times. */
async function putAll(
  jobs: readonly Job[],
  server: () => Understudy,
  notify: string,
  { random, kills, restart, result }: Putting,
): Promise<void> {
  let next = 0;
  const killAt = Array.from({ length: kills }, () => Math.floor(random() * jobs.length)).toSorted((one, other) => one - other);
  let restarting: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    for (let job = jobs[next++]; job; job = jobs[next++]) {
      while (killAt.length > 0 && next >= killAt[0]!) {
        killAt.shift();
        restarting ??= restart().finally(() => (restarting = undefined));
      }
      for (let first = true; ; first = false) {
        const exchange = await put(job, server().address, notify);
        if (exchange !== undefined) {
          job.exchange = exchange;
          job.keptAt = performance.now();
          break;
        }
        if (first) result.putAgain += 1;
        await restarting;
        await wait(50);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  await restarting;
}

async function put({ name, rank, key, stream }: Job, address: string, notify: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${address}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        'x-understudy-queue': 'allow',
        'x-understudy-priority': PRIORITIES[rank]!,
        'x-understudy-notify': notify,
        'x-understudy-deadline': '10h',
      },
      body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: `${name} is asked` }] }),
    });
    const text = await response.text();
    // Kept, or answered or being answered already: another try under the same key.
    return /\bx_[0-9a-hjkmnp-tv-z]{26}\b/.exec(text)?.[0] ?? response.headers.get('x-understudy-exchange') ?? undefined;
  } catch {
    return undefined;
  }
}

async function wake({ address }: Understudy): Promise<void> {
  await fetch(`${address}/api/queue/wake`, { method: 'POST' });
}

async function openIn({ address }: Understudy): Promise<number> {
  const { counts } = (await (await fetch(`${address}/api/queue?limit=1`)).json()) as { counts: { waiting?: number; running?: number } };
  return (counts.waiting ?? 0) + (counts.running ?? 0);
}

async function judge(
  jobs: readonly Job[],
  { address }: Understudy,
  { seen }: MortalProvider,
  told: Map<string, string[]>,
  result: PowerCut,
): Promise<void> {
  const byExchange = new Set<string>();
  for (const job of jobs) {
    const exchange = job.exchange!;
    if (byExchange.has(exchange)) result.wrong.push(`${job.name}: two requests have the id ${exchange}`);
    byExchange.add(exchange);
    const detail = (await (await fetch(`${address}/api/exchanges/${exchange}`)).json()) as { state: string; text?: string; runs?: string };
    if (detail.state !== 'answered') result.wrong.push(`${job.name} (${exchange}) is ${detail.state}`);
    const answer = await (await fetch(`${address}/api/exchanges/${exchange}/answer`)).text();
    const times = answer.split(`the answer to ${job.name}"`).length - 1;
    if (times !== 1) result.wrong.push(`${job.name} (${exchange}) has its answer ${times} times: ${answer.slice(0, 200)}`);
    else result.answered += 1;
  }
  // What is told is told soon after the end.
  await wait(1000);
  for (let patience = 0; patience < 60 && jobs.some((job) => !told.has(job.exchange!)); patience++) await wait(500);
  for (const { name, exchange } of jobs) {
    const states = told.get(exchange!) ?? [];
    if (states.length === 0) result.wrong.push(`${name} (${exchange!}): nobody was told`);
    if (states.some((state) => state !== 'answered')) result.wrong.push(`${name} (${exchange!}): told ${states.join(', ')}`);
    result.toldAgain += Math.max(0, states.length - 1);
  }
  result.seen = seen.length;
  const whole = Map.groupBy(
    seen.filter((each) => each.whole),
    ({ job }) => job,
  );
  result.whole = [...whole.values()].reduce((sum, all) => sum + all.length, 0);
  result.duplicates = result.whole - whole.size;
  for (const complaint of outOfOrder(jobs, seen)) result.wrong.push(complaint);
}

/**
 * No request is begun for the first time while one of a higher class that was kept before has never been begun. Those that are begun together may
 * arrive in any order.
 */
function outOfOrder(jobs: readonly Job[], seen: readonly Seen[]): string[] {
  const first = new Map<string, number>();
  for (const { job, at } of seen) if (!first.has(job)) first.set(job, at);
  // The request itself was tried when it was put: what counts is when the queue asked it first.
  const keptAt = new Map(jobs.map(({ name, keptAt: at }) => [name, at ?? 0]));
  const queued = new Map<string, number>();
  for (const { job, at } of seen) if (!queued.has(job) && at > (keptAt.get(job) ?? 0)) queued.set(job, at);
  const complaints: string[] = [];
  const highest = jobs.filter(({ rank }) => rank < 2);
  for (const low of jobs) {
    const at = queued.get(low.name);
    if (at === undefined || low.rank === 0) continue;
    const passed = highest.find(
      (high) => high.rank < low.rank && (high.keptAt ?? 0) < at - TOGETHER && (queued.get(high.name) ?? Infinity) > at + TOGETHER,
    );
    if (passed) complaints.push(`${low.name} (${PRIORITIES[low.rank]!}) was begun before ${passed.name} (${PRIORITIES[passed.rank]!})`);
  }
  return complaints;
}
