import { randomFillSync } from 'node:crypto';
import type { Dialect } from '../../dialects/dialect.ts';
import { type Clock, systemClock } from '../../exchange/clock.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { Fault } from '../../exchange/fault.ts';
import { exchangeId } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Target } from '../../exchange/target.ts';
import type { AttemptStart, Bytes, End, Head } from '../../journal/entry.ts';
import type { AnswerLog, Journal, JournalState } from '../../journal/journal.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { queueSettings } from '../../queue/settings.ts';
import { createFeed } from '../../telemetry/feed.ts';
import { type RunningServer, startServer } from '../listen.ts';
import type { Ask, Asked, Log, ServerPorts } from '../ports.ts';
import { type ServerSettings, serverSettings } from '../../config/server-settings.ts';

/** Plays an exchange: writes its log, now or later. A returned fault refuses the question. */
export type Script = (log: AnswerLog, ask: Ask) => Fault | void;

export interface Stage {
  ports: ServerPorts;
  journal: Journal;
  asks: Ask[];
  /** Ids of exchanges that were abandoned. */
  abandoned: string[];
  /** Ids of exchanges that were cancelled. */
  cancelled: string[];
  logged: { fields: object; message: string }[];
  log: Log;
  clock: Clock;
}

export interface StageOptions {
  clock?: Clock;
  state?: JournalState;
  /** Bytes of one answer that the journal keeps. */
  kept?: number;
  script?: Script;
  ports?: Partial<ServerPorts>;
}

/** The house behind the server, reduced to a script and a journal in memory. */
export function stage(options: StageOptions = {}): Stage {
  const clock = options.clock ?? systemClock;
  const journal = memoryJournal({
    clock,
    ...(options.state ? { state: options.state } : {}),
    ...(options.kept === undefined ? {} : { limit: options.kept }),
  });
  const asks: Ask[] = [];
  const abandoned: string[] = [];
  const cancelled: string[] = [];
  const logged: Stage['logged'] = [];
  const write = (fields: object, message: string): void => void logged.push({ fields, message });

  function ask(question: Ask): Result<Asked, Fault> {
    asks.push(question);
    const { dialect, head, principal } = question;
    const id = exchangeId(clock.now(), (bytes) => randomFillSync(bytes));
    const log = journal.open(
      { id, at: clock.now(), dialect: dialect.name, model: head.model, route: 'default', stream: head.stream, principal, save: true },
      question.body,
    );
    const refused = (options.script ?? speak('Hello.'))(log, question);
    if (refused) return err(refused);
    return ok({
      log,
      abandon() {
        // Of an answer that is over nothing is left to be abandoned.
        if (journal.running().some((opening) => opening.id === id)) abandoned.push(id);
        return false;
      },
      cancel: () => void cancelled.push(id),
    });
  }

  const ports: ServerPorts = {
    ask,
    hold: (_ask, log) => log,
    translates: () => false,
    withdraw: journal.withdraw,
    cancel: (id) => void cancelled.push(id),
    countTokens: () =>
      Promise.resolve({ status: 200, headers: { 'x-understudy-estimate': 'true' }, body: Buffer.from('{"input_tokens":7}') }),
    models: () =>
      ['claude-a', 'claude-b', 'vendor/gpt-c'].map((id) => ({
        id,
        targets: [`anthropic/${id}`],
        ...(id === 'claude-a' && { contextWindow: 200_000, maxOutput: 64_000 }),
      })),
    status: () => ({
      version: '0.1.0',
      startedAt: 1,
      address: 'http://127.0.0.1:4141',
      data: '/tmp/data',
      journal: journal.state(),
      running: journal.running().length,
      deferred: 0,
      routes: [{ pattern: 'default', targets: ['anthropic/*'], never: [], save: true }],
      targets: [],
      away: {},
      spend: [],
      notices: ['No key <is> configured.'],
    }),
    journal,
    archive: {
      ask: () => Promise.resolve(err({ type: 'unavailable', reason: 'there is none here', action: 'give the stage one' })),
    },
    watch: {
      ask: () => Promise.resolve(err({ type: 'unavailable', reason: 'there is none here', action: 'give the stage one' })),
    },
    offline: {
      desk: { answer: () => Promise.reject(new Error('there is none here: give the stage one')) },
      ask: () => Promise.resolve(err('there is none here: give the stage one')),
    },
    local: {
      report: () => ({ places: [], services: [], strangers: [], routes: [] }),
      look: () => Promise.resolve({ places: [], services: [], strangers: [], routes: [] }),
    },
    queue: {
      settings: () => queueSettings.parse({}),
      overview: () => ({ counts: {}, jobs: [] }),
      get: () => undefined,
      summary: () => undefined,
      change: () => undefined,
      cancel: () => Promise.resolve(undefined),
      wake: () => undefined,
      put: () => err({ class: 'bad-request', symptom: 'skipped', message: 'there is none here: give the stage one' }),
    },
    drills: {
      propose: () => Promise.resolve(err('there is none here: give the stage one')),
      start: () => Promise.resolve(err('there is none here: give the stage one')),
      running: () => undefined,
      stop: () => false,
      list: () => [],
      show: () => Promise.resolve(undefined),
    },
    feed: createFeed(clock, (error) => {
      throw error;
    }),
    baseUrl: () => undefined,
    config: () => ({ server: { host: '127.0.0.1' } }),
    ...options.ports,
  };
  return { ports, journal, asks, abandoned, cancelled, logged, log: { info: write, warn: write, error: write }, clock };
}

/** Starts a server on a free port; fails the test if it can't. */
export async function serve(on: Stage, settings: Partial<ServerSettings> = {}): Promise<RunningServer> {
  const started = await startServer({
    settings: { ...serverSettings.parse({ port: 0 }), ...settings },
    ports: on.ports,
    clock: on.clock,
    log: on.log,
  });
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
}

export const TARGET: Target = { provider: 'wall', model: 'm', credential: 'key', dialect: 'anthropic-messages', vendor: 'wall' };

export function attempt(ordinal = 0, provider = 'wall'): AttemptStart {
  const kind = ordinal === 0 ? 'first' : 'next';
  return { type: 'attempt', ordinal, kind, target: { ...TARGET, provider }, native: true, losses: [], edits: [] };
}

export function head(more: Partial<Head> = {}): Head {
  return { type: 'head', status: 200, headers: [], target: 'wall/m', ...more };
}

export function bytes(piece: Buffer | string, terminated = false, events: AnswerEvent[] = []): Bytes {
  return { type: 'bytes', attempt: 0, bytes: Buffer.from(piece), events, terminated };
}

export const complete: End = { type: 'end', outcome: { type: 'complete', finish: 'stop' } };

export function failed(committed: boolean, more: { fault?: Partial<Fault>; body?: string } = {}): End {
  const fault: Fault = { class: 'provider-fault', symptom: 'reset', message: 'wall/m broke off', ...more.fault };
  return { type: 'end', outcome: { type: 'failed', fault, committed, ...(more.body === undefined ? {} : { body: more.body }) } };
}

/** A short answer in events, as any dialect can write it. */
export function words(text: string): AnswerEvent[] {
  return [
    { type: 'start', id: 'msg_1', model: 'm' },
    { type: 'part-start', index: 0, part: { type: 'text' } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text } },
    { type: 'part-end', index: 0 },
    { type: 'usage', usage: { input: 3, output: 5 } },
    { type: 'finish', reason: 'stop' },
  ];
}

/** Answers everything with `text`, from a foreign target. */
export function speak(text: string): Script {
  return (log) => {
    log.append(attempt());
    log.append(head());
    log.append({ type: 'events', attempt: 0, events: words(text) });
    log.append(complete);
  };
}

/** A minimal question in a dialect. */
export function question(dialect: Dialect['name'], stream: boolean): string {
  const base = { model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] };
  return JSON.stringify(dialect === 'anthropic-messages' ? { ...base, max_tokens: 100 } : base);
}
