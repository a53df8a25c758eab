import type { Result } from '../exchange/result.ts';
import type { FeedProblem, PageReading, Payload } from './page-reading.ts';

/** Who makes the page's software; in the order in which an unknown page is tried. */
export const PAGE_FAMILIES = [
  'incident-io',
  'statuspage',
  'google-cloud',
  'google-workspace',
  'openrouter-uptime',
  'instatus',
  'better-stack',
  'checkly',
  'flashduty',
  'onlineornot',
  'feed',
] as const;

export type PageFamily = (typeof PAGE_FAMILIES)[number];

/** A status page, as data. */
export interface StatusPage {
  /** Its name here: `anthropic`, `openai`; for a user's own, what the configuration calls it. */
  id: string;
  family: PageFamily;
  /** What a person opens. */
  url: string;
  /** Other addresses of the same page, asked when the first gives nothing. */
  mirrors?: readonly string[];
  /** Where its payloads are read, instead of the family's usual places below `url`. */
  feeds?: readonly string[];
  /** The page's own id, where the family's addresses need it. */
  pageId?: string;
  covers: readonly Covered[];
  /** Where ids and addresses were read, and when. */
  source: string;
}

/** Which of the page's components and entries speak of which product. */
export interface Covered {
  provider: string;
  product: string;
  /** The page's own ids, which outlive names. */
  components?: readonly string[];
  /** Names of the page's groups: what is in them, now or later, is of this product. Ids go first. */
  groups?: readonly string[];
  /** Regular expressions (case-insensitive) for names of components and for titles of entries, where neither ids nor groups say it. */
  names?: readonly string[];
  /** Everything that the page says is about it. */
  all?: true;
}

/** One thing to fetch. */
export interface FeedRequest {
  url: string;
  /** The same from elsewhere, in order. */
  mirrors: readonly string[];
  method?: 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The page is known only if this was read. */
  required: boolean;
}

/** How a family of pages is read. Pure. */
export interface FeedAdapter {
  family: PageFamily;
  /** For the state as it is now. */
  requests(page: StatusPage): FeedRequest[];
  /** For what was between two moments (UTC ms), as far as the page keeps it. Absent: the state now has all there is. */
  history?(page: StatusPage, from: number, to: number): FeedRequest[];
  /** Any of its payloads; what is not understood is a problem, never an empty page. `now`: UTC ms, for pages that say `in progress` by a window. */
  read(payload: Payload, page: StatusPage, now: number): Result<PageReading, FeedProblem>;
}

/**
 * How a page stands here. `unknown`: never read, or its last good reading is too old; what it said last is then no evidence.
 */
export interface PageState {
  page: string;
  state: 'fresh' | 'unknown';
  /** UTC ms of the last good reading. */
  readAt?: number;
  /** UTC ms when that reading was asked for. */
  askedAt?: number;
  /** UTC ms of the last attempt. */
  triedAt?: number;
  /** Why the last attempt gave nothing, in a sentence. */
  problem?: string;
  reading?: PageReading;
}
