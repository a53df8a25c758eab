import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isObject, type Json, parseObject } from '../../src/exchange/json.ts';
import type { Text } from './texts.ts';

const FOLDER = resolve(import.meta.dirname, '../../../shared/corpora/vercel-ai-fixtures');
/** Shorter answers have no middle. */
const SHORTEST = 300;
/** As much of a long one as is looked at. */
const LONGEST = 4000;

/** Answers that real models gave, where the recordings are at hand. */
export function recordedTexts(): Text[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  const found = new Set<string>();
  for (const file of files.toSorted())
    for (const text of textsIn(parseObject(readFileSync(join(FOLDER, file), 'utf8')) ?? null))
      if (text.length >= SHORTEST) found.add(text.slice(0, LONGEST));
  return [...found].map((text) => ({ kind: 'recorded answers', text }));
}

/** What stands under `text` or `content`, wherever. */
function textsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (name === 'text' || name === 'content' ? [inner] : []) : inner === undefined ? [] : textsIn(inner),
  );
}
