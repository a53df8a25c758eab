import { DatabaseSync } from 'node:sqlite';
import { parseObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import { err, ok } from '../../../exchange/result.ts';
import type { Result } from '../../../exchange/result.ts';
import { countIn } from '../line-reader.ts';
import type { TranscriptDatabase } from '../transcript-database.ts';
import { type StoredMessage, tellSession } from './messages.ts';

/** opencode waits for nobody; neither do we for long. Milliseconds. */
const BUSY = 2000;

/** Sessions of which something has changed after a time. A part that is written does not touch its session's own row. */
const CHANGED = `
  SELECT id, max(at) AS at FROM (
    SELECT id, time_updated AS at FROM session WHERE time_updated >= :since
    UNION ALL SELECT session_id, time_updated FROM message WHERE time_updated >= :since
    UNION ALL SELECT session_id, time_updated FROM part WHERE time_updated >= :since
  ) GROUP BY id ORDER BY at`;

/** An opencode database (1.18: `opencode.db`), opened to read only. */
export function openOpencode(path: string): Result<TranscriptDatabase, string> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY });
    const tables = new Set(
      database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all()
        .map(({ name }) => String(name)),
    );
    const lacking = ['session', 'message', 'part'].filter((name) => !tables.has(name));
    if (lacking.length > 0) {
      database.close();
      return err(`it has no table ${lacking.join(', ')}; there are: ${[...tables].join(', ')}`);
    }
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(error instanceof Error ? error.message : String(error));
  }
  const opened = database;
  const changed = opened.prepare(CHANGED);
  const session = opened.prepare('SELECT * FROM session WHERE id = ?');
  const messages = opened.prepare('SELECT id, data FROM message WHERE session_id = ? ORDER BY time_created, id');
  const parts = opened.prepare('SELECT id, message_id, data FROM part WHERE session_id = ? ORDER BY message_id, id');

  return ok({
    changed: (since) => changed.all({ since }).map(({ id, at }) => ({ id: String(id), at: Number(at) })),
    session(id, counts) {
      const row = session.get(id);
      if (!row) return undefined;
      const stored = new Map<string, StoredMessage>();
      for (const { id: message, data } of messages.all(id)) {
        const value = parseObject(String(data));
        if (value) stored.set(String(message), { id: String(message), data: value, parts: [] });
        else countIn(counts.unknown, 'message that is no JSON');
      }
      for (const { id: part, message_id, data } of parts.all(id)) {
        const value = parseObject(String(data));
        const message = stored.get(String(message_id));
        if (value && message) message.parts.push({ id: String(part), data: value });
        else countIn(counts.unknown, value ? 'part without its message' : 'part that is no JSON');
      }
      const told: JsonObject = {
        id: String(row['id']),
        title: String(row['title'] ?? ''),
        directory: String(row['directory'] ?? ''),
        version: String(row['version'] ?? ''),
        ...(typeof row['parent_id'] === 'string' ? { parentID: row['parent_id'] } : {}),
        time: { created: Number(row['time_created']), updated: Number(row['time_updated']) },
      };
      return tellSession(told, [...stored.values()], counts);
    },
    close: () => opened.close(),
  });
}
