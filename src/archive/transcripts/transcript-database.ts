import type { ToldConversation } from './book.ts';
import type { LineCounts } from './line-reader.ts';

/** A tool's database of conversations, opened to read only. */
export interface TranscriptDatabase {
  /** Conversations that were changed at or after `since` (UTC milliseconds), those changed first first. */
  changed(since: number): { id: string; at: number }[];
  /** `undefined`: nothing was said in it, or it is of an unknown build, which is counted. */
  session(id: string, counts: LineCounts): ToldConversation | undefined;
  close(): void;
}
