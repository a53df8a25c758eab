import type { Journal } from '../../journal/journal.ts';

/** Requests that nobody could answer, and that wait to be asked again. */
export interface Waiting {
  count(): number;
  /** False: it did not wait. */
  withdraw(exchange: string): Promise<boolean>;
}

/** Beyond so many at a start the rest is not counted: by then nobody waits for the number. */
const MOST = 10_000;

/** Counts them from the record once, then by what the journal reports. */
export async function waitingIn(journal: Journal): Promise<Waiting> {
  const waiting = new Set<string>();
  /** Exchanges under way that are to answer a deferred one. */
  const runs = new Map<string, string>();

  journal.subscribe((change) => {
    if (change.type === 'opened') {
      if (change.opening.runs !== undefined) runs.set(change.exchange, change.opening.runs);
      return;
    }
    if (change.entry.type !== 'end') return;
    const { outcome } = change.entry;
    if (outcome.type === 'deferred') waiting.add(change.exchange);
    const answered = runs.get(change.exchange);
    runs.delete(change.exchange);
    if (answered !== undefined && outcome.type === 'complete') waiting.delete(answered);
  });
  for (const { id } of await journal.list({ limit: MOST, state: 'deferred' })) waiting.add(id);

  return {
    count: () => waiting.size,
    async withdraw(exchange) {
      const done = await journal.withdraw(exchange);
      waiting.delete(exchange);
      return done;
    },
  };
}
