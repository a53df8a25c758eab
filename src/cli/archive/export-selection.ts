import type { Archive } from '../../archive/store/open.ts';
import { changedConversations, type ConversationSummary } from '../../archive/store/read.ts';
import { searchingIn } from '../../archive/search/search.ts';
import type { Clock } from '../../exchange/clock.ts';

const PAGE = 100;
/** Milliseconds for a page of a search: nobody waits for it in a stream. */
const PATIENCE = 60_000;

/** Every conversation, in the order of their last changes. */
export function* everything(archive: Archive): Generator<ConversationSummary> {
  for (let since = 0; ;) {
    const some = changedConversations(archive, since, PAGE);
    yield* some;
    since = some.at(-1)?.revision ?? since;
    if (some.length < PAGE) return;
  }
}

/** What a search finds, page by page, each conversation once. `notUsed` is told what of the query has no meaning. */
export function* whatIsFound(
  archive: Archive,
  clock: Clock,
  text: string,
  notUsed: (what: string) => void,
): Generator<ConversationSummary, undefined> {
  const searching = searchingIn(archive, clock);
  const told = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = searching.search({ text, limit: PAGE, patience: PATIENCE, ...(cursor !== undefined && { cursor }) });
    if (cursor === undefined) page.ignored.forEach(notUsed);
    for (const { conversation } of page.conversations) {
      if (told.has(conversation.id)) continue;
      told.add(conversation.id);
      yield conversation;
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
}
