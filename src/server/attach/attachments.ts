import type { Clock } from '../../exchange/clock.ts';
import type { Journal } from '../../journal/journal.ts';
import { answerOf, keptLog } from '../deferred/answer-of.ts';
import type { Ask, KeptLog } from '../ports.ts';

/** Who asks what, as far as it says whether two requests are one. */
export type Asker = Pick<Ask, 'principal'> & { dialect: Pick<Ask['dialect'], 'name'> };

/** What becomes of a request under a key. */
export type Verdict =
  /** Nobody has asked this, or it came to nothing. `asked` has to be called, with the exchange or (it could not be asked) without. `runs`: as in `Ask`. */
  | { type: 'ask'; runs?: string; asked(exchange: string | undefined): void }
  /** Here is the answer, or what there is of it so far. */
  | { type: 'given'; log: KeptLog }
  /** Something else was asked under this key. */
  | { type: 'other-question' };

/** Knows which requests are repetitions, and of what. */
export interface Attachments {
  byKey(asker: Asker, once: { key: string; question: string }): Promise<Verdict>;
  /** Nobody waits for this answer any more, and it is there or will be. */
  left(asker: Asker, question: string, exchange: string): void;
  /** Whether anybody has left an answer behind. */
  anyLeft(): boolean;
  /** The answer that a client has left behind and now asks for again. Taken by one, it is there for no other. */
  takeLeft(asker: Asker, question: string): Promise<KeptLog | undefined>;
  close(): void;
}

/** How long a key is remembered, in milliseconds: as long as Stripe's (https://docs.stripe.com/api/idempotent_requests). */
const KEY_LIFE = 24 * 3_600_000;
/** How long after its client has left an answer is given to a retry without a key. SDKs wait 8 s at most, the clients around them a minute or two. */
const LEFT_LIFE = 10 * 60_000;
/** Answers left behind that are remembered at once. */
const MOST_LEFT = 1000;

interface UnderWay {
  question: string;
  /** Its exchange; none where it could not be asked. */
  exchange: Promise<string | undefined>;
}

interface Left {
  place: string;
  exchange: string;
  /** On the monotonic clock. */
  at: number;
}

export function attachments(journal: Journal, clock: Clock): Attachments {
  /** By principal, dialect and key: from the moment of asking until the answer's end; from then on the journal knows. */
  const underWay = new Map<string, UnderWay>();
  const placeOf = new Map<string, string>();
  /** Oldest first. */
  let left: Left[] = [];

  const unsubscribe = journal.subscribe((change) => {
    if (change.type !== 'entry' || change.entry.type !== 'end') return;
    const place = placeOf.get(change.exchange);
    if (place !== undefined) {
      placeOf.delete(change.exchange);
      underWay.delete(place);
    }
    if (change.entry.outcome.type !== 'complete' && left.length > 0) left = left.filter(({ exchange }) => exchange !== change.exchange);
  });

  function begin(place: string, question: string): { mine: UnderWay; asked(exchange: string | undefined): void } {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const mine = { question, exchange: promise };
    underWay.set(place, mine);
    return {
      mine,
      asked(exchange) {
        // What ended at once is the journal's already, unless its end has still to be told.
        if (exchange === undefined) underWay.delete(place);
        else placeOf.set(exchange, place);
        resolve(exchange);
      },
    };
  }

  /** What the journal has under a key. */
  async function kept(
    { dialect, principal }: Asker,
    once: { key: string; question: string },
  ): Promise<Verdict | { type: 'ask'; runs?: string }> {
    const found = await journal.findOnce({ dialect: dialect.name, principal, key: once.key, since: clock.now() - KEY_LIFE });
    const answer = found === undefined ? undefined : await answerOf(journal, found);
    if (!answer) return { type: 'ask' };
    if (answer.exchange.opening.once?.question !== once.question) return { type: 'other-question' };
    if (answer.source.state === 'deferred') return { type: 'ask', runs: answer.exchange.opening.id };
    return { type: 'given', log: keptLog(journal, answer.source) };
  }

  async function byKey(asker: Asker, once: { key: string; question: string }): Promise<Verdict> {
    const place = placed(asker, once.key);
    for (let known = underWay.get(place); known; known = underWay.get(place)) {
      if (known.question !== once.question) return { type: 'other-question' };
      const exchange = await known.exchange;
      const log = exchange === undefined ? undefined : journal.live(exchange);
      if (log) return { type: 'given', log };
      if (underWay.get(place) === known) underWay.delete(place);
    }
    const { asked } = begin(place, once.question);
    try {
      const verdict = await kept(asker, once);
      if (verdict.type === 'ask') return { ...verdict, asked };
      asked(undefined);
      return verdict;
    } catch (error) {
      asked(undefined);
      throw error;
    }
  }

  function forgetOld(): void {
    const since = clock.monotonic() - LEFT_LIFE;
    const first = left.findIndex(({ at }) => at >= since);
    if (first !== 0) left = first < 0 ? [] : left.slice(first);
  }

  return {
    byKey,
    left(asker, question, exchange) {
      forgetOld();
      if (left.length >= MOST_LEFT) left.shift();
      left.push({ place: placed(asker, question), exchange, at: clock.monotonic() });
    },
    anyLeft: () => left.length > 0,
    async takeLeft(asker, question) {
      forgetOld();
      const place = placed(asker, question);
      const index = left.findIndex((each) => each.place === place);
      const [taken] = index < 0 ? [] : left.splice(index, 1);
      if (!taken) return undefined;
      const live = journal.live(taken.exchange);
      if (live) return live;
      const answer = await journal.recall(taken.exchange);
      return answer?.state === 'complete' ? keptLog(journal, answer) : undefined;
    },
    close: unsubscribe,
  };
}

function placed({ principal, dialect }: Asker, what: string): string {
  return `${principal}\0${dialect.name}\0${what}`;
}
