/** Searches an archive and prints what it took, as JSON: `node bench/archive/search.ts FOLDER SEED COUNT [KIND NUMBER]`. With a kind: that one query of it alone, opening included. */
import { openArchiveToRead } from '../../src/archive/store/open.ts';
import { messageOfRow } from '../../src/archive/store/read.ts';
import { searchableOf } from '../../src/archive/search/searchable.ts';
import { searchingIn, type Searching } from '../../src/archive/search/search.ts';
import { systemClock } from '../../src/exchange/clock.ts';
import { percentile, seeded, shuffled } from '../statistics.ts';
import { queryKinds, type QueryKind } from './queries.ts';
import { languages } from './words.ts';

export interface KindReport {
  name: string;
  example: string;
  /** Milliseconds: of the clock, and of the processor. */
  p50: number;
  p99: number;
  cpu50: number;
  cpu99: number;
  /** Share of the queries that found something, that found more than was ranked, that stopped when their time was up. */
  found: number;
  more: number;
  late: number;
}

export interface SearchReport {
  kinds: KindReport[];
  /** MiB. */
  memory: number;
}

/** As the server's default. */
const PATIENCE = 80;

function open(folder: string): { searching: Searching; texts: () => string[] } {
  const opened = openArchiveToRead(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const { database } = opened.value;
  const last = Number(database.prepare('SELECT max(row) AS row FROM messages').get()?.['row']);
  const one = database.prepare('SELECT * FROM messages WHERE row = ?');
  return {
    searching: searchingIn(opened.value, systemClock),
    texts() {
      const random = seeded(7);
      return Array.from({ length: 2000 }, () => one.get(1 + Math.floor(random() * last)))
        .filter((row) => row !== undefined)
        .flatMap((row) => searchableOf(messageOfRow(row)).map(({ text }) => text));
    },
  };
}

function kindsOf(texts: readonly string[], seed: number, count: number): QueryKind[] {
  const random = seeded(seed);
  return queryKinds(languages(random), texts, count, random);
}

function measured(searching: Searching, { name, queries }: QueryKind): KindReport {
  const took: number[] = [];
  const cpu: number[] = [];
  let found = 0;
  let more = 0;
  let late = 0;
  for (const text of queries) {
    const before = process.cpuUsage();
    const start = performance.now();
    const result = searching.search({ text, limit: 20, patience: PATIENCE });
    took.push(performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
    if (result.conversations.length > 0) found += 1;
    if (result.hits.more) more += 1;
    if (result.stoppedAt !== undefined) late += 1;
  }
  const sorted = took.toSorted((one, other) => one - other);
  const spent = cpu.toSorted((one, other) => one - other);
  return {
    name,
    example: queries[0] ?? '',
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    cpu50: percentile(spent, 0.5),
    cpu99: percentile(spent, 0.99),
    found: found / queries.length,
    more: more / queries.length,
    late: late / queries.length,
  };
}

const [folder = '', seed = '1', count = '100', kind, number] = process.argv.slice(2);
if (kind !== undefined) {
  // The query is handed over: reading texts to make it would warm the archive up.
  const start = performance.now();
  const { searching } = open(folder);
  searching.search({ text: Buffer.from(number ?? '', 'base64').toString(), limit: 20, patience: 10_000 });
  process.stdout.write(`${performance.now() - start}\n`);
} else {
  const { searching, texts } = open(folder);
  const kinds = kindsOf(texts(), Number(seed), Number(count));
  // All kinds take turns, so that none has the caches to itself; each has been asked a little before it counts.
  for (const each of kinds)
    for (const text of each.queries.slice(0, 3)) searching.search({ text: `${text} `, limit: 20, patience: PATIENCE });
  const order = shuffled(kinds, seeded(3));
  const byName = new Map(order.map((each) => [each.name, measured(searching, each)]));
  const report: SearchReport = { kinds: kinds.map(({ name }) => byName.get(name)!), memory: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(
    `${JSON.stringify({ ...report, queries: kinds.map(({ name, queries }) => ({ name, queries: queries.slice(0, 5) })) })}\n`,
  );
}
