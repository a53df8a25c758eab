/** What is asked of each proxy. */
export interface Case {
  name: string;
  /** Sent to a provider of the client's own dialect, or of the other one. The bare proxy passes both on as they are. */
  target: 'same' | 'cross';
  stream: boolean;
  /** Bytes of the request body. */
  size: number;
  /** Chunks a second and in all, for streams. */
  pace?: { rate: number; chunks: number };
  requests: number;
  concurrency: number;
  /** The bar: Understudy's CPU as a multiple of the bare proxy's (issue 2). */
  aim?: number;
}

const SMALL = { stream: false, size: 0, requests: 1500, concurrency: 32 };
const LARGE = { stream: false, size: 100_000, requests: 300, concurrency: 32 };
/** 100 streams x 50 chunks a second for three seconds. */
const PACED = { stream: true, size: 0, pace: { rate: 50, chunks: 150 }, requests: 100, concurrency: 100 };
const BURST = { stream: true, size: 0, pace: { rate: 0, chunks: 2000 }, requests: 16, concurrency: 8 };

export const CASES: Case[] = [
  { name: 'small request', target: 'same', ...SMALL, aim: 1.6 },
  { name: '100 KB request', target: 'same', ...LARGE, aim: 1.5 },
  { name: 'paced stream', target: 'same', ...PACED, aim: 1.15 },
  { name: 'burst stream', target: 'same', ...BURST },
  { name: '100 KB request, other dialect', target: 'cross', ...LARGE, aim: 3 },
  { name: 'paced stream, other dialect', target: 'cross', ...PACED, aim: 2 },
];

/** The same cases, a fraction as long: proves the harness, not the product. */
export function quick(one: Case): Case {
  const pace = one.pace && { ...one.pace, chunks: one.pace.rate > 0 ? 50 : 500 };
  return { ...one, requests: one.pace?.rate ? one.requests : Math.ceil(one.requests / 5), ...(pace && { pace }) };
}

export function modelFor(one: Case): string {
  const kind = one.stream ? 'stream' : 'whole';
  return one.pace ? `${one.target}-${kind}-${one.pace.rate}-${one.pace.chunks}` : `${one.target}-${kind}`;
}
