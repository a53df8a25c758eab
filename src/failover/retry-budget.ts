import type { Clock } from '../exchange/clock.ts';
import type { AttemptKind } from '../journal/entry.ts';
import type { AdmissionControl } from './admission.ts';
import type { Plan } from './plan.ts';

/**
 * A retry budget, as Finagle and Linkerd have it: each request deposits, each further attempt withdraws, what is older than a minute is
 * forgotten, and a reserve keeps quiet clients from having none (RetryBudget(ttl, minRetriesPerSec, percentCanRetry); retryRatio,
 * minRetriesPerSecond, ttl). A long answer's deposit counts for as long as it is under way (Envoy's `budget_percent` is of active
 * requests): one that breaks off after minutes has to be carried on.
 *
 * What it holds: of the exchanges that are under way or made an attempt within the last minute, at most `retryBudget` further attempts
 * each on average, and RESERVE in all. The factor: N requests a minute, one like the other, make at most (1 + retryBudget) N + RESERVE
 * attempts a minute, whatever the providers do; one target can't get more than all.
 *
 * Where others have 20 %, ours is 100 %: their requests have many equal hosts and go to another one at once; ours have one lead, and when
 * that is down each of them needs one further attempt to be answered.
 */
export function createRetryBudget(clock: Clock): AdmissionControl {
  /** Of the exchanges that count. */
  let requests = 0;
  let further = 0;
  /** A plan is made for one exchange. */
  const books = new WeakMap<Plan, Book>();
  /** Exchanges without an attempt under way, by the second in which they are forgotten: some sixty at most. */
  const idle = new Map<number, { requests: number; further: number }>();

  /** The second in which `forget` last had a look: there is nothing more to find before the next. */
  let looked = -1;

  function forget(): void {
    const now = Math.floor(clock.monotonic() / 1000);
    if (now === looked) return;
    looked = now;
    for (const [second, gone] of idle) {
      if (second > now) continue;
      requests -= gone.requests;
      further -= gone.further;
      idle.delete(second);
    }
  }

  function rest(book: Book): void {
    const second = Math.ceil((book.last + WINDOW) / 1000);
    if (second <= clock.monotonic() / 1000) {
      requests -= 1;
      further -= furtherOf(book);
      book.state = 'forgotten';
      return;
    }
    const group = idle.get(second) ?? { requests: 0, further: 0 };
    group.requests += 1;
    group.further += furtherOf(book);
    idle.set(second, group);
    book.state = second;
  }

  /** Counts it again among those that are under way. */
  function wake(book: Book): void {
    const group = typeof book.state === 'number' ? idle.get(book.state) : undefined;
    if (group) {
      group.requests -= 1;
      group.further -= furtherOf(book);
    } else if (book.state !== 'under-way') {
      requests += 1;
      further += furtherOf(book);
    }
    book.state = 'under-way';
  }

  function open(plan: Plan): Book {
    const book: Book = { made: 0, running: 0, last: 0, state: 'forgotten' };
    books.set(plan, book);
    return book;
  }

  function isForgotten({ state }: Book): boolean {
    return state === 'forgotten' || (typeof state === 'number' && !idle.has(state));
  }

  return {
    refusal({ plan, kind }) {
      const book = books.get(plan);
      // The first attempt is the request itself, whoever gets it.
      if (!book) return undefined;
      forget();
      const back = isForgotten(book);
      const counted = requests + (back ? 1 : 0);
      const made = further + (back ? furtherOf(book) : 0);
      const { retryBudget } = plan.failover;
      if (made + 1 <= (retryBudget * counted + RESERVE) * SHARE[kind]) return undefined;
      return {
        reason: `further attempts are rationed: ${made} for the ${counted} requests of the last minute (failover.retryBudget: ${retryBudget})`,
      };
    },
    begin({ plan }) {
      forget();
      const book = books.get(plan) ?? open(plan);
      wake(book);
      if (book.made > 0) further += 1;
      book.made += 1;
      book.running += 1;
      book.last = clock.monotonic();
      return {
        settled() {
          book.running -= 1;
          if (book.running === 0) rest(book);
        },
      };
    },
  };
}

interface Book {
  /** Attempts so far. */
  made: number;
  running: number;
  /** When its last attempt began, monotonic milliseconds. */
  last: number;
  /** A number: it rests, and is forgotten in that second. */
  state: 'under-way' | 'forgotten' | number;
}

function furtherOf({ made }: Book): number {
  return Math.max(0, made - 1);
}

const WINDOW = 60_000;
/** A laptop with one request a minute still gets all of its failover: that is at most a handful of attempts a request. */
const RESERVE = 20;
/**
 * How much of the budget each kind may use: when it gets short, hedges go first, which only save time; then second tries on the same
 * target, which come before what answers the user from elsewhere and must leave half for it. `first` is never refused; a canary may be the
 * only one left to ask.
 */
const SHARE: Record<AttemptKind, number> = { first: 1, next: 1, canary: 1, hop: 1, retry: 0.5, hedge: 0.25 };
