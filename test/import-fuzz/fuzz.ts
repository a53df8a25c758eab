import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportReaders } from '../../src/archive/import/readers.ts';
import type { Reader, Told } from '../../src/archive/import/reader.ts';
import type { ImportReport } from '../../src/archive/import/report.ts';
import { desk } from '../import/builders.ts';
import type { Desk } from '../import/builders.ts';
import { whatIsMissing } from './expected.ts';
import { jsonLike, mutated, mutation, swapped } from './mutate.ts';
import { NAMES, seeds } from './seeds.ts';

export interface Kind {
  inputs: number;
  whole: number;
  part: number;
  refused: number;
  complaints: number;
}

export interface Outcome {
  kinds: Map<string, Kind>;
  complaints: { input: string; complaint: string }[];
}

interface Input {
  kind: string;
  name: string;
  bytes: Buffer;
}

/** Inputs that share an archive: a small one stays quick. */
const SHARE = 1000;
const TWICE = 10;

export async function fuzz({ inputs, seed, progress }: { inputs: number; seed: number; progress?(done: number): void }): Promise<Outcome> {
  const outcome: Outcome = { kinds: new Map(), complaints: [] };
  let at: Desk | undefined;
  try {
    for (let number = 0; number < inputs; number++) {
      if (number % SHARE === 0) {
        at?.remove();
        at = desk();
      }
      const input = inputOf(number, seed);
      const { complaint, result } = await tried(input, at!, number % TWICE === 0);
      const kind = outcome.kinds.get(input.kind) ?? { inputs: 0, whole: 0, part: 0, refused: 0, complaints: 0 };
      outcome.kinds.set(input.kind, kind);
      kind.inputs += 1;
      kind[result] += 1;
      if (complaint !== undefined) {
        kind.complaints += 1;
        outcome.complaints.push({ input: `${input.kind}, number ${number} of seed ${seed}`, complaint });
      }
      progress?.(number + 1);
    }
  } finally {
    at?.remove();
  }
  return outcome;
}

const FILES = seeds();
const INVENTED = fc.array(jsonLike(NAMES), { maxLength: 4 });
const SWAP = jsonLike(NAMES);
const SPOILT = fc.array(mutation, { minLength: 1, maxLength: 4 });

/** The same for the same number and seed. */
export function inputOf(number: number, seed: number): Input {
  const one = <Value>(arbitrary: fc.Arbitrary<Value>): Value => fc.sample(arbitrary, { numRuns: 1, seed: seed + number })[0]!;
  const way = number % 5;
  const file = FILES[Math.floor(number / 5) % FILES.length]!;
  if (way === 4) {
    const list = one(INVENTED);
    const value = number % 2 === 0 ? list : list[0];
    return { kind: 'invented JSON', name: 'invented.json', bytes: Buffer.from(JSON.stringify(value) ?? 'null') };
  }
  if (way === 3 && file.name.endsWith('.json')) {
    const values = fc.sample(SWAP, { numRuns: 4, seed: seed + number });
    // A simple generator will do: which values are replaced matters less than that some are.
    let state = (seed + number) >>> 0;
    const value = swapped(JSON.parse(file.bytes.toString('utf8')), () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % 23 === 0 ? { value: values[state % 4] } : undefined;
    });
    return {
      kind: `${file.kind}, types swapped`,
      name: file.name,
      bytes: Buffer.from(JSON.stringify(value) ?? 'null'),
    };
  }
  return { kind: `${file.kind}, spoilt`, name: file.name, bytes: mutated(file.bytes, one(SPOILT)) };
}

export async function tried(
  { name, bytes }: Input,
  at: Desk,
  isTwice: boolean,
): Promise<{ complaint?: string; result: 'whole' | 'part' | 'refused' }> {
  const path = join(at.folder, name);
  writeFileSync(path, bytes);
  const told: Told[] = [];
  let report: ImportReport;
  try {
    report = await at.import([path], { readers: exportReaders.map((reader) => listening(reader, told)), again: true });
  } catch (error) {
    return { complaint: `it crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, result: 'refused' };
  }
  const conversations = told.filter((each) => each.type === 'conversation');
  const { unreadable, missing, skipped, noted } = report.counts;
  const result = conversations.length === 0 ? 'refused' : unreadable + missing + skipped + noted > 0 ? 'part' : 'whole';
  const mistake = [...report.lists.unreadable].find(({ reason }) => /mistake of Understudy|does not take it/.test(reason));
  const complaint = report.stopped
    ? `it stopped: ${report.stopped.reason}`
    : mistake
      ? mistake.reason
      : (whatIsMissing(name, bytes, told, report) ?? (isTwice ? await whatChanges(path, at) : undefined));
  return { ...(complaint === undefined ? {} : { complaint }), result };
}

async function whatChanges(path: string, at: Desk): Promise<string | undefined> {
  const again = await at.import([path], { again: true });
  const changed = again.sources.find(
    ({ conversations, messages }) => conversations.added + conversations.changed + messages.added + messages.changed > 0,
  );
  return changed && `importing it twice changed something: ${JSON.stringify(changed)}`;
}

function listening(reader: Reader, told: Told[]): Reader {
  return {
    ...reader,
    async *read(file, context) {
      for await (const each of reader.read(file, context)) {
        told.push(each);
        yield each;
      }
    },
  };
}
