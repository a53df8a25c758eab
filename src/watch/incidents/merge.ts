import type { Incident } from '../incident.ts';

/** An event as one source tells of it. */
export interface Candidate {
  kind: Incident['kind'];
  title: string;
  products: readonly string[];
  models: readonly string[];
  startedAt: number;
  endedAt?: number;
  /** The page that tells of it; absent: own evidence. */
  page?: string;
  /** The page files one event several times: for each region and surface. */
  repeats?: boolean;
}

const MINUTE = 60_000;
/** Copies of one event for several regions are posted within minutes (research/status.md, 1.1, xAI). */
const COPIES = 15 * MINUTE;
/** Pages of two companies that speak of the same outage, and name it alike. */
const PAGES_APART = 60 * MINUTE;
/** Own evidence comes before a post by 39 minutes in the median and 93 in the slowest quarter (research/status.md, 0.1); and a page may be the first. */
const POST_LAG = 3 * 60 * MINUTE;
const POST_LEAD = 60 * MINUTE;
/** What both say goes on is one event also when it began hours apart; a notice that stays open for weeks does not swallow what comes later. */
const BOTH_OPEN = 24 * 60 * MINUTE;

/** Whether a source tells of an event that is known already. Rules in words: docs/watch.md. */
export function isSameEvent(known: Incident, candidate: Candidate): boolean {
  if (known.kind !== candidate.kind || !shares(known.products, candidate.products)) return false;
  const apart = candidate.startedAt - known.startedAt;
  const pages = known.sources.flatMap((source) => (source.type === 'page' ? [source.page] : []));
  if (candidate.page === undefined || pages.length === 0) {
    // What users of this machine noticed and what somebody writes about it.
    if (!mayShareModels(known.models, candidate.models) || known.sources.some(({ type }) => type === 'hand')) return false;
    const early = candidate.page === undefined ? known.startedAt - candidate.startedAt : apart;
    if (known.phase !== 'resolved' && candidate.endedAt === undefined) return Math.abs(early) <= BOTH_OPEN;
    if (early < -POST_LEAD || early > POST_LAG) return false;
    // What was over long before the other began is another event.
    const over = known.phase === 'resolved' ? (known.endedAt ?? known.endSeenAt ?? known.startedAt) : undefined;
    return over === undefined || candidate.startedAt <= over + POST_LEAD;
  }
  if (pages.includes(candidate.page)) {
    return candidate.repeats === true && Math.abs(apart) <= COPIES && bareTitle(known.title) === bareTitle(candidate.title);
  }
  if (Math.abs(apart) > PAGES_APART) return false;
  return bareTitle(known.title) === bareTitle(candidate.title) || (known.models.length > 0 && sameSet(known.models, candidate.models));
}

/** Without what a page adds for each region and surface: `[API (us-east-1.api.x.ai)]`, `(us-east-1)`. */
export function bareTitle(title: string): string {
  return title
    .replaceAll(/\[[^\]]*\]|\([^)]*\)/g, ' ')
    .replaceAll(/[^\p{L}\p{N}.]+/gu, ' ')
    .trim()
    .toLowerCase();
}

function shares(one: readonly string[], other: readonly string[]): boolean {
  return one.some((each) => other.includes(each));
}

/** One that names no model may be about any. */
function mayShareModels(one: readonly string[], other: readonly string[]): boolean {
  return one.length === 0 || other.length === 0 || shares(one, other);
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
