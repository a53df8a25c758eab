import { DIALECTS, type BenchDialect } from './wire.ts';

/** What is asked of each proxy. */
export interface Case {
  name: string;
  /** What the client speaks. The bare proxy has a provider of this dialect behind it, whatever `target` says: it passes all on as it is. */
  client: BenchDialect;
  /** What Understudy's provider speaks. */
  target: BenchDialect;
  stream: boolean;
  /** Bytes of the request body. */
  size: number;
  /** Chunks a second and in all, for streams. */
  pace?: { rate: number; chunks: number };
  requests: number;
  concurrency: number;
  /** The bar: Understudy's CPU as a multiple of the bare proxy's (issue 2; issue 3 where another dialect answers). */
  aim?: number;
}

const SMALL = { stream: false, size: 0, requests: 1500, concurrency: 32 };
const LARGE = { stream: false, size: 100_000, requests: 300, concurrency: 32 };
/** 100 streams x 50 chunks a second for three seconds. */
const PACED = { stream: true, size: 0, pace: { rate: 50, chunks: 150 }, requests: 100, concurrency: 100 };
const BURST = { stream: true, size: 0, pace: { rate: 0, chunks: 2000 }, requests: 16, concurrency: 8 };

/** All cases of clients that speak `client`: answered in their own dialect first, then in each of the others. */
export function casesOf(client: BenchDialect): Case[] {
  const own = `${client}:`;
  const same = { client, target: client };
  return [
    { name: `${own} small request`, ...same, ...SMALL, aim: 1.6 },
    { name: `${own} 100 KB request`, ...same, ...LARGE, aim: 1.5 },
    { name: `${own} paced stream`, ...same, ...PACED, aim: 1.15 },
    { name: `${own} burst stream`, ...same, ...BURST },
    ...DIALECTS.filter((target) => target !== client).flatMap((target): Case[] => [
      { name: `${own} 100 KB request answered by ${target}`, client, target, ...LARGE, aim: 3 },
      { name: `${own} paced stream answered by ${target}`, client, target, ...PACED, aim: 2 },
    ]),
  ];
}

/** The same cases, a fraction as long: proves the harness, not the product. */
export function quick(one: Case): Case {
  const pace = one.pace && { ...one.pace, chunks: one.pace.rate > 0 ? 50 : 500 };
  return { ...one, requests: one.pace?.rate ? one.requests : Math.ceil(one.requests / 5), ...(pace && { pace }) };
}

/** Begins with the dialect of the provider, as the routes of `variants.ts` do. */
export function modelFor(one: Case): string {
  const kind = one.stream ? 'stream' : 'whole';
  return one.pace ? `${one.target}-${kind}-${one.pace.rate}-${one.pace.chunks}` : `${one.target}-${kind}`;
}
