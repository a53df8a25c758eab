import type { Clock } from '../exchange/clock.ts';
import type { ArchivedMessage } from './conversation.ts';
import { markdownOf } from './export/markdown.ts';
import { partOf } from './export/part-of.ts';
import { handoff } from './handoff/bundle.ts';
import { searchingIn, type SearchQuery, type SearchResult } from './search/search.ts';
import type { Archive } from './store/open.ts';
import {
  findConversation,
  messagesOf,
  pageOfConversations,
  type ConversationPage,
  type ConversationQuery,
  type ConversationSummary,
} from './store/read.ts';
import { shownBranch } from './tree.ts';

/** A conversation with all that was said in it. */
export interface ConversationDetail extends ConversationSummary {
  /** In the order in which its source tells them. Which follows which is said by `parent`. */
  said: ArchivedMessage[];
  /** Keys of the branch that is shown, from its beginning. */
  shown: string[];
}

/**
 * What the archive's worker can be asked: what a question holds, and its answer. Both cross threads, so they are plain data. A new question is a
 * member here and one of `answers`.
 */
export interface Questions {
  list: { asked: ConversationQuery; answer: ConversationPage };
  /** `undefined`: there is none of that id. */
  get: { asked: { id: string }; answer: ConversationDetail | undefined };
  search: { asked: SearchQuery; answer: SearchResult };
  /** A part of a conversation as Markdown: from a character on, so many of them. `undefined`: there is none of that id. */
  read: { asked: { id: string; from: number; characters: number }; answer: MarkdownPart | undefined };
  /** What another assistant needs to take it over, in about so many tokens. */
  handoff: { asked: { id: string; budget: number }; answer: string | undefined };
}

export type QuestionName = keyof Questions;

export type Answers = { [Name in QuestionName]: (asked: Questions[Name]['asked']) => Questions[Name]['answer'] };

/** Whoever answers keeps what it likes (prepared statements) as long as the archive is open. */
export function answers(archive: Archive, clock: Pick<Clock, 'now' | 'monotonic'>): Answers {
  const searching = searchingIn(archive, clock);
  return {
    list: (asked) => pageOfConversations(archive, asked),
    get: ({ id }) => conversationDetail(archive, id),
    search: (asked) => searching.search(asked),
    read: (asked) => markdownPart(archive, asked),
    handoff: (asked) => handoffOf(archive, asked),
  };
}

/** `next`: where it goes on; absent: this was the end. */
export interface MarkdownPart {
  text: string;
  next?: number;
}

function markdownPart(archive: Archive, { id, from, characters }: Questions['read']['asked']): MarkdownPart | undefined {
  const conversation = findConversation(archive, id);
  if (!conversation) return undefined;
  const options = { reasoning: false, branches: true, linkTo: () => undefined };
  return partOf(markdownOf(conversation, [...messagesOf(archive, id)], options), from, characters);
}

function handoffOf(archive: Archive, { id, budget }: Questions['handoff']['asked']): string | undefined {
  const conversation = findConversation(archive, id);
  if (!conversation) return undefined;
  return handoff({ conversation, messages: shownBranch([...messagesOf(archive, id)], conversation.current), budget }).markdown;
}

export function conversationDetail(archive: Archive, id: string): ConversationDetail | undefined {
  const summary = findConversation(archive, id);
  if (!summary) return undefined;
  const said = [...messagesOf(archive, id)];
  return { ...summary, said, shown: shownBranch(said, summary.current).map(({ key }) => key) };
}
