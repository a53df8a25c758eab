import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from '../exchange/result.ts';
import { err } from '../exchange/result.ts';
import { FAULTS } from '../sim/faults/catalogue.ts';
import type { Script } from './script.ts';
import { readScript, type Suggest } from './script.ts';
import { describe } from './yaml-problem.ts';

const OWN = new URL('./scripts/', import.meta.url);

/** Names of the scripts that come along: `2026-06-02`, `first-look`, … */
export function ownScripts(): string[] {
  return readdirSync(OWN)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .toSorted();
}

/** Reads one of our own scripts by name, or a file by path. The error is lines of text for the person who wrote it. */
export function loadScript(nameOrPath: string, suggest: Suggest = () => undefined): Result<Script, string[]> {
  const own = ownScripts().includes(nameOrPath);
  const path = own ? fileURLToPath(new URL(`${nameOrPath}.yaml`, OWN)) : nameOrPath;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const near = suggest(nameOrPath, ownScripts());
    const meant = near === undefined ? '' : ` Did you mean ${near}?`;
    return err([`There is no script \`${nameOrPath}\`.${meant} Ours are: ${ownScripts().join(', ')}; or give the path of a file.`]);
  }
  const script = readScript(
    text,
    FAULTS.map((fault) => fault.id),
    suggest,
  );
  return script.ok ? script : err(script.error.map((problem) => describe(path, problem)));
}
