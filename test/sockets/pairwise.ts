/** How many rows with a wanted pair are looked at before the best of them is taken. */
const LOOKED_AT = 40;

/**
 * Rows out of `rows` such that every pair of values that occurs in some row occurs in a chosen one. `values` gives a row's
 * value of each factor, in the same order for every row. Greedy: the rarest pair first, by the row that brings the most new
 * ones; deterministic for the same `random` (numbers in [0, 1)).
 */
export function pairwise<Row>(rows: readonly Row[], values: (row: Row) => readonly string[], random: () => number): Row[] {
  const numbers = new Map<string, number>();
  const coded = rows.map((row) => values(row).map((value, factor) => numberOf(numbers, `${factor} ${value}`)));
  const width = numbers.size;
  const rowsOf = new Map<number, number[]>();
  for (const [index, row] of coded.entries()) {
    for (const pair of pairsOf(row, width)) {
      const known = rowsOf.get(pair);
      if (known) known.push(index);
      else rowsOf.set(pair, [index]);
    }
  }

  const missing = new Set(rowsOf.keys());
  const chosen: number[] = [];
  for (const [pair, having] of [...rowsOf].toSorted(([, one], [, other]) => one.length - other.length)) {
    if (!missing.has(pair)) continue;
    let best = having[0]!;
    let most = 0;
    for (let look = 0; look < Math.min(LOOKED_AT, having.length); look++) {
      const index = having.length <= LOOKED_AT ? having[look]! : having[Math.floor(random() * having.length)]!;
      const brings = pairsOf(coded[index]!, width).filter((each) => missing.has(each)).length;
      if (brings > most) [best, most] = [index, brings];
    }
    chosen.push(best);
    for (const each of pairsOf(coded[best]!, width)) missing.delete(each);
  }
  return chosen.toSorted((one, other) => one - other).map((index) => rows[index]!);
}

function numberOf(numbers: Map<string, number>, name: string): number {
  let number = numbers.get(name);
  if (number === undefined) numbers.set(name, (number = numbers.size));
  return number;
}

function pairsOf(row: readonly number[], width: number): number[] {
  const pairs: number[] = [];
  for (let first = 0; first < row.length; first++) {
    for (let second = first + 1; second < row.length; second++) pairs.push(row[first]! * width + row[second]!);
  }
  return pairs;
}
