import { isObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { jsonItems } from './json-items.ts';
import { found } from './loose.ts';
import type { SourceFile, Told } from './reader.ts';
import { asUtf8 } from './utf8.ts';

/** Where an object stands in its file. */
export interface Place {
  /** `export.zip › conversations.json[17]`. */
  where: string;
  index: number;
}

type Convert = (value: JsonObject, place: Place) => Iterable<Told> | AsyncIterable<Told>;

/** Tells of each object in a list (or in a member of the whole that is one): what can't be read costs only itself. */
export async function* eachObject(
  file: SourceFile,
  { most, lists = [] }: { most: number; lists?: readonly string[] },
  convert: Convert,
): AsyncGenerator<Told> {
  for await (const { where: inner, value, mended, index } of jsonItems(asUtf8(file.open()), { most, lists })) {
    const where = `${file.where}${inner}`;
    if (index === undefined) {
      yield { type: 'skipped', where, reason: `no list of ${lists.join(' or ')}`, ...(value.ok ? { found: found(value.value) } : {}) };
      continue;
    }
    if (mended !== undefined) yield { type: 'noted', where, reason: mended };
    if (!value.ok) yield { type: 'unreadable', where, reason: value.error };
    else if (!isObject(value.value)) yield { type: 'unreadable', where, reason: 'it should be an object', found: found(value.value) };
    else yield* guarded(() => convert(value.value as JsonObject, { where, index }), where);
  }
}

/** The object that a file is. What of it can't be read is told, and the rest is taken. */
export async function* wholeObject(file: SourceFile, { most }: { most: number }, convert: Convert): AsyncGenerator<Told> {
  const whole: JsonObject = {};
  for await (const { where, key, value, mended } of jsonItems(asUtf8(file.open()), { most })) {
    if (mended !== undefined) yield { type: 'noted', where: `${file.where}${where}`, reason: mended };
    if (!value.ok) yield { type: 'unreadable', where: `${file.where}${where}`, reason: value.error };
    else if (key !== undefined) whole[key] = value.value;
  }
  yield* guarded(() => convert(whole, { where: file.where, index: 0 }), file.where);
}

/** A build that a reader did not reckon with must not cost what follows it. */
async function* guarded(work: () => Iterable<Told> | AsyncIterable<Told>, where: string): AsyncGenerator<Told> {
  try {
    yield* work();
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    yield {
      type: 'unreadable',
      where,
      reason: `a mistake of Understudy's: ${error.message}. Please report it with the conversation's build`,
    };
  }
}
