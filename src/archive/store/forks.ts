import type { ArchivedMessage, ConversationHead, SourceName } from '../conversation.ts';
import type { Archive } from './open.ts';

/** A conversation as somebody tells it. */
interface Told {
  head: ConversationHead;
  messages: ArchivedMessage[];
}

/** Tells a conversation with what of it another session has told before. */
export type Forks = <Each extends Told>(told: Each) => Each;

/** Clients that write a fork's history again under the ids that its messages had. Others' ids mean something within one conversation only. */
const COPIED: ReadonlySet<SourceName> = new Set(['claude-code', 'codex', 'gemini-cli', 'qwen-code', 'copilot-cli', 'pi']);
/** What stands in for an id that a line does not have. */
const NO_ID = /^line-\d+$/;

const OWN_ROW = 'SELECT row FROM conversations WHERE source = ? AND key = ?';
const OWN_BEGINNING = 'SELECT key FROM messages WHERE conversation = ? AND parent IS NULL ORDER BY place LIMIT 1';
/**
 * The first that was put away; itself does not count, so that telling it again comes to the same. By the messages: SQLite would go through all conversations
 * of the source, each time.
 */
const SAME_BEGINNING = `
  SELECT conversations.key, conversations.row
  FROM messages INDEXED BY messages_beginnings CROSS JOIN conversations ON conversations.row = messages.conversation
  WHERE messages.key = ? AND messages.parent IS NULL AND conversations.source = ? AND conversations.row < ? ORDER BY conversations.row LIMIT 1`;
const HAS = 'SELECT 1 FROM messages WHERE conversation = ? AND key = ?';

/**
 * A fork, or a session that was resumed under a new id, tells its history again, with the messages' own ids. It stays whole, so that it
 * can be read by itself; but tokens and dollars of what another session has told before are counted there only. The same whoever reads it: an
 * import of a session's file, or its protection.
 */
export function forksIn({ database }: Pick<Archive, 'database'>): Forks {
  const ownRow = database.prepare(OWN_ROW);
  const ownBeginning = database.prepare(OWN_BEGINNING);
  const sameBeginning = database.prepare(SAME_BEGINNING);
  const has = database.prepare(HAS);

  function originOf({ head: { source, key }, messages }: Told): { row: number; key: string } | undefined {
    if (!COPIED.has(source)) return undefined;
    const own = ownRow.get(source, key)?.['row'];
    const beginning =
      messages.find(({ parent }) => parent === undefined)?.key ?? (own === undefined ? undefined : ownBeginning.get(Number(own))?.['key']);
    if (typeof beginning !== 'string' || NO_ID.test(beginning)) return undefined;
    const found = sameBeginning.get(beginning, source, own === undefined ? Number.MAX_SAFE_INTEGER : Number(own));
    return found && { row: Number(found['row']), key: String(found['key']) };
  }

  return (told) => {
    const origin = originOf(told);
    if (!origin) return told;
    const messages = told.messages.map((message) => {
      if (has.get(origin.row, message.key) === undefined) return message;
      const { usage: _, cost: __, ...rest } = message;
      return { ...rest, extras: { ...message.extras, toldBefore: origin.key } };
    });
    return { ...told, head: { ...told.head, extras: { ...told.head.extras, forkedFrom: origin.key } }, messages };
  };
}
