import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '../../exchange/result.ts';

const change = z.object({
  /** As the tool names it, and where that really is. */
  path: z.string(),
  real: z.string(),
  /** Its copy from before, in the journal's folder; null: there was no file. */
  before: z.string().nullable(),
  /** Permissions that it had. */
  mode: z.number().nullable(),
  /** SHA-256 of what it was made to say. */
  after: z.string(),
  /** Folders that were made for it, outermost first. */
  folders: z.array(z.string()),
  added: z.discriminatedUnion('type', [
    z.object({ type: z.literal('copy') }),
    /** Servers by name, with the SHA-256 of each: their values are in nobody's journal. */
    z.object({ type: z.literal('members'), at: z.array(z.string()), entries: z.record(z.string(), z.string()) }),
    /** The first and last line of the block, and the SHA-256 of it. */
    z.object({ type: z.literal('block'), first: z.string(), last: z.string(), hash: z.string() }),
  ]),
});
const run = z.object({ id: z.string(), at: z.number(), from: z.string(), changes: z.array(change) });
const journal = z.object({ version: z.literal(1), runs: z.array(run) });

export type JournaledChange = z.infer<typeof change>;
export type MirrorRun = z.infer<typeof run>;

/** What was mirrored and not yet taken back: `mirrored.json` in a folder of its own, beside copies of the files from before. For its owner only. */
export interface MirrorJournal {
  folder: string;
  runs: MirrorRun[];
}

export function openJournal(folder: string): Result<MirrorJournal, string> {
  const file = join(folder, NAME);
  if (!existsSync(file)) return ok({ folder, runs: [] });
  try {
    const read = journal.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? ok({ folder, runs: read.data.runs }) : err(`${file} is not what a mirror wrote; move it away to begin anew`);
  } catch (error) {
    return err(`${file} can't be read (${error instanceof Error ? error.message : String(error)}); move it away to begin anew`);
  }
}

/** Whole at every moment. */
export function saveJournal({ folder, runs }: MirrorJournal): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const draft = join(folder, `${NAME}.new`);
  writeFileSync(draft, `${JSON.stringify({ version: 1, runs }, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, join(folder, NAME));
}

const NAME = 'mirrored.json';
