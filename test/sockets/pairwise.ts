/** How many rows with a wanted pair are looked at before the best of them is taken. */
const LOOKED_AT = 40;

/**
 * Rows out of `rows` such that every pair of values that occurs in some row occurs in a chosen one, in their order. `values` gives a
 * row's value of each factor, in the same order for every row. Greedy: the rarest pair first, by the row of a sample that brings the most
 * new ones; deterministic for the same `random` (numbers in [0, 1)). Of the rows, of which there may be millions, only samples are kept.
 */
export function pairwise<Row>(rows: Iterable<Row>, values: (row: Row) => readonly unknown[], random: () => number): Row[] {
  const codeOf = coder();
  /** By the numbers of the pair's two values. */
  const having: Sample<Row>[][] = [];
  let index = 0;
  for (const row of rows) {
    const known: Known<Row> = { index: index++, row, code: codeOf(values(row)) };
    eachPair(known.code, (one, other) => {
      const samples = (having[one] ??= []);
      const sample = (samples[other] ??= { rows: [], seen: 0, missing: true });
      take(sample, known, random);
    });
  }

  const newIn = ({ code }: Known<Row>): Sample<Row>[] => {
    const found: Sample<Row>[] = [];
    eachPair(code, (one, other) => {
      const sample = having[one]![other]!;
      if (sample.missing) found.push(sample);
    });
    return found;
  };
  const chosen: Known<Row>[] = [];
  for (const sample of having.flat().toSorted((one, other) => one.seen - other.seen)) {
    if (!sample.missing) continue;
    const brings = sample.rows.map((known) => ({ known, pairs: newIn(known) }));
    const best = brings.reduce((one, other) => (other.pairs.length > one.pairs.length ? other : one));
    chosen.push(best.known);
    for (const pair of best.pairs) pair.missing = false;
  }
  return chosen.toSorted((one, other) => one.index - other.index).map(({ row }) => row);
}

interface Known<Row> {
  index: number;
  row: Row;
  code: readonly number[];
}

/** Some of the rows that have a pair, each as likely as any other. */
interface Sample<Row> {
  rows: Known<Row>[];
  /** How many have it. */
  seen: number;
  /** In none of the chosen rows. */
  missing: boolean;
}

function take<Row>(sample: Sample<Row>, known: Known<Row>, random: () => number): void {
  sample.seen += 1;
  const place = sample.rows.length < LOOKED_AT ? sample.rows.length : Math.floor(random() * sample.seen);
  if (place < LOOKED_AT) sample.rows[place] = known;
}

/** Numbers for values; the same value of two factors has two. */
function coder(): (values: readonly unknown[]) => number[] {
  const numbers: Map<unknown, number>[] = [];
  let next = 0;
  return (values) =>
    values.map((value, factor) => {
      const known = (numbers[factor] ??= new Map());
      let number = known.get(value);
      if (number === undefined) known.set(value, (number = next++));
      return number;
    });
}

function eachPair(code: readonly number[], pair: (one: number, other: number) => void): void {
  for (let first = 0; first < code.length; first++) {
    for (let second = first + 1; second < code.length; second++) pair(code[first]!, code[second]!);
  }
}
