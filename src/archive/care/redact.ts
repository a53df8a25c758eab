import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { err, ok, type Result } from '../../exchange/result.ts';
import { openLedger, type KeptFile } from '../protect/ledger.ts';
import { cleanCopy } from '../protect/redacted-copy.ts';
import type { Finder } from '../redaction/finder.ts';
import { redactText, type Note } from '../redaction/redact-text.ts';
import { SHORTEST_REMEMBERED } from '../redaction/remembered.ts';
import type { Archive } from '../store/open.ts';
import { redactionKey, rememberTexts } from '../store/redactions.ts';
import { inTransaction } from '../store/transaction.ts';
import { finishErasures, handoffsIn } from './delete.ts';
import { planDeletion } from './deletion-plan.ts';
import {
  beginErasure,
  earlierStates,
  erasureName,
  holdForErasing,
  nowWiping,
  unfinishedErasures,
  wipe,
  type Erasing,
  type InUse,
} from './erasing.ts';
import { shrink } from './forget-exchanges.ts';
import { filesWith } from './files-with.ts';
import { findInMessages, nextRevision, redactMessages, type MessagePlaces } from './redact-messages.ts';
import { findInOriginals, forgetOriginals, rewriteOriginals, type RedactedOriginal } from './redact-originals.ts';
import { findInRecord, redactRecord, type RecordedPlaces } from './redact-record.ts';
import { holdsConversation } from './verify.ts';

export interface RedactionPlan {
  /** Ids of those that are looked into, with their sub-agents' and the same sessions as others tell them; absent: everything is. */
  conversations?: string[];
  /** How many different texts were found, and how often. */
  texts: number;
  places: number;
  messages: MessagePlaces;
  originals: RedactedOriginal[];
  copies: { file: KeptFile; becomes: 'rewritten' | 'removed' }[];
  /** Files of hand-overs. */
  handoffs: string[];
  record: RecordedPlaces;
  /** Of the texts: so many are too short to be known when they come again. */
  short: number;
}

export interface Redaction {
  plan: RedactionPlan;
  /** The same was begun before, and was cut off: there is something to do even where nothing is found any more. */
  wasCutOff: boolean;
  /** Takes it out. Returns where it still is, or may be: places that we don't write into. Again after a crash, it does the rest. */
  run(): string[];
  /** Lets go of the data folder. */
  close(): void;
}

export interface RedactionOptions {
  finder: Finder;
  /** What was asked for, such as the text itself; only a keyed hash of it is kept, until it is done. */
  asked: string;
  /** Ids of conversations, once the archive is up to date; absent: everything that is kept. */
  within?: (archive: Archive) => readonly string[];
  /** Keep nothing by which the texts are known when they come again. */
  once: boolean;
  /** UTC milliseconds. */
  now: number;
}

/**
 * Finds all that is to go, and finishes what was cut off before. A server must not run, as for a deletion; until `close` none can start. Throws
 * what SQLite and node:fs throw.
 */
export async function openRedaction(archive: Archive, dataFolder: string, options: RedactionOptions): Promise<Result<Redaction, InUse>> {
  const held = holdForErasing(archive, dataFolder, options.now);
  if (!held.ok) return err(held.error);
  try {
    finishErasures(archive, held.value, options.now);
    const begun = unfinishedErasures(archive.database).find(({ name }) => name === nameOf(archive, options.asked));
    // A search may not find any more what was begun by it.
    const ids = options.within && [...new Set([...options.within(archive), ...(begun?.conversations ?? [])])];
    const texts = new Map<string, string>();
    let places = 0;
    const plan = await planOf(archive, held.value, options.finder, ids, (text, instead) => {
      places += 1;
      texts.set(text, instead);
    });
    const short = [...texts.keys()].filter((text) => text.length < SHORTEST_REMEMBERED).length;
    const told = { ...plan, texts: texts.size, places, short };
    const run = (): string[] => {
      redactPlanned(archive, held.value, told, { ...options, texts });
      return stillIn(archive, dataFolder, told, [...texts.keys()]);
    };
    return ok({ plan: told, wasCutOff: begun !== undefined, run, close: held.value.close });
  } catch (error) {
    held.value.close();
    throw error;
  }
}

type Places = Omit<RedactionPlan, 'texts' | 'places' | 'short'>;

async function planOf(
  archive: Archive,
  { record }: Erasing,
  finder: Finder,
  ids: readonly string[] | undefined,
  note: Note,
): Promise<Places> {
  const family = ids && planDeletion(archive, ids);
  const rows =
    family &&
    rowsOf(
      archive,
      family.conversations.map(({ id }) => id),
    );
  const ledger = openLedger(archive);
  const files = family ? [...family.copies, ...ledger.all().filter(({ copy }) => family.shared.includes(copy))] : ledger.all();
  const handoffs = handoffsIn(archive).filter((path) => !family || family.conversations.some(({ id }) => path.includes(id)));
  return {
    ...(family && { conversations: family.conversations.map(({ id }) => id) }),
    messages: findInMessages(archive, finder, rows, note),
    originals: await findInOriginals(archive, originalsOf(archive, rows, family?.exports ?? []), finder, note),
    copies: files.flatMap((file) => {
      const becomes = cleanCopy(archive, ledger, file, finder, note, true);
      return becomes === 'same' ? [] : [{ file, becomes }];
    }),
    handoffs: handoffs.filter((path) => {
      const text = readFileSync(path, 'utf8');
      return redactText(text, finder, note) !== text;
    }),
    record: record ? findInRecord(record.database, finder, family?.exchanges, note) : { requests: [], answers: [] },
  };
}

interface Running extends RedactionOptions {
  texts: ReadonlyMap<string, string>;
}

/** What is asked for by its name is there until the last transaction, so that the same command goes on after a crash. */
function redactPlanned(archive: Archive, { record }: Erasing, plan: RedactionPlan, running: Running): void {
  const { finder, asked, texts, once, now } = running;
  const { conversations: ids } = plan;
  const { database } = archive;
  const name = nameOf(archive, asked);
  const wasCutOff = unfinishedErasures(database).some((each) => each.name === name);
  beginErasure(database, { name, kind: 'redact', at: now, conversations: ids ?? [] });
  // Remembered first: nothing that comes in from now on has it.
  if (!once) inTransaction(database, () => rememberTexts(database, texts, ids, now));
  if (record && (wasCutOff || plan.record.requests.length + plan.record.answers.length > 0)) {
    redactRecord(record.database, finder, plan.record);
    shrink(record.database);
  }
  const ledger = openLedger(archive);
  for (const { file } of plan.copies) cleanCopy(archive, ledger, file, finder, () => undefined);
  for (const path of plan.handoffs) rewriteFile(path, finder);
  const instead = rewriteOriginals(archive, plan.originals, finder, now);
  const titles = redactMessages(archive, finder, plan.messages, instead);
  inTransaction(database, () => {
    forgetOriginals(archive, instead, nextRevision(archive));
    if (!ids) redactNotes(archive, finder);
    nowWiping(database, name);
  });
  wipe(archive, wasCutOff ? 'unknown' : titles);
}

/** Texts that are looked for afterwards, byte by byte. */
const LOOKED_FOR = 20;

/** Conversations that are called by it (their ids), backups that may hold it, and files of the data folder that have it in their raw bytes all the same. */
function stillIn(archive: Archive, dataFolder: string, { messages, conversations }: RedactionPlan, texts: readonly string[]): string[] {
  const rows = [...messages.messages.keys()];
  const ids = archive.database
    .prepare('SELECT id FROM conversations WHERE row IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(rows))
    .map(({ id }) => String(id));
  const states = earlierStates(dataFolder, (path) => ids.length === 0 || ids.some((id) => holdsConversation(path, id, archive.key)));
  // Within some conversations only: the others may have it.
  return conversations
    ? [...messages.named, ...states]
    : [...messages.named, ...states, ...filesWith(dataFolder, texts.slice(0, LOOKED_FOR), states)];
}

function nameOf({ database }: Archive, asked: string): string {
  return erasureName('redact', createHmac('sha256', redactionKey(database)).update(asked).digest('hex'));
}

/** What is remembered of files and of what could not be read. */
function redactNotes({ database }: Archive, finder: Finder): void {
  const columns = [
    ['marks', 'value', "name <> 'redaction/key'"],
    ['originals', 'name', 'name IS NOT NULL'],
    ['exchange_titles', 'title', 'true'],
    ['exchange_skips', 'reason', 'true'],
  ] as const;
  for (const [table, column, where] of columns) {
    const change = database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ?`);
    for (const { value } of database.prepare(`SELECT DISTINCT ${column} AS value FROM ${table} WHERE ${where}`).all()) {
      const clean = redactText(String(value), finder, () => undefined);
      if (clean !== value) change.run(clean, String(value));
    }
  }
}

function rewriteFile(path: string, finder: Finder): void {
  if (!existsSync(path)) return;
  writeFileSync(
    `${path}.new`,
    redactText(readFileSync(path, 'utf8'), finder, () => undefined),
    { mode: 0o600, flush: true },
  );
  renameSync(`${path}.new`, path);
}

function rowsOf({ database }: Archive, ids: readonly string[]): number[] {
  return database
    .prepare('SELECT row FROM conversations WHERE id IN (SELECT value FROM json_each(?)) ORDER BY row')
    .all(JSON.stringify(ids))
    .map(({ row }) => Number(row));
}

/** Of conversations those that they name; `exports`: that may hold them. */
function originalsOf({ database }: Archive, conversations: readonly number[] | undefined, exports: readonly string[]): string[] {
  const named = conversations
    ? database
        .prepare(
          `SELECT DISTINCT sha256 FROM message_files JOIN messages ON messages.row = message
            WHERE conversation IN (SELECT value FROM json_each(?)) ORDER BY sha256`,
        )
        .all(JSON.stringify(conversations))
    : database.prepare('SELECT sha256 FROM originals ORDER BY sha256').all();
  return [...new Set([...named.map(({ sha256 }) => String(sha256)), ...exports])];
}
