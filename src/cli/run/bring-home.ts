import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject } from '../../exchange/json.ts';
import type { Ready } from '../clients/client.ts';
import { merged } from '../clients/json-file.ts';

/** What programs hold or write for a moment only. */
const PASSING = /\.(?:lock|tmp)$/;

/**
 * Brings to the user what a client has written in a folder that stood for the user's own: files that are new or were replaced since then. JSON
 * objects are merged into what is there, because another process of the client may have written too. Returns sentences on what could not be kept.
 */
export function bringHome({ from, to, except }: NonNullable<Ready['home']>, since: number): string[] {
  const troubles: string[] = [];
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    const found = lstatSync(path);
    if (except.includes(name) || PASSING.test(name) || found.isSymbolicLink() || found.mtimeMs < since) continue;
    try {
      mkdirSync(to, { recursive: true, mode: 0o700 });
      if (found.isDirectory()) cpSync(path, join(to, name), { recursive: true, force: false });
      else if (found.isFile()) replace(join(to, name), readFileSync(path));
    } catch (error) {
      troubles.push(`${join(to, name)} could not be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return troubles;
}

function replace(path: string, bytes: Buffer): void {
  const ours = parseObject(bytes.toString('utf8'));
  const theirs = ours && parseObject(textOf(path));
  const whole = `${path}.${process.pid}.tmp`;
  writeFileSync(whole, ours && theirs ? JSON.stringify(merged(theirs, ours), null, 2) : bytes, { mode: 0o600 });
  renameSync(whole, path);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
