/** What a status page says, the same for all page families. Times are UTC milliseconds, as the page claims them. */
export interface PageReading {
  components: PageComponent[];
  /** Incidents and planned work, open ones and those of the past that the payload still has. */
  incidents: PageIncident[];
  /** Every incident that is open is among them: one that is missing here is over. */
  listsAllOpen: boolean;
  /** Shares of requests that somebody else saw succeed. */
  uptimes?: UptimeReading[];
  /** When the page says that it was changed last. Of a reading out of several feeds, none. */
  updatedAt?: number;
}

/** `unknown`: the page has a word for it that is not known here. */
export type ComponentState = 'operational' | 'degraded' | 'partial-outage' | 'major-outage' | 'maintenance' | 'unknown';

export interface PageComponent {
  /** The page's own, stable; where it has none, the name. */
  id: string;
  name: string;
  group?: string;
  state: ComponentState;
}

export type Impact = 'none' | 'minor' | 'major' | 'critical' | 'unknown';

/** Of planned work: `scheduled`, then `in-progress`, `verifying` and `resolved`. */
export type Phase = 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'scheduled' | 'in-progress' | 'verifying' | 'unknown';

export interface PageIncident {
  /** The page's own, stable. */
  id: string;
  kind: 'incident' | 'maintenance';
  title: string;
  impact: Impact;
  phase: Phase;
  /** When it began, as stated; where the page states only when it was posted, that. */
  startedAt: number;
  /** Of one that is over; of planned work, its planned end. */
  endedAt?: number;
  /** Oldest first. */
  updates: PageUpdate[];
  /** As the page links them; some pages link all they have. */
  components: { id: string; name: string; state?: ComponentState }[];
  /** For people. */
  url?: string;
}

export interface PageUpdate {
  /** Where the page has one. */
  id?: string;
  phase: Phase;
  /** What the page shows; may be backdated. */
  at: number;
  /** When it was posted, where that is stated apart. */
  postedAt?: number;
  /** Plain text. */
  text: string;
}

/** What somebody who sends many requests has seen of one host of a model. */
export interface UptimeReading {
  /** Who answers, as the source names it: `Anthropic`, `Amazon Bedrock`. */
  host: string;
  /** `anthropic/claude-opus-5.5`, as the source names it. */
  model: string;
  /** Percent of requests that succeeded; absent: too few. */
  last5Minutes?: number;
  last30Minutes?: number;
  lastDay?: number;
}

/** What was fetched. */
export interface Payload {
  /** After redirects. */
  url: string;
  /** Lower case, without parameters. */
  contentType: string;
  bytes: Uint8Array;
}

/** Why a payload says nothing: the state of what it is about is then unknown, neither well nor ill. */
export interface FeedProblem {
  /** `not-a-feed`: HTML where JSON should be, a captive portal, a challenge. `unknown-shape`: well-formed, but not what this family writes. */
  type: 'not-a-feed' | 'malformed' | 'unknown-shape';
  /** What was found, with the first offending member: one sentence. */
  message: string;
}
