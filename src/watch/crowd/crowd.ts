import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { parseProductKey } from '../product.ts';
import { ANSWER_LASTS, answerEvidence, crowdEvidence, type CrowdEvidence } from './evidence.ts';
import type { States } from './hub-answers.ts';
import type { HubCall } from './hub-call.ts';
import { hubClient, type HubClient, type HubProblem } from './hub-client.ts';
import type { InstallKey } from './install-key.ts';
import { keptReports, type KeptReport, type ReportState } from './kept-reports.ts';
import { regionOf } from './region.ts';
import type { HubSettings } from './settings.ts';
import { BIN, binOf, type OwnCounts, type Report, reportOf, statementText } from './statement.ts';
import type { Symptom } from './symptoms.ts';

export interface CrowdPorts {
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** `watch.db`. */
  database: DatabaseSync;
  call: HubCall;
  /** Lets others go first, while work is done for a hub. */
  pause: () => Promise<void>;
  installKey(): Result<InstallKey, string>;
  own(product: string): OwnCounts;
  /** Understudy's. */
  version: string;
  environment: Readonly<Record<string, string | undefined>>;
  timeZone: string;
  /** What the user or the crowd says may be another than before. Soon after the start, too. */
  onEvidence(evidence: CrowdEvidence[]): void;
  /** The database has failed. */
  broken(error: unknown): void;
}

export interface ReportAsked {
  /** `anthropic/chat`. */
  product: string;
  model?: string;
  symptom: Symptom;
  /** `false`: only what would be sent. */
  send: boolean;
}

/** `shown`: nothing was done. `earlier`: reported within the hour, and the first counts; it is kept here. */
export interface ReportAnswer {
  state: 'shown' | 'earlier' | ReportState;
  /** UTC ms of the report that counts, where it is an earlier one. */
  earlierAt?: number;
  /** Where it goes. None: no hub is named. */
  hub?: string;
  /** To the letter, but for the proof of work that goes with it. */
  sent?: { statement: Report; signature: string };
  /** Why it has not arrived: one sentence. */
  problem?: string;
}

export interface Crowd {
  report(asked: ReportAsked): Promise<Result<ReportAnswer, string>>;
  /** Its user was asked whether it fails. Kept here and weighed, and never sent. */
  answered(product: string, failing: boolean): void;
  evidence(): CrowdEvidence[];
  /** Reports of this machine since then, newest first. */
  reports(since: number): KeptReport[];
  apply(settings: HubSettings): void;
  close(): void;
}

const HOUR = 60 * 60_000;
/** A hub takes reports up to 30 minutes late; a few of them are left for its way. */
const TRIED_FOR = 25 * 60_000;
const FIRST_PAUSE = 30_000;
/** Hubs are asked every five minutes, and sooner while somebody reports something. */
const POLL = 5 * 60_000;
const POLL_SOON = 90_000;
/** What a hub said this long ago is no evidence any more. */
const STALE = 3 * POLL;

/** Reports of this user: kept here, sent to a hub if one is named; and what that hub says of all. */
export function createCrowd(initial: HubSettings, ports: CrowdPorts): Crowd {
  const { clock, random } = ports;
  const kept = keptReports(ports.database);
  let settings = initial;
  let client: HubClient | undefined;
  let states: { heard: number; states: States } | undefined;
  let polling: (() => void) | undefined;
  let retrying: (() => void) | undefined;
  let telling: (() => void) | undefined;
  let retryingNow = false;
  let region: string | undefined;
  let closed = false;

  function begin(): void {
    client = settings.url === undefined ? undefined : hubClient(settings.url, ports.call, ports.pause);
    states = undefined;
    for (const report of kept.waiting())
      if (report.hub !== settings.url) kept.settle(report.id, { state: 'kept', problem: 'its hub is not named any more' });
    if (!client) return;
    polling = clock.after(1000 + random() * 4000, () => void poll().catch(ports.broken));
    armRetry();
  }

  function end(): void {
    client?.close();
    polling?.();
    retrying?.();
    polling = retrying = undefined;
  }

  /** Looked up once: it takes a quarter of a second. */
  function regionHere(): string {
    region ??= regionOf({ setting: settings.region, environment: ports.environment, timeZone: ports.timeZone });
    return region;
  }

  function statement(asked: ReportAsked): Result<{ statement: Report; signature: string }, string> {
    const key = ports.installKey();
    if (!key.ok) return key;
    const product = parseProductKey(asked.product);
    if (!product) return err(`${asked.product} is no product; products are written as anthropic/api.`);
    const report = reportOf(
      { ...product, ...(asked.model !== undefined && { model: asked.model }), symptom: asked.symptom },
      {
        region: regionHere(),
        own: ports.own(asked.product),
        now: clock.now(),
        client: ports.version,
        key: key.value.publicKey,
      },
    );
    return ok({ statement: report, signature: key.value.sign(statementText(report)) });
  }

  async function report(asked: ReportAsked): Promise<Result<ReportAnswer, string>> {
    const { url } = settings;
    const now = clock.now();
    const { product, model, symptom } = asked;
    const entry = { at: now, product, symptom, ...(model !== undefined && { model }) };
    const keep = (): void => {
      if (!asked.send) return;
      kept.add({ ...entry, state: 'kept' });
      tell();
    };
    if (url === undefined) {
      keep();
      return ok({ state: asked.send ? 'kept' : 'shown' });
    }
    const earlier = kept.counted(product, url, now - HOUR);
    if (earlier) {
      keep();
      return ok({ state: 'earlier', hub: url, earlierAt: earlier.at });
    }
    const made = statement(asked);
    if (!made.ok) return made;
    const sent = made.value;
    if (!asked.send) return ok({ state: 'shown', hub: url, sent });
    const text = statementText(sent.statement);
    const id = kept.add({ ...entry, state: 'waiting', hub: url, statement: text, signature: sent.signature, nextTry: now + FIRST_PAUSE });
    tell();
    const outcome = await hand({ ...entry, id, state: 'waiting', hub: url, statement: text, signature: sent.signature, tries: 0 });
    armRetry();
    if (polling) soon();
    return ok({ state: outcome.state, hub: url, sent, ...(outcome.problem !== undefined && { problem: outcome.problem }) });
  }

  /** One try. */
  async function hand({
    id,
    statement: text,
    signature,
    at,
    tries,
  }: KeptReport): Promise<Pick<KeptReport, 'state' | 'nextTry' | 'problem'>> {
    const hub = client;
    if (!hub || text === undefined || signature === undefined) return { state: 'kept' };
    const taken = await hub.send('reports', text, signature, clock.now());
    if (closed || hub !== client) return { state: 'waiting', problem: 'it is tried again when Understudy runs the next time' };
    const outcome = taken.ok ? { state: 'sent' as const } : failed(taken.error, at, tries);
    kept.settle(id, outcome);
    return outcome;
  }

  function failed(
    { passing, message, retryAfter = 0 }: HubProblem,
    at: number,
    tries: number,
  ): Pick<KeptReport, 'state' | 'nextTry' | 'problem'> {
    if (!passing) return { state: 'refused', problem: message };
    const nextTry = clock.now() + Math.max(retryAfter, FIRST_PAUSE * 2 ** Math.min(tries, 6) * (0.75 + random() / 2));
    return nextTry > binOf(at) + TRIED_FOR
      ? { state: 'late', problem: message }
      : { state: 'waiting', nextTry: Math.ceil(nextTry), problem: message };
  }

  function armRetry(): void {
    retrying?.();
    retrying = undefined;
    const due = kept.waiting().map(({ nextTry }) => nextTry ?? 0);
    if (closed || retryingNow || due.length === 0 || !client) return;
    retrying = clock.after(Math.max(1000, Math.min(...due) - clock.now()), () => void retry().catch(ports.broken));
  }

  async function retry(): Promise<void> {
    retryingNow = true;
    const now = clock.now();
    for (const waiting of kept.waiting()) {
      if (closed) return;
      if ((waiting.nextTry ?? 0) > now) continue;
      if (now > binOf(waiting.at) + TRIED_FOR)
        kept.settle(waiting.id, { state: 'late', problem: waiting.problem ?? 'nothing ran to send it' });
      else await hand(waiting);
    }
    retryingNow = false;
    if (!closed) armRetry();
  }

  async function poll(): Promise<void> {
    polling = undefined;
    const hub = client;
    if (!hub) return;
    await makeKnown(hub);
    const heard = await hub.states();
    if (closed || hub !== client) return;
    if (heard.ok) {
      const now = heard.value === 'unchanged' ? states?.states : heard.value;
      if (now) states = { heard: clock.now(), states: now };
    }
    tell();
    const busy = states?.states.states.some(({ state }) => state !== 'none') === true || kept.since(clock.now() - POLL * 6).length > 0;
    const pause = heard.ok ? (busy ? POLL_SOON : POLL) : Math.max(POLL, heard.error.retryAfter ?? 0);
    polling = clock.after(pause * (0.8 + random() * 0.4), () => void poll().catch(ports.broken));
  }

  /** A hub that has known a key for a week gives its reports more weight: it is told of it when it is named, not in the middle of an outage. */
  async function makeKnown(hub: HubClient): Promise<void> {
    const { url } = settings;
    const key = ports.installKey();
    if (!key.ok || url === undefined || kept.isKnown(url, key.value.publicKey)) return;
    const text = statementText({ type: 'key', version: 1, at: binOf(clock.now()), client: ports.version, key: key.value.publicKey });
    const taken = await hub.send('keys', text, key.value.sign(text), clock.now());
    if (!closed && taken.ok) kept.setKnown(url, key.value.publicKey, clock.now());
  }

  function soon(): void {
    polling?.();
    polling = clock.after(BIN / 10, () => void poll().catch(ports.broken));
  }

  function evidence(): CrowdEvidence[] {
    const now = clock.now();
    const fresh = states !== undefined && settings.url !== undefined && now - states.heard <= STALE;
    return [...answerEvidence(kept.since(now - ANSWER_LASTS), now), ...(fresh ? crowdEvidence(states!.states, settings.url!) : [])];
  }

  function tell(): void {
    if (closed) return;
    const all = evidence();
    // What was said gets old without anything happening.
    const ends = all.map(({ evidence: { kind, at } }) => (kind === 'answer' ? at + ANSWER_LASTS : (states?.heard ?? 0) + STALE + 1));
    tellAfter(Math.min(...ends) - clock.now());
    ports.onEvidence(all);
  }

  function tellAfter(pause: number): void {
    telling?.();
    telling = Number.isFinite(pause) ? clock.after(Math.max(1, pause), tellOrBreak) : undefined;
  }

  function tellOrBreak(): void {
    try {
      tell();
    } catch (error) {
      ports.broken(error);
    }
  }

  begin();
  tellAfter(100);
  return {
    report,
    answered(product, failing) {
      kept.add({ at: clock.now(), product, symptom: failing ? 'errors' : 'works', state: 'kept' });
      tell();
    },
    evidence,
    reports: (since) => kept.since(since),
    apply(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(settings)) return;
      const moved = wanted.url !== settings.url;
      settings = wanted;
      region = undefined;
      if (!moved) return;
      end();
      begin();
      tell();
    },
    close() {
      closed = true;
      telling?.();
      end();
    },
  };
}
