import type { ArchivedMessage, ConversationHead } from './conversation.ts';

/**
 * Understudy's own export: a text file of JSON Lines (UTF-8, `\n`), which the importer reads back without loss. In order:
 *
 *     {"understudy":"archive","version":1,"exportedAt":"2026-11-22T20:00:00.000Z"}
 *     {"conversation":{…}}       a ConversationHead (conversation.ts)
 *     {"message":{…}}            its ArchivedMessages, in their order; those of the conversation last named
 *     …
 *     {"end":{"conversations":2,"messages":17}}
 *
 * Files that messages hold as `{"type":"stored","sha256":…}` lie beside it as `originals/<sha256>`, in the folder or zip that it is in.
 * A file without its last line is torn. Readers pass over lines with keys that they do not know, and say so.
 */
export const EXPORT_VERSION = 1;

/** Folder beside the file, for the bytes of files. */
export const ORIGINALS_FOLDER = 'originals';

export type ExportLine =
  | { understudy: 'archive'; version: number; exportedAt: string }
  | { conversation: ConversationHead }
  | { message: ArchivedMessage }
  | { end: { conversations: number; messages: number } };

/** One line with its end. */
export function exportLine(line: ExportLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Lines of an export of these conversations; `now` in UTC milliseconds. */
export function* exportLines(
  conversations: Iterable<{ head: ConversationHead; messages: Iterable<ArchivedMessage> }>,
  now: number,
): Generator<string> {
  const end = { conversations: 0, messages: 0 };
  yield exportLine({ understudy: 'archive', version: EXPORT_VERSION, exportedAt: new Date(now).toISOString() });
  for (const { head, messages } of conversations) {
    end.conversations += 1;
    yield exportLine({ conversation: head });
    for (const message of messages) {
      end.messages += 1;
      yield exportLine({ message });
    }
  }
  yield exportLine({ end });
}
