import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/** What a backup says of itself. It is written last, so a folder without one is no backup. */
export interface Manifest {
  /** UTC milliseconds. */
  madeAt: number;
  /** Rows of tables that people ask about, by database and table: `archive.conversations`. */
  counts: Record<string, number>;
  files: BackedUpFile[];
}

export interface BackedUpFile {
  /** Below the backup's folder, and below the data folder: `archive/originals/ab/ab…`. */
  path: string;
  size: number;
  sha256: string;
}

/** A backup's fault: which file, and what about it. */
export interface Damage {
  path: string;
  reason: string;
}

const NAME = 'manifest.json';
const VERSION = 1;
/** A backup may come from elsewhere, and writes nowhere but into the data folder. */
const BELOW = /^(?:archive\.db|record\.db|state\.json|encryption\.json|archive\/.+|log\/\d{8}\.seg)$/;

/** `digest` is of all the rest: a manifest that has lost lines would call a damaged backup whole. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ understudy: 'backup', version: VERSION, ...manifest, digest: digestOf(manifest) }, undefined, 1)}\n`;
}

export function manifestPath(backup: string): string {
  return join(backup, NAME);
}

export function readManifest(backup: string): Result<Manifest, Damage> {
  const path = manifestPath(backup);
  if (!existsSync(path)) return err({ path: NAME, reason: 'it is not there: this is no (finished) backup' });
  const value = parseObject(readFileSync(path, 'utf8'));
  if (!value || value['understudy'] !== 'backup') return err({ path: NAME, reason: 'it is damaged, or no backup’s' });
  if (value['version'] !== VERSION) return err({ path: NAME, reason: 'it was written by a newer Understudy: update this one' });
  const { madeAt, counts, files, digest } = value;
  if (typeof madeAt !== 'number' || !isObject(counts) || !Array.isArray(files)) return err({ path: NAME, reason: 'it is damaged' });
  const manifest = { madeAt, counts, files } as unknown as Manifest;
  if (digestOf(manifest) !== digest) return err({ path: NAME, reason: 'it is damaged: its lines are not what was written' });
  const odd = manifest.files.find(({ path: file }) => !BELOW.test(file) || file.split('/').includes('..'));
  return odd ? err({ path: NAME, reason: `it names a file that no backup has: ${odd.path}` }) : ok(manifest);
}

function digestOf({ madeAt, counts, files }: Manifest): string {
  return createHash('sha256').update(JSON.stringify({ madeAt, counts, files })).digest('hex');
}
