import { found } from './loose.ts';
import { headOf } from './gather.ts';
import { shapeOf } from './head-keys.ts';
import { Unreadable } from './reader.ts';
import type { Reader, SourceFile } from './reader.ts';
import { headText } from './utf8.ts';

/** A file and who reads it. */
export interface Assigned {
  file: SourceFile;
  reader: Reader;
  what: string;
}

/** For files that nobody recognises by their beginning: perhaps the first conversation is a long one. */
const LONGER_HEAD = 8 * 2 ** 20;

export async function assigned(files: readonly SourceFile[], readers: readonly Reader[]): Promise<Assigned[]> {
  const all: Assigned[] = [];
  for (const file of files) {
    const one = recognised(file, readers) ?? (await recognisedLater(file, readers));
    if (one) all.push(one);
  }
  return all;
}

function recognised(file: SourceFile, readers: readonly Reader[], given = file): Assigned | undefined {
  for (const reader of readers) {
    const what = reader.recognises(file);
    if (what !== undefined) return { file: given, reader, what };
  }
  return undefined;
}

async function recognisedLater(file: SourceFile, readers: readonly Reader[]): Promise<Assigned | undefined> {
  if (file.size <= file.head.length || !(shapeOf(file) || isPage(file))) return undefined;
  try {
    return recognised({ ...file, head: headText(await headOf(file.open(), LONGER_HEAD)) }, readers, file);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Pages of exports begin with a long style sheet. */
function isPage({ head }: SourceFile): boolean {
  return /^\s*<(!doctype\s+html|html)/i.test(head);
}

/** What a file is that nobody recognises, and what would be. */
export function unknown(file: SourceFile): { reason: string; found: string } {
  return { reason: 'no export that is known here; understudy import --help lists what is', found: beginning(file) };
}

function beginning(file: SourceFile): string {
  if (file.size === 0) return 'an empty file';
  const shape = shapeOf(file);
  if (shape?.isEmpty) return `JSON, an empty ${shape.top}`;
  if (shape) {
    const keys = [...shape.keys].slice(0, 16).map((key) => key.slice(0, 40));
    return `JSON, ${shape.top === 'list' ? 'a list' : 'an object'} with the keys ${keys.join(', ') || '(none)'}`;
  }
  return String(found(file.head.slice(0, 60)));
}

/** Whether it looks like data that somebody might have meant to import; pictures and the like do not. */
export function looksLikeData({ head, path }: SourceFile): boolean {
  return shapeOf({ head }) !== undefined || /\.(jsonl?|html?|zip|ndjson)$/i.test(path);
}
