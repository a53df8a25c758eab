import type { Json, JsonObject } from '../exchange/json.ts';
import type { CallKind, OpaquePart, ReasoningPart, RefusalPart, TextPart } from '../exchange/part.ts';
import type { Usage } from '../exchange/usage.ts';

/** Where conversations come from. `understudy`: the journal; the rest are other tools' transcripts and official exports. */
export const SOURCES = [
  'understudy',
  'claude-code',
  'codex',
  'gemini-cli',
  'opencode',
  'qwen-code',
  'copilot-cli',
  'pi',
  'cursor',
  'claude-ai',
  'chatgpt',
  'gemini-takeout',
] as const;

export type SourceName = (typeof SOURCES)[number];

/** Bytes that belong to a message: an attachment, an image, a file that a tool wrote. */
export interface FilePart {
  type: 'file';
  /** As its source calls it. */
  name?: string;
  mediaType?: string;
  content:
    /** Kept as an original (store/originals.ts). */
    | { type: 'stored'; sha256: string; size: number }
    /** All that there is of it, or what was extracted from it. */
    | { type: 'text'; text: string }
    | { type: 'link'; url: string }
    /** The source names it, and does not have its bytes: `not among the export's files`. */
    | { type: 'missing'; reason: string };
}

export interface ArchivedCall {
  type: 'tool-call';
  /** Pairs it with its result, within the conversation. */
  id: string;
  name: string;
  namespace?: string;
  kind?: CallKind;
  /** As produced: JSON text of an object, or whatever came when the call was cut. */
  arguments: string;
}

export interface ArchivedResult {
  type: 'tool-result';
  callId: string;
  kind?: CallKind;
  content: (TextPart | FilePart | OpaquePart)[];
  isError: boolean;
}

export type ArchivedPart = TextPart | ReasoningPart | ArchivedCall | ArchivedResult | FilePart | RefusalPart | OpaquePart;

/** `partial`: the source says that it was cut short; `interrupted`: nothing says that it ended; `deferred`: it waits to be asked again. */
export type MessageStatus = 'complete' | 'partial' | 'interrupted' | 'deferred';

/** Where two producers' pieces of one message meet. */
export interface MessageSeam {
  /** Index of the first part that the second one wrote something of, and the characters of that part which are the first one's. */
  part: number;
  offset: number;
  from: string;
  to: string;
  /** As in the journal's `Seam.join`. */
  join: string;
}

export interface ArchivedMessage {
  /** Its name within its conversation: the source's own id where there is one, else derived from content so that it is the same on every import. */
  key: string;
  /** Key of the message before it; absent at a beginning. Messages with the same parent are branches (edits, retries). */
  parent?: string;
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** UTC milliseconds; absent where the source doesn't say. */
  at?: number;
  parts: ArchivedPart[];
  /** Who wrote it, for answers: `anthropic`, `claude-opus-5`. */
  producer?: { provider?: string; model?: string };
  status: MessageStatus;
  /** The source doesn't show it to its users (injected prompts, hidden system messages). */
  hidden?: boolean;
  seams?: MessageSeam[];
  usage?: Partial<Usage>;
  /** Dollars, where known. */
  cost?: number;
  /** The exchange that it is out of. */
  exchange?: string;
  /** What the source says besides, as it says it. */
  extras?: JsonObject;
}

export interface ConversationHead {
  source: SourceName;
  /** Its name within its source: uuid, session id. With `source` it makes the conversation's id. */
  key: string;
  /** What its source calls it; without one, the archive takes the beginning of the first question. */
  title?: string;
  /** UTC milliseconds. */
  createdAt?: number;
  updatedAt?: number;
  /** The folder it was held in, or the project that its source files it under. */
  project?: string;
  /** Git branch, where the source says. */
  branch?: string;
  /** The account's label (an e-mail address, a name); never a credential. */
  account?: string;
  /** The client's own session id: finds the same conversation in the journal and in the client's transcript. A sub-agent's: `session/agent`. */
  session?: string;
  /** What its client asked for its own use (a title, a summary), and nobody reads; such conversations are not listed unless asked for. */
  purpose?: string;
  /** A sub-agent's conversation: the key of the one that started it, and of the message there. */
  startedBy?: { key: string; message?: string };
  /** Key of the message that its source shows as the last; absent: the newest. */
  current?: string;
  extras?: JsonObject;
}

/** Something of a source that did not become part of the archive, and why. Never silent: reports list it. */
export interface Skipped {
  /** File and place in it: `conversations.json[17]`, `session.jsonl:204`. */
  where: string;
  reason: string;
  /** What was found, shortened. */
  found?: Json;
}
