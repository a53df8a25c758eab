import type { Archive } from '../store/open.ts';
import type { ToldConversation } from './book.ts';

/**
 * A fork, or a session that was resumed under a new id, tells its history again, with the messages' own ids. It stays whole, so that it
 * can be read by itself; but tokens and dollars of what another session has told before are counted there only.
 */
export function asCopy({ database }: Archive, told: ToldConversation, from: string): ToldConversation {
  const has = database.prepare(
    'SELECT 1 FROM messages WHERE conversation = (SELECT row FROM conversations WHERE source = ? AND key = ?) AND key = ?',
  );
  const messages = told.messages.map((message) => {
    if (has.get(told.head.source, from, message.key) === undefined) return message;
    const { usage: _, cost: __, ...rest } = message;
    return { ...rest, extras: { ...message.extras, toldBefore: from } };
  });
  return { ...told, head: { ...told.head, extras: { ...told.head.extras, forkedFrom: from } }, messages };
}
