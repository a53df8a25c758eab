import type { ArchivedMessage, ConversationHead, FilePart } from '../conversation.ts';
import { isObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';

/** Bytes that stood in a transcript's line (an image in base64). Whoever puts the conversation away keeps them, and fills in where. */
export interface PendingFile {
  part: FilePart;
  bytes: Uint8Array;
  mediaType?: string;
}

/** What is new or changed of a conversation since it was last told. */
export interface ToldConversation {
  head: ConversationHead;
  messages: ArchivedMessage[];
  files: PendingFile[];
}

/**
 * One conversation as its lines come. Its state is plain data, bounded by `OPEN`: what has been told and lies further back is no
 * longer known here, and a line that would change it is said to reach back, so that the file is read from its beginning.
 */
export interface Book {
  readonly head: ConversationHead;
  describe(more: Partial<ConversationHead>): void;
  /** A message that may still be changed; `undefined`: unknown, or further back than that. */
  open(key: string): ArchivedMessage | undefined;
  /** Adds a message, or says that it has changed. */
  put(message: ArchivedMessage, files?: PendingFile[]): void;
  has(key: string): boolean;
  /** Lines that follow the line `id` follow the message `key` (`undefined`: they are a beginning). */
  stands(id: string, key: string | undefined): void;
  /** Of a line that is known. `undefined`: it stands before any message. */
  standsFor(id: string): { key: string | undefined } | undefined;
  /** What a record follows, by what it says of that itself; one that says nothing we know follows the newest message, and `null` is a beginning. */
  parentBy(told: Json | undefined): string | undefined;
  /** Key of the newest message. */
  last(): string | undefined;
  setLast(key: string | undefined): void;
  reachesBack(): boolean;
  told(): ToldConversation | undefined;
  state(): JsonObject;
}

/** Messages that can still change: with parallel calls an answer's pieces come between their results. */
const OPEN = 24;

export function openBook(head: ConversationHead, before?: Json): Book {
  const saved = isObject(before) ? before : undefined;
  let current: ConversationHead = saved ? (saved['head'] as unknown as ConversationHead) : head;
  const messages = new Map<string, ArchivedMessage>();
  for (const message of (saved?.['open'] ?? []) as unknown as ArchivedMessage[]) messages.set(message.key, message);
  const closed = new Set((saved?.['closed'] ?? []) as string[]);
  const lines = new Map(Object.entries((saved?.['lines'] ?? {}) as Record<string, string | null>));
  const changed = new Set<string>();
  let files: PendingFile[] = [];
  let last = typeof saved?.['last'] === 'string' ? saved['last'] : undefined;
  let described = saved === undefined;
  let back = false;

  return {
    get head() {
      return current;
    },
    describe(more) {
      const next = { ...current, ...more };
      if (JSON.stringify(next) === JSON.stringify(current)) return;
      current = next;
      described = true;
    },
    open(key) {
      if (closed.has(key)) back = true;
      return messages.get(key);
    },
    put(message, pending = []) {
      if (closed.has(message.key)) {
        back = true;
        return;
      }
      if (!messages.has(message.key)) last = message.key;
      messages.set(message.key, message);
      changed.add(message.key);
      files.push(...pending);
      if (message.at !== undefined && (current.updatedAt ?? 0) < message.at) current = { ...current, updatedAt: message.at };
      if (message.at !== undefined && current.createdAt === undefined) current = { ...current, createdAt: message.at };
    },
    has: (key) => messages.has(key) || closed.has(key),
    stands: (id, key) => void lines.set(id, key ?? null),
    standsFor(id) {
      const key = lines.get(id);
      return key === undefined ? undefined : { key: key ?? undefined };
    },
    parentBy(told) {
      const key = typeof told === 'string' ? lines.get(told) : undefined;
      if (key !== undefined) return key ?? undefined;
      return told === null ? undefined : last;
    },
    last: () => last,
    setLast: (key) => void (last = key),
    reachesBack: () => back,
    told() {
      // What nobody has said anything in is no conversation (yet).
      if (changed.size === 0 && (!described || (messages.size === 0 && closed.size === 0))) return undefined;
      // Copies: who reads on changes the open ones.
      const told = {
        head: { ...current },
        messages: [...messages.values()]
          .filter(({ key }) => changed.has(key))
          .map((message) => ({ ...message, parts: [...message.parts] })),
        files,
      };
      changed.clear();
      described = false;
      files = [];
      for (const key of [...messages.keys()].slice(0, Math.max(0, messages.size - OPEN))) {
        messages.delete(key);
        closed.add(key);
      }
      return told;
    },
    state: () => ({
      head: current as unknown as JsonObject,
      open: [...messages.values()] as unknown as Json[],
      closed: [...closed],
      lines: Object.fromEntries(lines),
      ...(last === undefined ? {} : { last }),
    }),
  };
}
