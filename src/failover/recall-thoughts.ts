import type { Journal, KeptExchange } from '../journal/journal.ts';
import type { KeptThoughts } from './kept-thoughts.ts';

/** Older ones are hardly gone on with, and a turn of tools does not last as long. */
const SINCE = 60 * 60_000;
const MOST = 200;

/**
 * After a restart: what clients were not told of others' thoughts, out of the journal, which has all of them. One exchange after another, so
 * that requests need not wait; one that comes before its turn does without. The returned function gives it up.
 */
export function recallThoughts(
  journal: Pick<Journal, 'list' | 'recall'>,
  thoughts: Pick<KeptThoughts, 'recorder'>,
  now: number,
): () => Promise<void> {
  let stopped = false;

  async function recall(): Promise<void> {
    const known = await journal.list({ limit: MOST, state: 'complete' });
    // Oldest first: where there is too much, the newest are kept.
    for (const { id, at, dialect } of known.toReversed()) {
      if (stopped) return;
      if (at < now - SINCE || dialect === 'openai-chat') continue;
      const kept = await journal.recall(id);
      if (kept) remember(kept, thoughts);
    }
  }

  // What can't be read is missed as if it had not been kept; the journal itself says what is wrong with it.
  const done = recall().catch(() => undefined);
  return async () => {
    stopped = true;
    await done;
  };
}

function remember({ opening, request, entries }: KeptExchange, thoughts: Pick<KeptThoughts, 'recorder'>): void {
  const events = entries.flatMap(({ entry }) => (entry.type === 'events' ? entry.events : []));
  if (!request || !events.some((event) => event.type === 'part-start' && event.part.type === 'reasoning' && event.part.untold)) return;
  thoughts.recorder({
    head: { model: opening.model },
    body: request,
    headers: opening.session === undefined ? [] : [['session-id', opening.session]],
    plan: { route: opening.route },
  })(events);
}
