import { causeName, isAtLeast, severityOf } from './cause.ts';
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
      if (alert.state === 'open') return { ...alert, state: 'clearing', due: now + pace.settle, body: { ...alert.body, faded } };
      return now >= (alert.due ?? 0) ? ended(alert, pace) : alert;
    case 'over': {
      if (!failing) return alert;
      const due = Math.max(now + pace.settle, (alert.body.alertedAt ?? 0) + pace.again);
      return { ...alert, state: 'pending', due, body: { ...alert.body, causes } };
    }
  }
}

/** UTC ms when something of it changes by time alone. */
export function turnsAt({ state, due, body }: Alert, { settle }: Pace): number {
  const settling = state === 'open' ? body.causes.map(({ heardAt }) => heardAt + settle) : [];
  return Math.min(due ?? Number.POSITIVE_INFINITY, ...settling);
}

/** What has lasted long enough to be told. */
export function settled(causes: readonly HeardCause[], now: number, { settle }: Pace): HeardCause[] {
  return causes.filter(({ heardAt, aside }) => aside || now - heardAt >= settle);
}

function opened(alert: Alert, causes: HeardCause[], now: number, pace: Pace): Alert {
  const revision = alert.revision + 1;
  const isBack = alert.loud > 0;
  const ready = settled(causes, now, pace);
  const { answer: _answered, ...body } = alert.body;
  return {
    ...without(alert, 'due', 'ended'),
    state: 'open',
    revision,
    loud: revision,
    began: isBack ? Math.min(...causes.map(({ heardAt }) => heardAt)) : alert.began,
    body: { ...body, causes, alertedAt: now, faded: false, ranks: ranksOf(ready), content: contentOf(ready) },
  };
}

function goneOn(alert: Alert, causes: HeardCause[], now: number, pace: Pace): Alert {
  const { ranks } = alert.body;
  const ready = settled(causes, now, pace);
  const reached = ranksOf(ready);
  // Of a product that is told to fail, one model more is no news.
  const isWorse = Object.entries(reached).some(([name, rank]) => rank > Math.max(ranks[name] ?? -1, ranks[productPart(name)] ?? -1));
  const content = contentOf(ready);
  const body = { ...alert.body, causes, faded: false, content };
  if (!isWorse && content === alert.body.content) return { ...alert, body };
  const revision = alert.revision + 1;
  if (!isWorse) return { ...alert, revision, body };
  const kept = Object.entries(reached).map(([name, rank]) => [name, Math.max(rank, ranks[name] ?? 0)] as const);
  return { ...alert, revision, loud: revision, body: { ...body, alertedAt: now, ranks: { ...ranks, ...Object.fromEntries(kept) } } };
}

function ended(alert: Alert, { settle }: Pace): Alert {
  const revision = alert.revision + 1;
  const { token: _used, ...rest } = without(alert, 'due');
  return { ...rest, state: 'over', revision, loud: revision, ended: (alert.due ?? 0) - settle };
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

/** What explains an alert is no news that anybody should be disturbed for. */
function ranksOf(causes: readonly HeardCause[]): Record<string, number> {
  const loud = causes.filter(({ aside }) => !aside);
  return Object.fromEntries(loud.map((cause) => [causeName(cause), RANKS.filter((rank) => isAtLeast(severityOf(cause), rank)).length]));
}

/** What makes another message. How many requests have failed by now does not. */
function contentOf(causes: readonly HeardCause[]): string {
  const shown = causes.map((cause) => {
    if (cause.type === 'judged') return [cause.key, cause.verdict, cause.scope];
    return [cause.id, cause.title, cause.phase, cause.severity, cause.said];
  });
  return JSON.stringify(shown.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)));
}

function without<Key extends 'due' | 'ended'>(alert: Alert, ...keys: Key[]): Alert {
  const copy = { ...alert };
  for (const key of keys) delete copy[key];
  return copy;
}
