import type { ArchiveClient } from '../archive/client.ts';
import type { SpaceReport } from '../archive/space/report.ts';
import type { Drills } from '../drill/readiness/serve-drills.ts';
import type { Dialect, RequestHead } from '../dialects/dialect.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Fault } from '../exchange/fault.ts';
import type { JsonObject } from '../exchange/json.ts';
import type { Priority } from '../exchange/priority.ts';
import type { Result } from '../exchange/result.ts';
import type { LinePlace } from '../failover/admission.ts';
import type { CapState } from '../failover/caps.ts';
import type { TargetStatus } from '../health/health.ts';
import type { Offline } from '../offline/serve-offline.ts';
import type { WatchClient } from '../watch/client.ts';
import type { AnswerLog, Journal, JournalState } from '../journal/journal.ts';
import type { LocalDesk } from './local/serve-local.ts';
import type { Feed } from '../telemetry/feed.ts';
import type { QueuePort } from './queue/queue-port.ts';
import type { SpanReport } from '../telemetry/telemetry.ts';

/** A request as it came in, body read, dialect known. */
export interface Ask {
  dialect: Dialect;
  head: RequestHead;
  body: Buffer;
  /** Path and query as the client asked. */
  path: string;
  headers: [name: string, value: string][];
  /** Who asks, as a label: `local`, or the name of an access token. */
  principal: string;
  /** The request came from this machine, and the server listens to nobody else. */
  alone?: boolean;
  /** `x-understudy-route`, where the client names one. */
  route?: string;
  /** `x-understudy-queue`: keep the request if nobody can answer now. `wait`: and hold on for it, for so many milliseconds. */
  queue?: 'allow' | { wait: number };
  /** `x-understudy-deadline`: milliseconds for which it is kept at most. */
  deadline?: number;
  /** `x-understudy-notify`: URL that is told of its end. */
  notify?: string;
  /** `x-understudy-priority`: how pressing it is; `interactive` where nobody says. */
  priority?: Priority;
  /** Asked for under an Idempotency-Key (hashes, as in `Opening.once`): the answer is finished whatever becomes of its client. */
  once?: { key: string; question: string };
  /** The deferred exchange that this is to answer. */
  runs?: string;
  /** As `Question.original` of the engine. */
  original?: { body: Buffer; provider: string };
  /** As `Question.goesOnFrom` of the engine. */
  goesOnFrom?: string;
}

/** An answer to be read from its beginning: one under way, or one that has ended. */
export type KeptLog = Pick<AnswerLog, 'opening' | 'follow'>;

/** An exchange under way. */
export interface Asked {
  log: KeptLog;
  /** The same for a client that holds on: it goes on after the request has been kept, until its wait is over. */
  held?: KeptLog;
  /** Where it stands in the line for a place at a busy target; `undefined`: in none. */
  place?(): LinePlace | undefined;
  /** The client has gone: stops upstream, unless the answer is to be finished. True: there is, or will be, an answer all the same. */
  abandon(): boolean;
  /** Stops upstream whatever the route says: the answer is not wanted any more. */
  cancel(): void;
}

export interface ModelListing {
  /** What a client asks for. */
  id: string;
  /** Who answers, in order: `anthropic/claude-…`. */
  targets: string[];
  /** Of the first of them, in tokens, where they are known. */
  contextWindow?: number;
  maxOutput?: number;
}

export interface StatusReport {
  version: string;
  startedAt: number;
  address: string;
  data: string;
  journal: JournalState;
  running: number;
  /** Requests that nobody could answer, and that wait to be asked again. */
  deferred: number;
  routes: {
    pattern: string;
    targets: string[];
    allow?: string[];
    never: string[];
    save: boolean;
    turns?: { target: string; dollars: number }[];
  }[];
  targets: TargetStatus[];
  /** Conversations that stay with another target than their lead for now, by that target. */
  away: Record<string, number>;
  /** What counts against the caps on money: backups' first, then those of the routes that have one. */
  spend: CapState[];
  /** Where OpenTelemetry spans are sent, and what became of them since the start; absent: nowhere. */
  spans?: SpanReport;
  /** Model services on this machine that were found, and which routes lead to them; absent: none. */
  local?: {
    services: { provider: string; title: string; baseUrl: string; models: number }[];
    routes: { route: string; targets: string[] }[];
  };
  /** The last drill on one's own routes: how ready the backups were, 0 to 100. */
  drill?: { at: number; score: number; sentence: string };
  /** How much room the data folder has; absent: its file system doesn't say. */
  space?: SpaceReport;
  /** Things that the user should know: no key, degraded journal, a config that was not taken. */
  notices: string[];
}

/** What the server needs from the rest of the house; wired by `app.ts`. */
export interface ServerPorts {
  ask(ask: Ask): Result<Asked, Fault>;
  /** An answer that was asked for before: as `Asked.held`, where this client is ready to hold on. */
  hold(ask: Ask, log: KeptLog): KeptLog;
  /** Whether requests in this dialect are being translated: the next is then better parsed than looked through. */
  translates(dialect: DialectName): boolean;
  /** A deferred request is not wanted any more. False: it did not wait. */
  withdraw(exchange: string): Promise<boolean>;
  /** Stops an exchange that is under way, as `Asked.cancel` does. */
  cancel(exchange: string): void;
  /** A native target's count, else a marked estimate. */
  countTokens(ask: Ask): Promise<{ status: number; headers: Record<string, string>; body: Buffer }>;
  models(): ModelListing[];
  status(): StatusReport;
  journal: Journal;
  /** Conversations. Asked in a thread of their own. */
  archive: Pick<ArchiveClient, 'ask'>;
  /** Products, pages, incidents. Asked in a thread of their own. */
  watch: Pick<WatchClient, 'ask'>;
  /** Models on this machine. */
  /** What waits to be asked again. */
  queue: QueuePort;
  local: Pick<LocalDesk, 'report' | 'look'>;
  /** Earlier answers, notes and runbooks. Asked in a thread of their own. */
  offline: Pick<Offline, 'desk' | 'ask'>;
  /** Drills on the user's own routes. */
  drills: Omit<Drills, 'apply' | 'close' | 'last' | 'notices'>;
  /** What happens, for all who watch. */
  feed: Feed;
  /** Where a provider is reached. */
  baseUrl(provider: string): string | undefined;
  /** The effective configuration, secrets replaced. */
  config(): JsonObject;
}

/** Where the server says what went wrong inside; a pino logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
