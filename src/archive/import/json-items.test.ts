import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../test/property-seed.ts';
import { jsonItems } from './json-items.ts';
import type { JsonItem } from './json-items.ts';

/** The text in pieces of this many bytes. */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function itemsOf(text: string, size = 7, most = 1e6): Promise<{ items: JsonItem[]; problem?: string }> {
  const items: JsonItem[] = [];
  try {
    for await (const item of jsonItems(pieces(text, size), { most, lists: ['conversations'] })) items.push(item);
    return { items };
  } catch (error) {
    return { items, problem: (error as Error).message };
  }
}

describe('JSON taken apart', () => {
  it('gives the elements of a list and the members of an object, wherever its bytes are split', async () => {
    const size = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), size, fc.boolean(), async (list, each, isSpaced) => {
        const { items, problem } = await itemsOf(JSON.stringify(list, null, isSpaced ? 2 : 0), each);
        expect(problem).toBeUndefined();
        expect(items.map(({ value }) => value.ok && value.value)).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), size, async (object, each) => {
        const { conversations: _, ...plain } = object;
        const { items, problem } = await itemsOf(JSON.stringify(plain), each);
        expect(problem).toBeUndefined();
        expect(items.map(({ key, value }) => [key, value.ok && value.value])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(plain)) as object),
        );
      }),
    );
  });

  it('takes a list within an object apart, too', async () => {
    const { items } = await itemsOf('{"v": 1, "conversations": [{"a": "]"}, [2]], "w": {}}');
    expect(items.map(({ where }) => where)).toEqual(['.v', '.conversations[0]', '.conversations[1]', '.w']);
  });

  it.each([
    ['', 'it is empty'],
    ['hello', 'it is no JSON list or object; it begins with "hello"'],
    ['[1, {"a": "b', 'it is cut off after 12 bytes, in the middle of [1], which began at byte 4'],
    ['[1] []', 'something follows its end (byte 4): "[]"'],
    ['[1, 2}', 'it is damaged at byte 5: "}"'],
    ['{"a": }', 'its member a has no value (byte 6)'],
  ])('%s: %s', async (text, problem) => {
    expect((await itemsOf(text, 100)).problem).toBe(problem);
  });

  it('loses only the piece that is damaged or too large', async () => {
    const { items, problem } = await itemsOf(`[1, {"a": nul}, "${'x'.repeat(60)}", 2]`, 7, 50);
    expect(problem).toBeUndefined();
    expect(items.map(({ value }) => value.ok)).toEqual([true, false, false, true]);
  });
});
