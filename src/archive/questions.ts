import type { Clock } from '../exchange/clock.ts';
import type { ArchivedMessage } from './conversation.ts';
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
  };
}

export function conversationDetail(archive: Archive, id: string): ConversationDetail | undefined {
  const summary = findConversation(archive, id);
  if (!summary) return undefined;
  const said = [...messagesOf(archive, id)];
  return { ...summary, said, shown: shownBranch(said, summary.current).map(({ key }) => key) };
}
