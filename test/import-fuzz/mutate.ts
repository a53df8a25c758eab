import fc from 'fast-check';

/** Text cut, doubled, swapped and flipped, as torn downloads, editors and bad disks do. */
export type Mutation =
  | { type: 'flip'; at: number; bit: number }
  | { type: 'delete'; at: number; length: number }
  | { type: 'double'; at: number; length: number }
  | { type: 'insert'; at: number; text: string }
  | { type: 'cut'; at: number };

/** Places are shares of the whole, so that one mutation fits every file. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const length = fc.integer({ min: 1, max: 400 });

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ type: fc.constant('flip' as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ type: fc.constant('delete' as const), at: place, length }),
  fc.record({ type: fc.constant('double' as const), at: place, length }),
  fc.record({
    type: fc.constant('insert' as const),
    at: place,
    text: fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\0', '\uFEFF', '<', 'null', '-1e999', '"\\ud800"', '[[[[[['),
    ),
  }),
  fc.record({ type: fc.constant('cut' as const), at: place }),
);

export function mutated(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  let result = bytes;
  for (const each of mutations) {
    const at = Math.min(result.length, Math.floor(each.at * result.length));
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    if (each.type === 'cut') result = before;
    else if (each.type === 'insert') result = Buffer.concat([before, Buffer.from(each.text), after]);
    else if (each.type === 'delete') result = Buffer.concat([before, after.subarray(each.length)]);
    else if (each.type === 'double') result = Buffer.concat([before, after.subarray(0, each.length), after]);
    else if (after.length > 0) {
      result = Buffer.from(result);
      result[at] = result[at]! ^ (1 << each.bit);
    }
  }
  return result;
}

/** Any JSON, with names that exports use among its keys. */
export function jsonLike(names: readonly string[]): fc.Arbitrary<unknown> {
  const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string({ maxLength: 8 }) });
  const leaf = fc.oneof(
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1e300,
      1.5,
      '',
      'text',
      'human',
      'assistant',
      'tool',
      'user',
      'code',
      'root',
      '1970-01-01',
      '9999-99-99',
      '__proto__',
      'sediment://file_1',
      '[{"type":"text"}]',
      '[{',
      '\ud800',
      '\0',
    ),
    fc.string({ maxLength: 20 }),
    fc.double(),
    fc.integer(),
  );
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 6 }),
    ),
  })).value;
}

/** The same JSON with some of its values replaced by values of any kind: types swapped, fields gone. */
export function swapped(value: unknown, replace: () => { value: unknown } | undefined): unknown {
  const other = replace();
  if (other) return other.value;
  if (Array.isArray(value)) return value.map((one) => swapped(one, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, swapped(one, replace)]));
}
