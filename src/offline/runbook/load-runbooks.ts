import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunbookHint } from '../../watch/runbooks.ts';
import { readRunbook, type Runbook, type RunbookProblem } from './read-runbook.ts';

/** Runbooks that could be read, by name, and what is wrong with the others. */
export interface Runbooks {
  runbooks: Runbook[];
  problems: RunbookProblem[];
}

const OURS = fileURLToPath(new URL('../runbooks/', import.meta.url));
/** Files of one folder, and bytes of one: a runbook is a page. */
const MOST_FILES = 200;
const LARGEST = 64 * 1024;

/** Ours, and those of the named folders (absolute). One that cannot be read keeps nobody from the others. */
export function loadRunbooks(folders: readonly string[]): Runbooks {
  const found = new Map<string, Runbook>();
  const problems: RunbookProblem[] = [];
  for (const folder of [OURS, ...folders]) {
    for (const file of filesIn(folder, problems)) {
      const path = join(folder, file);
      const name = file.replace(/\.md$/i, '').toLowerCase().replaceAll(/\s+/g, '-');
      const content = contentOf(path);
      if (typeof content !== 'string') {
        problems.push({ path, ...content });
        continue;
      }
      const read = readRunbook(name, path, content, folder === OURS);
      if (read.ok) found.set(name, read.value);
      else problems.push(...read.error);
    }
  }
  return { runbooks: [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)), problems };
}

/** What the watch has to know of them. */
export function hintsOf(runbooks: readonly Runbook[]): RunbookHint[] {
  return runbooks.map(({ name, title, products, verdicts, scopes }) => ({ name, title, products, verdicts, scopes }));
}

/** `june.md, line 3: when.verdict is none of down, degraded, over`. */
export function problemText({ path, line, message }: RunbookProblem): string {
  return `${path}${line === undefined ? '' : `, line ${line}`}: ${message}`;
}

function filesIn(folder: string, problems: RunbookProblem[]): string[] {
  try {
    const files = readdirSync(folder)
      .filter((file) => /\.md$/i.test(file) && !file.startsWith('.') && file.toLowerCase() !== 'readme.md')
      .toSorted();
    if (files.length > MOST_FILES)
      problems.push({ path: folder, message: `it has more than ${MOST_FILES} runbooks; the rest is not read` });
    return files.slice(0, MOST_FILES);
  } catch (error) {
    problems.push({ path: folder, message: `it can't be read: ${error instanceof Error ? error.message : String(error)}` });
    return [];
  }
}

function contentOf(path: string): string | { message: string } {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const found = fstatSync(file);
    if (!found.isFile()) return { message: 'it is no file' };
    if (found.size > LARGEST) return { message: `it is larger than ${LARGEST / 1024} KiB` };
    const bytes = Buffer.alloc(found.size);
    const read = readSync(file, bytes, 0, bytes.length, 0);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, read));
  } catch (error) {
    return { message: error instanceof TypeError ? 'it is not UTF-8' : error instanceof Error ? error.message : String(error) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
