import type { Clock } from '../../exchange/clock.ts';
import type { Journal } from '../../journal/journal.ts';
import { hashOf, questionHash } from '../attach/repeated.ts';
import type { Ask } from '../ports.ts';

/** Requests that nobody could answer, and that wait to be asked again. */
export interface Waiting {
  count(): number;
  /** This is what waits under this id. Known until a restart. */
  remember(ask: Ask, exchange: string): void;
  /** The exchange that waits for the answer to the same question. */
  sameAs(ask: Ask): string | undefined;
  /** False: it did not wait. */
  withdraw(exchange: string): Promise<boolean>;
  /** Tells of what waits no longer and has not been answered. */
  onWithdrawn(listener: (exchange: string) => void): void;
  /** Looks no more. */
  close(): void;
}

/** Beyond so many at a start the rest is not counted: by then nobody waits for the number. */
const MOST = 10_000;

/** Milliseconds after which what waits is held against the record, while anything does. */
const REVIEW = 60_000;

/**
 * Counts them from the record at first, then by what the journal reports; and looks now and then whether the record still has them: what was
 * withdrawn or answered behind our back, or is in no record at all, waits no longer.
 */
export async function waitingIn(journal: Journal, clock: Clock): Promise<Waiting> {
  /** With the hash of what was asked, where that is known. */
  const waiting = new Map<string, string | undefined>();
  const questions = new Map<string, string>();
  /** Exchanges under way that are to answer a deferred one. */
  const runs = new Map<string, string>();

  const listeners: ((exchange: string) => void)[] = [];
  let stopReview: (() => void) | undefined;
  let closed = false;

  function add(exchange: string, question: string | undefined): void {
    waiting.set(exchange, question);
    arm();
  }

  function arm(): void {
    if (!closed) stopReview ??= clock.after(REVIEW, () => void review());
  }

  async function review(): Promise<void> {
    const looked = [...waiting.keys()];
    // A record that can't be read has not forgotten anything.
    const known = journal.state();
    const kept = known.type === 'saving' && !known.record ? await journal.list({ limit: MOST, state: 'deferred' }) : undefined;
    const state = journal.state();
    if (kept && kept.length < MOST && state.type === 'saving' && !state.record) {
      const ids = new Set(kept.map(({ id }) => id));
      for (const exchange of looked) if (!ids.has(exchange)) lose(exchange);
    }
    stopReview = undefined;
    if (waiting.size > 0) arm();
  }

  function settle(exchange: string): void {
    const question = waiting.get(exchange);
    waiting.delete(exchange);
    if (question !== undefined && questions.get(question) === exchange) questions.delete(question);
  }

  function lose(exchange: string): void {
    settle(exchange);
    for (const listener of listeners) listener(exchange);
  }

  journal.subscribe((change) => {
    if (change.type === 'opened') {
      if (change.opening.runs !== undefined) runs.set(change.exchange, change.opening.runs);
      return;
    }
    if (change.entry.type !== 'end') return;
    const { outcome } = change.entry;
    if (outcome.type === 'deferred' && !waiting.has(change.exchange)) add(change.exchange, undefined);
    const answered = runs.get(change.exchange);
    runs.delete(change.exchange);
    if (answered !== undefined && outcome.type === 'complete') settle(answered);
  });
  for (const { id } of await journal.list({ limit: MOST, state: 'deferred' })) add(id, undefined);

  return {
    count: () => waiting.size,
    remember(ask, exchange) {
      const question = questionOf(ask);
      add(exchange, question);
      questions.set(question, exchange);
    },
    sameAs: (ask) => (questions.size === 0 ? undefined : questions.get(questionOf(ask))),
    async withdraw(exchange) {
      const done = await journal.withdraw(exchange);
      if (done) lose(exchange);
      else settle(exchange);
      return done;
    },
    onWithdrawn: (listener) => void listeners.push(listener),
    close() {
      closed = true;
      stopReview?.();
    },
  };
}

function questionOf(ask: Ask): string {
  return hashOf(ask.principal, ask.dialect.name, questionHash(ask, ask.body));
}
