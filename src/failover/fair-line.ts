import type { Priority } from '../exchange/priority.ts';

/** Somebody who waits for a place, or is about to take one. */
export interface Claim {
  /** An answer that is under way already, and is to be tried again or carried on. */
  again: boolean;
  priority: Priority;
  principal: string;
}

/**
 * Who is next where places are short. What goes on with an answer that has begun is first, in the order in which it came. Then interactive
 * before normal before batch; but a class that has been passed over often is served once. Within a class people share by the time for which they
 * hold places, in proportion to their shares: start-time fair queuing (Goyal, Vin, Cheng, SIGCOMM 1996), where the time that a place
 * will be held is taken to be what it has been of late, and set right afterwards.
 */
export interface FairLine {
  /** It waits, or takes a place without having waited. Told once of each, and `leave` at its end. */
  enter(claim: Claim): void;
  /** It takes its place. `waiting`: who goes on waiting. */
  granted(claim: Claim, waiting: readonly Claim[]): void;
  /** It gives its place back, after so many milliseconds. */
  settled(claim: Claim, ms: number): void;
  /** It waits no longer, and has not got a place. */
  leave(claim: Claim): void;
  /** Of those who wait, in the order in which they came. `mayBatch`: a place may be left to batch. */
  first<Waiting extends Claim>(waiting: readonly Waiting[], mayBatch: boolean): Waiting | undefined;
  /** All of them as they would be served if nobody else came. */
  order<Waiting extends Claim>(waiting: readonly Waiting[]): Waiting[];
}

/** The most pressing first. */
export const CLASSES = ['interactive', 'normal', 'batch'] as const satisfies Priority[];

/** How often others may go before a class that waits, before it is served once: a ninth of the places are its own at the least, and a seventeenth. */
const PATIENCE: Record<Priority, number> = { interactive: Infinity, normal: 8, batch: 16 };

/** How long an answer takes until one has been seen, in milliseconds. */
const FIRST_GUESS = 10_000;
/** Weight of the newest answer in what they take of late. */
const NEWEST = 0.2;

/** One person in one class. */
interface Account {
  /** Milliseconds of places that it has had, by its share; where it begins next. */
  start: number;
  /** Its claims that wait or hold places. */
  claims: number;
}

interface State {
  /** By class and principal. */
  accounts: Map<string, Account>;
  /** By class: where whoever was served last began. */
  now: Record<Priority, number>;
  /** How often each class has been passed over since it was served last. */
  passed: Record<Priority, number>;
}

/** `share`: 1 where nothing else is said; who has 2 gets twice as much. */
export function createFairLine(share: (principal: string) => number): FairLine {
  const state: State = { accounts: new Map(), now: zeros(), passed: zeros() };
  let usual = FIRST_GUESS;
  /** What each that holds a place has been charged beforehand. */
  const charged = new WeakMap<Claim, number>();

  function accountOf({ priority, principal }: Claim, { accounts }: State): Account | undefined {
    return accounts.get(`${priority} ${principal}`);
  }

  function startOf(claim: Claim, at: State): number {
    const account = accountOf(claim, at);
    const now = at.now[claim.priority];
    // Who was away has saved nothing up.
    return account === undefined ? now : account.claims === 0 ? Math.max(account.start, now) : account.start;
  }

  function enter(claim: Claim): void {
    const start = startOf(claim, state);
    const account = accountOf(claim, state);
    if (account) Object.assign(account, { start, claims: account.claims + 1 });
    else state.accounts.set(`${claim.priority} ${claim.principal}`, { start, claims: 1 });
  }

  function leave(claim: Claim): void {
    const account = accountOf(claim, state);
    if (!account) return;
    account.claims -= 1;
    if (account.claims > 0) return;
    for (const [name, { claims, start }] of state.accounts) {
      const priority = CLASSES.find((one) => name.startsWith(`${one} `))!;
      if (claims === 0 && start <= state.now[priority]) state.accounts.delete(name);
    }
  }

  function grant(claim: Claim, waiting: readonly Claim[], at: State): void {
    const { priority, principal } = claim;
    if (!claim.again) {
      const rank = CLASSES.indexOf(priority);
      at.passed[priority] = 0;
      for (const lower of CLASSES.slice(rank + 1)) if (waiting.some((one) => one.priority === lower)) at.passed[lower] += 1;
    }
    const account = accountOf(claim, at);
    const start = startOf(claim, at);
    at.now[priority] = Math.max(at.now[priority], start);
    if (account) account.start = start + usual / share(principal);
  }

  function first<Waiting extends Claim>(waiting: readonly Waiting[], mayBatch: boolean, at: State = state): Waiting | undefined {
    const again = waiting.find((one) => one.again);
    if (again) return again;
    const served = mayBatch ? waiting : waiting.filter(({ priority }) => priority !== 'batch');
    const present = CLASSES.filter((one) => served.some(({ priority }) => priority === one));
    const chosen = present.find((one) => at.passed[one] >= PATIENCE[one]) ?? present[0];
    let best: { one: Waiting; start: number } | undefined;
    const looked = new Set<string>();
    for (const one of served) {
      // The first of each person's stands for the rest.
      if (one.priority !== chosen || looked.has(one.principal)) continue;
      looked.add(one.principal);
      const start = startOf(one, at);
      if (!best || start < best.start) best = { one, start };
    }
    return best?.one;
  }

  return {
    enter,
    leave,
    granted(claim, waiting) {
      charged.set(claim, usual);
      grant(claim, waiting, state);
    },
    settled(claim, ms) {
      const account = accountOf(claim, state);
      if (account) account.start += (ms - (charged.get(claim) ?? ms)) / share(claim.principal);
      usual += NEWEST * (ms - usual);
      leave(claim);
    },
    first: (waiting, mayBatch) => first(waiting, mayBatch),
    order(waiting) {
      const rest = [...waiting];
      const at: State = {
        accounts: new Map([...state.accounts].map(([name, account]) => [name, { ...account }])),
        now: { ...state.now },
        passed: { ...state.passed },
      };
      const order: typeof rest = [];
      for (let next = first(rest, true, at); next; next = first(rest, true, at)) {
        rest.splice(rest.indexOf(next), 1);
        grant(next, rest, at);
        order.push(next);
      }
      return order;
    },
  };
}

function zeros(): Record<Priority, number> {
  return { interactive: 0, normal: 0, batch: 0 };
}
