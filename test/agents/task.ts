import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const STEPS = 10;

/** What an agent is asked for: ten commands, each of which builds on what the one before has left. */
export const QUESTION = `Please work through the list. [sim rounds=${STEPS} bash=./step {round}]`;

/** Each step's file holds a checksum of the one before: a step that is missing, doubled or out of order changes all that follow. */
const STEP = `#!/bin/sh
echo "$1" >> executions.txt
{ cat chain.txt; echo "$1"; } | cksum > chain.next
mv chain.next chain.txt
cp chain.txt "part-$1.txt"
# No real command ends at once.
sleep 0.2
echo "step $1: $(cat chain.txt)"
`;

/** The repository before the task. */
export function writeRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'step'), STEP);
  chmodSync(join(folder, 'step'), 0o755);
  writeFileSync(join(folder, 'chain.txt'), 'the beginning\n');
}

/** Contents of all files that the task makes, by name. */
export function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => /^(chain|part-\d+|executions)\.txt$/.test(name));
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The files as a shell makes them that goes through the list by itself. */
export function expectedFiles(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-task-'));
  try {
    writeRepository(folder);
    for (let step = 1; step <= STEPS; step++) execFileSync(join(folder, 'step'), [String(step)], { cwd: folder });
    return filesOf(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The numbers of the steps in the order in which they were taken. */
export function stepsTaken(files: Readonly<Record<string, string>>): number[] {
  return (files['executions.txt'] ?? '').split('\n').filter(Boolean).map(Number);
}
