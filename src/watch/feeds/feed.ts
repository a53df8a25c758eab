import { err, type Result } from '../../exchange/result.ts';
import type { FeedAdapter, StatusPage } from '../page.ts';
import type { FeedProblem, PageIncident, PageReading, Payload } from '../page-reading.ts';
import { feedDate } from './feed-date.ts';
import { entriesOf, type FeedEntry } from './feed-entries.ts';
import { impactOfEntry, isPlannedWork, phaseOfEntry, titleOfEntry } from './feed-phase.ts';
import { reading, unreadable } from './json-payload.ts';
import { joinCopies } from './region-copies.ts';
import { xmlOf } from './xml.ts';

/**
 * Feeds that have all that is open: AWS's and Azure's have nothing else in them (research/status.md, 1.1), xAI's keeps weeks of what is over besides. Of
 * any other feed it isn't known, and that it is silent says nothing.
 */
const HAVE_ALL_OPEN = /^(?:status\.aws\.amazon\.com|rssfeed\.azure\.status\.microsoft|status\.x\.ai)$/;
/** Milliseconds between two entries of AWS that may still be of one event. */
const ONE_EVENT = 3 * 86_400_000;

/** RSS 2.0, RSS 1.0 (RDF) and Atom. Feeds name no components and seldom say how bad it is; some are the only thing that a page has. */
export const feed: FeedAdapter = {
  family: 'feed',
  requests: ({ url, mirrors = [], feeds }) => {
    if (feeds === undefined || feeds.length === 0) return [{ url, mirrors, required: true }];
    // Each is a region of its own: without one of them it is not known that nothing is open.
    return feeds.map((each) => ({ url: each, mirrors: [], required: true }));
  },
  read: readFeed,
};

export function readFeed(payload: Payload, page: StatusPage): Result<PageReading, FeedProblem> {
  const root = xmlOf(payload);
  if (!root.ok) return err(root.error);
  return reading(() => {
    const incidents = eventsOf(entriesOf(root.value)).flatMap((entries) => incidentOf(entries, page));
    const host = URL.canParse(payload.url) ? new URL(payload.url).host : '';
    return { components: [], incidents: joinCopies(incidents), listsAllOpen: HAVE_ALL_OPEN.test(host) };
  });
}

/**
 * One event an item: but AWS writes a new item for each update, with the time at the end of its guid and the state at the beginning of its title. Without
 * a guid, title and link stand for it.
 */
function eventsOf(entries: readonly FeedEntry[]): FeedEntry[][] {
  const events: FeedEntry[][] = [];
  const latest = new Map<string, { at: number; entries: FeedEntry[] }>();
  // Feeds list the newest first.
  const inTime = entries.toReversed().toSorted((one, other) => (one.at ?? 0) - (other.at ?? 0));
  for (const entry of inTime) {
    const service = /#([\w-]+)_\d{9,11}$/.exec(entry.guid ?? '')?.[1];
    const key =
      entry.guid === undefined || service !== undefined ? `${service ?? entry.link ?? ''} ${titleOfEntry(entry.title)}` : entry.guid;
    const known = latest.get(key);
    const at = entry.at ?? 0;
    if (known && at - known.at <= ONE_EVENT) {
      known.entries.push(entry);
      known.at = at;
    } else {
      const begun = [entry];
      events.push(begun);
      latest.set(key, { at, entries: begun });
    }
  }
  return events;
}

/** `entries`: of one event, oldest first. */
function incidentOf(entries: readonly FeedEntry[], page: StatusPage): PageIncident[] {
  const first = entries[0]!;
  const last = entries.at(-1)!;
  const phase = phaseOfEntry(last);
  const title = titleOfEntry(last.title);
  const times = entries.flatMap(({ at, changedAt }) => [at, changedAt]).filter((at) => at !== undefined);
  if (times.length === 0) {
    // Of what is over nothing is lost; what is open can't be told from what was open last year.
    return phase === 'resolved' ? [] : unreadable(`the entry “${title.slice(0, 80)}” has no date`);
  }
  const startedAt = Math.min(...times);
  const latest = Math.max(...times);
  const stated = feedDate(/^\s*resolved:\s*(.+)$/im.exec(last.text)?.[1]);
  const kind = isPlannedWork(last) ? 'maintenance' : 'incident';
  const id = first.guid ?? `${first.link ?? ''}#${title}@${startedAt}`;
  const words = namedIn(`${last.title}\n${last.text}`, last.title, page);
  return [
    {
      id,
      kind,
      title,
      impact: kind === 'maintenance' ? 'none' : impactOfEntry(last),
      phase,
      startedAt: stated === undefined ? startedAt : Math.min(startedAt, stated),
      ...(phase === 'resolved' && kind === 'incident' && { endedAt: stated ?? latest }),
      updates: entries.map((entry) => ({
        phase: phaseOfEntry(entry),
        at: entry.changedAt ?? entry.at ?? latest,
        text: entry.text,
      })),
      components: words === undefined ? [] : [{ id: words, name: words }],
      ...(last.link !== undefined && { url: last.link }),
    },
  ];
}

/**
 * What of the page's words stands in an entry whose title has none of them: Azure's titles often name what broke, and only the text below whom it hits.
 */
function namedIn(text: string, title: string, { covers }: StatusPage): string | undefined {
  const patterns = covers.flatMap(({ names = [] }) => names).map((name) => new RegExp(name, 'i'));
  if (patterns.some((pattern) => pattern.test(title))) return undefined;
  return patterns.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined && match !== '');
}
