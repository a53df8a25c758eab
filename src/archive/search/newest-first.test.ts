import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newestFirst, type Listing } from './newest-first.ts';
import type { Shard } from './shards.ts';

const SHARDS = fc.array(fc.uniqueArray(fc.nat(200), { minLength: 1 }), { maxLength: 6 });

/** A document is of the millisecond that is its number. */
function shardsOf(documents: readonly number[][]): (Shard & { end: number })[] {
  return documents.map((some, index) => ({
    shard: index + 1,
    documents: some.length,
    oldest: Math.min(...some),
    newest: Math.max(...some),
    end: Math.max(...some) + 1,
  }));
}

function listings(documents: readonly number[][]) {
  const open = new Set<number>();
  let asked = 0;
  let begun = 0;
  function list({ shard }: Shard): Listing {
    const rest = documents[shard - 1]!.toSorted((one, other) => other - one);
    open.add(shard);
    begun += 1;
    return {
      next() {
        asked += 1;
        const document = rest.shift();
        return document === undefined ? undefined : { document, message: document, conversation: shard, at: document };
      },
      close: () => void open.delete(shard),
    };
  }
  return { list, open, counts: () => ({ asked, begun }) };
}

test('is the list that all shards together would give, asks for little more than it takes, and closes what it opened', () => {
  fc.assert(
    fc.property(SHARDS, fc.integer({ min: 1, max: 50 }), (documents, most) => {
      const { list, open, counts } = listings(documents);
      const taken = newestFirst(shardsOf(documents), () => false, list).take(most);
      const all = documents.flat().toSorted((one, other) => other - one);
      expect(taken.found.map(({ hit }) => hit.document)).toEqual(all.slice(0, most));
      expect(taken.more).toBe(all.length > most);
      expect(taken.late).toBeUndefined();
      expect(counts().asked).toBeLessThanOrEqual(taken.found.length + counts().begun);
      expect(open.size).toBe(0);
    }),
  );
});

test('leaves shards alone that are older than all that it takes', () => {
  const documents = [[100, 101, 102], [50], [1, 2, 3]];
  const { list, counts } = listings(documents);
  expect(newestFirst(shardsOf(documents), () => false, list).take(2).more).toBe(true);
  expect(counts().begun).toBe(1);
});

test('when the time is up it gives what it has found, and says from when on not all was looked at', () => {
  fc.assert(
    fc.property(SHARDS, fc.integer({ min: 1, max: 50 }), fc.nat(60), (documents, most, looks) => {
      let left = looks;
      const { list, open } = listings(documents);
      const { found, more, late } = newestFirst(shardsOf(documents), () => left-- <= 0, list).take(most);
      const all = documents.flat().toSorted((one, other) => other - one);
      const seen = found.map(({ hit }) => hit.document);
      expect(seen).toEqual(seen.toSorted((one, other) => other - one));
      const newer = late === undefined ? all : all.filter((document) => document > late);
      expect(seen.slice(0, newer.length)).toEqual(newer.slice(0, most));
      expect(more).toBe(late !== undefined || all.length > most);
      expect(seen.length).toBeGreaterThanOrEqual(Math.min(1, all.length));
      expect(open.size).toBe(0);
    }),
  );
});
