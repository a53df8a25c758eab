import { createHash } from 'node:crypto';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';

export interface Tidied {
  head: ConversationHead;
  messages: ArchivedMessage[];
  /** What was not as it should be, and what was made of it. */
  notes: string[];
  /** Ends that the conversation has. */
  branches: number;
}

/** No assistant of today existed before: an earlier time is a wrong clock. UTC milliseconds. */
const EARLIEST = Date.UTC(2015, 0);
/** How far a source's clock may be ahead of ours. */
const AHEAD = 48 * 60 * 60 * 1000;

/**
 * What every conversation is before it is put into the archive, whatever its source does: keys that are there once, parents that
 * lead to a beginning, text that can be stored. The same in gives the same out.
 */
export function tidied(head: ConversationHead, told: readonly ArchivedMessage[], now: number): Tidied {
  const notes: string[] = [];
  const messages = withoutRings(uniquelyNamed(told.map(storable), notes), notes);
  const wrong = [head.createdAt, head.updatedAt, ...messages.map(({ at }) => at)].filter(
    (at) => at !== undefined && (at < EARLIEST || at > now + AHEAD),
  );
  if (wrong.length > 0) notes.push(`its clock was wrong: ${new Date(wrong[0]!).toISOString().slice(0, 10)}; kept as it is`);
  const parents = new Set(messages.map(({ parent }) => parent));
  return { head: storableHead(head), messages, notes, branches: messages.filter(({ key }) => !parents.has(key)).length };
}

/** Whole characters, and no NUL, which SQLite's text functions take for its end. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400');
}

function storableHead(head: ConversationHead): ConversationHead {
  const { title, project, branch, account, session, current } = head;
  const texts = Object.entries({ title, project, branch, account, session, current })
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => [name, storableText(text!)]);
  return { ...head, ...(Object.fromEntries(texts) as Partial<ConversationHead>), key: storableText(head.key) };
}

function storable(message: ArchivedMessage): ArchivedMessage {
  const { key, parent } = message;
  return { ...message, key: storableText(key), ...(parent === undefined ? {} : { parent: storableText(parent) }) };
}

function uniquelyNamed(messages: readonly ArchivedMessage[], notes: string[]): ArchivedMessage[] {
  const seen = new Map<string, string>();
  const kept: ArchivedMessage[] = [];
  let same = 0;
  let renamed = 0;
  for (const message of messages) {
    const content = createHash('sha256').update(JSON.stringify(message)).digest('hex');
    const before = seen.get(message.key);
    if (before === undefined) {
      seen.set(message.key, content);
      kept.push(message);
    } else if (before === content || seen.get(nameBy(message.key, content)) === content) same += 1;
    else {
      // Named by content: the same again, whatever else is told.
      const key = nameBy(message.key, content);
      seen.set(key, content);
      kept.push({ ...message, key });
      renamed += 1;
    }
  }
  if (same > 0) notes.push(`${same} of its messages were told twice; kept once`);
  if (renamed > 0) notes.push(`${renamed} of its messages had the id of another; both are kept`);
  return kept;
}

function nameBy(key: string, content: string): string {
  return `${key}#${content.slice(0, 12)}`;
}

/** Messages that follow each other in a ring have no beginning: the first one told becomes it. */
function withoutRings(messages: readonly ArchivedMessage[], notes: string[]): ArchivedMessage[] {
  const byKey = new Map(messages.map((message) => [message.key, message]));
  const settled = new Set<string>();
  const cut = new Set<string>();
  for (const message of messages) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let at: ArchivedMessage | undefined = message;
    while (at && !settled.has(at.key) && !onPath.has(at.key)) {
      path.push(at.key);
      onPath.add(at.key);
      at = at.parent === undefined ? undefined : byKey.get(at.parent);
    }
    if (at && onPath.has(at.key)) cut.add(at.key);
    for (const key of path) settled.add(key);
  }
  if (cut.size === 0) return [...messages];
  notes.push('its messages followed each other in a ring; the first one told is now its beginning');
  return messages.map((message) => {
    if (!cut.has(message.key)) return message;
    const { parent: _, ...beginning } = message;
    return beginning;
  });
}
