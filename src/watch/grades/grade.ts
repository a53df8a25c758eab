import type { Incident, IncidentUpdate } from '../incident.ts';

/** How a provider's status page did against what was seen here. Times are milliseconds. */
export interface Grade {
  /** The page's id. */
  page: string;
  /** Outages that were seen here and that the page was there to tell of. */
  outages: number;
  /** Of them, those that it told of, at whatever time. */
  told: number;
  /** From the first sign here to its first word, the middle one; negative: it was first. Absent: it told of none. */
  medianLag?: number;
  /** The slowest one in ten. */
  slowLag?: number;
  /** Of those that it told of: it said `resolved` while requests still failed here. */
  resolvedEarly: number;
  /** It called minor what was down here. */
  belittled: number;
  /** It states a beginning that is more than `SLACK` after the first sign here. */
  shortened: number;
  /** What it had said was changed or removed after the fact, in how many of them. */
  rewritten: number;
  /** Of 100; absent while there are too few outages to say anything. */
  score?: { early: number; complete: number; honest: number; all: number };
  /** `A` to `E`, by `all`. */
  letter?: 'A' | 'B' | 'C' | 'D' | 'E';
  /** In a sentence. */
  summary: string;
}

/** Fewer outages than these are an anecdote. */
const ENOUGH = 3;
/** A page that is silent for this long in an outage has not told of it, whatever it posts later; younger ones are left out. */
const PATIENCE = 60 * 60_000;
/** Clocks, rounding to minutes, and the time that a detector takes. */
const SLACK = 10 * 60_000;
/** Lags that are worth all points and none: at once, and the hour after which nobody needs it any more. The medians of posts in research/status.md, 19 and 39 min, lie between. */
const BEST_LAG = 5 * 60_000;
const WORST_LAG = 60 * 60_000;

/** Grades a page by incidents that have own evidence in them; those that only the page knew of say nothing about it here. Pure. */
export function gradePage(page: string, incidents: readonly Incident[], now: number): Grade {
  const seen = incidents.flatMap((incident) => comparisonOf(page, incident, now) ?? []);
  const told = seen.filter(({ lag }) => lag !== undefined);
  const lags = told.map(({ lag }) => lag!).toSorted((one, other) => one - other);
  const figures = {
    page,
    outages: seen.length,
    told: told.length,
    ...(lags.length > 0 && { medianLag: quantile(lags, 0.5), slowLag: quantile(lags, 0.9) }),
    resolvedEarly: told.filter(({ resolvedEarly }) => resolvedEarly).length,
    belittled: told.filter(({ belittled }) => belittled).length,
    shortened: told.filter(({ shortened }) => shortened).length,
    rewritten: told.filter(({ rewritten }) => rewritten).length,
  };
  const score = seen.length < ENOUGH ? undefined : scoreOf(figures, lags);
  const letter = score && letterOf(score.all);
  return { ...figures, ...(score && { score }), ...(letter && { letter }), summary: summaryOf(figures, letter) };
}

interface Comparison {
  /** Absent: it has not told of it. */
  lag?: number;
  resolvedEarly: boolean;
  belittled: boolean;
  shortened: boolean;
  rewritten: boolean;
}

function comparisonOf(page: string, { kind, updates, severity, startedAt }: Incident, now: number): Comparison | undefined {
  if (kind !== 'incident') return undefined;
  const own = updates.filter(({ source }) => source.type === 'own');
  const theirs = updates.filter(({ source }) => source.type === 'page' && source.page === page);
  const began = own[0]?.at;
  if (began === undefined) return undefined;
  const [first] = theirs;
  if (!first) return now - began < PATIENCE ? undefined : { resolvedEarly: false, belittled: false, shortened: false, rewritten: false };
  // What a page shows may be backdated: what counts is when it could be read.
  const posted = Math.max(first.at, Math.min(first.seenAt, firstSaid(first)));
  const resolved = theirs.find(({ phase }) => phase === 'resolved');
  const ownEnd = own.findLast(({ phase }) => phase === 'resolved')?.at;
  const lastIll = own.findLast(({ phase }) => phase !== 'resolved')?.at ?? began;
  return {
    lag: posted - began,
    resolvedEarly: resolved !== undefined && (ownEnd === undefined ? lastIll : Math.max(ownEnd - SLACK, lastIll)) > resolved.at + SLACK,
    belittled: severity === 'minor' && own.some(({ text }) => /\bdown\b/.test(text)),
    shortened: startedAt > began + SLACK,
    rewritten: theirs.some(({ before, removedAt }) => (before?.length ?? 0) > 0 || removedAt !== undefined),
  };
}

/** The earliest time that an update has claimed for itself. */
function firstSaid({ at, before }: IncidentUpdate): number {
  return Math.max(at, ...(before ?? []).map((one) => one.at));
}

function scoreOf(
  { outages, told, resolvedEarly, belittled, shortened, rewritten }: Omit<Grade, 'score' | 'summary'>,
  lags: readonly number[],
): NonNullable<Grade['score']> {
  const points = lags.map((lag) => Math.min(1, Math.max(0, (WORST_LAG - lag) / (WORST_LAG - BEST_LAG))));
  const early = lags.length === 0 ? 0 : points.reduce((sum, each) => sum + each, 0) / lags.length;
  const complete = told / outages;
  const honest = told === 0 ? 0 : Math.max(0, 1 - (resolvedEarly + belittled + shortened + rewritten / 2) / (2 * told));
  const percent = (share: number): number => Math.round(share * 100);
  return { early: percent(early), complete: percent(complete), honest: percent(honest), all: percent((early + complete + honest) / 3) };
}

function letterOf(all: number): NonNullable<Grade['letter']> {
  return all >= 85 ? 'A' : all >= 70 ? 'B' : all >= 55 ? 'C' : all >= 40 ? 'D' : 'E';
}

/** Of sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

function summaryOf({ outages, told, medianLag, resolvedEarly }: Omit<Grade, 'summary'>, letter: Grade['letter']): string {
  if (outages === 0) return 'no outage has been seen here that it could be held against';
  const lag =
    medianLag === undefined
      ? ''
      : medianLag >= 0
        ? `, ${minutes(medianLag)} after the first sign here`
        : `, ${minutes(-medianLag)} before the first sign here`;
  const early = resolvedEarly === 0 ? '' : `; ${resolvedEarly} called resolved while requests still failed`;
  const few = letter === undefined ? ` (fewer than ${ENOUGH}: no grade)` : '';
  return `told of ${told} of ${outages} outages seen here${lag}${early}${few}`;
}

function minutes(span: number): string {
  return `${Math.round(span / 60_000)} min`;
}
