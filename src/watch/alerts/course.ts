import { causeName, isAtLeast } from './cause.ts';
import type { Alert, HeardCause } from './store.ts';

export interface Pace {
  /** Milliseconds that something has to last, and its end as well. */
  settle: number;
  /** Milliseconds between two times that people are told that the same thing fails. */
  again: number;
}

/** What is known now of what an alert is about. */
export interface Heard {
  causes: HeardCause[];
  /** What failed went out of sight, rather than that it is well. */
  faded: boolean;
}

/** How an alert goes on. `undefined`: it was nothing, and nobody was told. Pure. */
export function follow(alert: Alert, { causes, faded }: Heard, now: number, pace: Pace): Alert | undefined {
  const failing = causes.some(({ aside }) => !aside);
  switch (alert.state) {
    case 'pending':
      if (!failing) return alert.loud === 0 ? undefined : over(alert);
      return now >= (alert.due ?? 0) ? opened(alert, causes, now, pace) : { ...alert, body: { ...alert.body, causes } };
    case 'open':
    case 'clearing':
      if (failing) return { ...without(goneOn(alert, causes, now, pace), 'due'), state: 'open' };
      if (alert.state === 'open') {
        const due = now + (faded ? pace.settle : calmFor(alert, now, pace));
        return { ...alert, state: 'clearing', due, body: { ...alert.body, faded, wellAt: now } };
      }
      return now >= (alert.due ?? 0) ? ended(alert, now) : alert;
    case 'over': {
      if (!failing) return alert;
      const hushed = alert.body.hushed ?? Math.max(alert.body.alertedAt ?? 0, alert.ended ?? 0) + pace.again;
      return { ...alert, state: 'pending', due: now + pace.settle, body: { ...alert.body, causes, hushed } };
    }
  }
}

/** UTC ms when something of it changes by time alone. */
export function turnsAt({ state, due, body }: Alert, { settle }: Pace): number {
  const settling = state === 'open' ? body.causes.map(({ heardAt }) => heardAt + settle) : [];
  const never = Number.POSITIVE_INFINITY;
  return Math.min(due ?? never, (state === 'open' && body.hushed) || never, ...settling);
}

/** What has lasted long enough to be told. */
export function settled(causes: readonly HeardCause[], now: number, { settle }: Pace): HeardCause[] {
  return causes.filter(({ heardAt, aside }) => aside || now - heardAt >= settle);
}

/** The longer it lasted, the likelier it comes back (2 June 2026): a tenth of what went beyond three hours, at least `settle` and at most `again`. */
const CALM_SHARE = 0.1;
const LONG = 3 * 60 * 60_000;

function calmFor({ began, body }: Alert, now: number, { settle, again }: Pace): number {
  return Math.max(settle, Math.min(again, Math.round((now - (body.first ?? began) - LONG) * CALM_SHARE)));
}

function opened(alert: Alert, causes: HeardCause[], now: number, pace: Pace): Alert {
  const revision = alert.revision + 1;
  const isBack = alert.loud > 0;
  const ready = settled(causes, now, pace);
  const { answer: _answered, hushed = 0, ...body } = alert.body;
  const opened: Alert = {
    ...without(alert, 'due', 'ended'),
    state: 'open',
    revision,
    began: isBack ? Math.min(...causes.map(({ heardAt }) => heardAt)) : alert.began,
    body: { ...body, causes, first: body.first ?? alert.began, faded: false, content: contentOf(ready) },
  };
  // What people were told to be over a moment ago is opened again; it disturbs them only if it stays, or is worse than it was.
  if (isBack && now < hushed && !isWorse(ranksOf(ready), body.ranks)) return { ...opened, body: { ...opened.body, hushed } };
  return { ...opened, loud: revision, body: { ...opened.body, alertedAt: now, ranks: ranksOf(ready) } };
}

function goneOn(alert: Alert, causes: HeardCause[], now: number, pace: Pace): Alert {
  const { wellAt: _not, ...before } = alert.body;
  const { ranks, hushed } = before;
  const ready = settled(causes, now, pace);
  const reached = ranksOf(ready);
  const isLoud = isWorse(reached, ranks) || (hushed !== undefined && now >= hushed);
  const content = contentOf(ready);
  const body = { ...before, causes, faded: false, content };
  if (!isLoud && content === alert.body.content) return { ...alert, body };
  const revision = alert.revision + 1;
  if (!isLoud) return { ...alert, revision, body };
  const kept = Object.entries(reached).map(([name, rank]) => [name, Math.max(rank, ranks[name] ?? 0)] as const);
  const { hushed: _over, ...told } = body;
  return { ...alert, revision, loud: revision, body: { ...told, alertedAt: now, ranks: { ...ranks, ...Object.fromEntries(kept) } } };
}

/** Of a product that is told to fail, one model more is no news. */
function isWorse(reached: Record<string, number>, ranks: Record<string, number>): boolean {
  return Object.entries(reached).some(([name, rank]) => rank > Math.max(ranks[name] ?? -1, ranks[productPart(name)] ?? -1));
}

/** Whoever was not told that it was back is not told that it is over. */
function ended(alert: Alert, now: number): Alert {
  const revision = alert.revision + 1;
  const { token: _used, ...rest } = without(alert, 'due');
  const { wellAt = now, ...body } = rest.body;
  return { ...rest, state: 'over', revision, loud: body.hushed === undefined ? revision : alert.loud, ended: wellAt, body };
}

/** It came back for less than it takes to be told. */
function over(alert: Alert): Alert {
  return { ...without(alert, 'due'), state: 'over' };
}

/** `anthropic/api` of `anthropic/api/claude-opus-4-6`. */
function productPart(name: string): string {
  return name.split('/').slice(0, 2).join('/');
}

const RANKS = ['minor', 'major', 'critical'] as const;

/** What explains an alert is no news that anybody should be disturbed for, nor is whom it is about. */
function ranksOf(causes: readonly HeardCause[]): Record<string, number> {
  const loud = causes.filter(({ aside }) => !aside);
  return Object.fromEntries(loud.map((cause) => [causeName(cause), rankOf(cause)]));
}

function rankOf(cause: HeardCause): number {
  if (cause.type === 'judged') return cause.verdict === 'down' ? 2 : 1;
  return RANKS.filter((rank) => isAtLeast(cause.severity, rank)).length;
}

/** What makes another message. How many requests have failed by now does not, nor which models of a product that fails as a whole. */
function contentOf(causes: readonly HeardCause[]): string {
  const names = new Set(causes.map(causeName));
  const shown = causes.flatMap((cause): (string | undefined)[][] => {
    if (cause.type === 'incident') return [[cause.id, cause.title, cause.phase, cause.severity, cause.said]];
    const product = productPart(cause.key);
    return product !== cause.key && names.has(product) ? [] : [[cause.key, cause.verdict]];
  });
  return JSON.stringify(shown.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)));
}

function without<Key extends 'due' | 'ended'>(alert: Alert, ...keys: Key[]): Alert {
  const copy = { ...alert };
  for (const key of keys) delete copy[key];
  return copy;
}
