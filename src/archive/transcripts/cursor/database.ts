import { DatabaseSync } from 'node:sqlite';
import { err, ok } from '../../../exchange/result.ts';
import type { Result } from '../../../exchange/result.ts';
import { isObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import { listIn, timeIn } from '../fields.ts';
import { countIn } from '../line-reader.ts';
import type { TranscriptDatabase } from '../transcript-database.ts';
import { objectOf, tellComposer } from './composer.ts';

/** Cursor waits for nobody; neither do we for long. Milliseconds. */
const BUSY = 2000;

/** Keys of conversations and of their messages. Nothing else of the database is read: it has its users' credentials, too. */
const COMPOSER = 'composerData:';
const BUBBLE = 'bubbleId:';
/** Chats of a Cursor before 0.43, in the databases of single folders. */
const OLD_CHATS = 'workbench.panel.aichat.view.aichat.chatdata';

/** `globalStorage/state.vscdb`, opened to read only. */
export function openCursor(path: string): Result<TranscriptDatabase, string> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY });
    return opened(database);
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(error instanceof Error ? error.message : String(error));
  }
}

function opened(database: DatabaseSync): Result<TranscriptDatabase, string> {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name));
  if (!tables.includes('cursorDiskKV')) {
    const isOld = tables.includes('ItemTable') && database.prepare('SELECT 1 FROM ItemTable WHERE key = ?').get(OLD_CHATS) !== undefined;
    database.close();
    if (isOld) return err('its chats are of a build before conversations had tables, which is not read here');
    return err(`it has no table cursorDiskKV; there are: ${tables.join(', ')}`);
  }
  const all = database.prepare('SELECT key, value FROM cursorDiskKV WHERE key >= ? AND key < ?');
  const one = database.prepare('SELECT value FROM cursorDiskKV WHERE key = ?');
  const heads = tables.includes('composerHeaders') ? database.prepare('SELECT value FROM composerHeaders WHERE composerId = ?') : undefined;
  const parents = new Map<string, string>();

  function row(key: string): JsonObject | undefined {
    return objectOf(one.get(key)?.['value']);
  }

  return ok({
    changed(since) {
      const found: { id: string; at: number }[] = [];
      for (const { key, value } of all.iterate(COMPOSER, `${COMPOSER}\u{10ffff}`)) {
        const id = String(key).slice(COMPOSER.length);
        const composer = objectOf(value);
        // What can't be read is told each time that it is looked for.
        const at = composer ? (timeIn(composer, 'lastUpdatedAt') ?? timeIn(composer, 'createdAt') ?? since) : since;
        if (at >= since) found.push({ id, at });
        for (const name of ['subagentComposerIds', 'subComposerIds'])
          for (const child of composer ? listIn(composer, name) : []) if (typeof child === 'string') parents.set(child, id);
      }
      return found.toSorted((left, right) => left.at - right.at);
    },
    session(id, counts) {
      const stored = one.get(`${COMPOSER}${id}`)?.['value'];
      // What was deleted leaves an empty row.
      if (stored === undefined || stored === null) return undefined;
      const composer = objectOf(stored);
      if (!composer) {
        countIn(counts.unknown, 'conversation that is no JSON');
        return undefined;
      }
      const head = objectOf(heads?.get(id)?.['value']);
      const parent = parents.get(id);
      return tellComposer(id, composer, {
        bubble: (bubble) => row(`${BUBBLE}${id}:${bubble}`),
        ...(isObject(head) && { head }),
        ...(parent !== undefined && { parent }),
        counts,
      });
    },
    close: () => database.close(),
  });
}
