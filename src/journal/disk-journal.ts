import type { Clock } from '../exchange/clock.ts';
import type { Random } from '../exchange/ids.ts';
import type { LiveAnswer } from './answer-log.ts';
import type { Opening } from './entry.ts';
import { readBack } from './disk-replay.ts';
import type { Files } from './files.ts';
import type { ExchangeDetail, Journal, JournalState, KeptExchange, LoggedEntry } from './journal.ts';
import { gather, live, select } from './live.ts';
import type { Notice } from './notice.ts';
import type { RecordProblem } from './record/database.ts';
import type { RecordClient } from './record/client.ts';
import type { Recorded } from './record/read.ts';
import { unpackEntries } from './record/told.ts';
import { pace } from './pace.ts';
import { replayer } from './replay.ts';
import type { Decoders } from './replay.ts';
import { saver } from './saver.ts';
import type { JournalSettings } from './settings.ts';
import { skippedIn } from './skipped.ts';
import { answerText } from './text.ts';

export interface DiskJournalOptions {
  /** Folder of the segments. */
  log: string;
  firstSegment: number;
  settings: JournalSettings;
  clock: Clock;
  random: Random;
  decoders: Decoders;
  files: Files;
  record: RecordClient;
  /** What is wrong with the record, as far as is known. */
  recordProblem(): RecordProblem | undefined;
  onNotice(notice: Notice): void;
  /** Called when all has been written and folded. */
  released(): void;
}

/** The journal: answers in memory and in the log, what has ended in the record. */
export function diskJournal(options: DiskJournalOptions): Journal {
  const { settings, record, onNotice } = options;
  const back = readBack(options.log, options.files, options.decoders);
  let segment = options.firstSegment;
  let releasedBefore = options.firstSegment;

  function fault(error: unknown): void {
    onNotice({
      level: 'error',
      message: `a fault inside Understudy: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    });
  }

  const saving = saver({
    fault,
    folder: options.log,
    files: options.files,
    clock: options.clock,
    random: options.random,
    firstSegment: options.firstSegment,
    segmentSize: settings.segmentSize,
    durability: settings.durability,
    answers: () => answers.all(),
    wrote(number, size, ended) {
      segment = number;
      record.wrote(number, size, ended);
    },
    changed(state) {
      if (state.type === 'saving') onNotice({ level: 'info', message: 'answers are being saved again' });
      else onNotice({ level: 'error', message: `answers are not being saved: ${state.reason}; ${state.action}` });
    },
  });

  const answers = live({
    clock: options.clock,
    limits: { ring: settings.ring, unsaved: settings.unsaved },
    keepAfterEnd: settings.keepAfterEnd,
    pace: pace(options.clock, setImmediate),
    save: saving.save,
    replay: back.replay,
    fault,
    gone: releaseSegments,
  });

  /** Answers in memory may still be read back from their segments; what lies before all of them can go. */
  function releaseSegments(): void {
    if (releasedBefore === segment) return;
    let before = segment;
    for (const log of answers.all()) {
      before = Math.min(before, log.places.oldest());
      if (before <= releasedBefore) return;
    }
    releasedBefore = before;
    back.release(before);
    record.release(before);
  }

  function state(): JournalState {
    const now = saving.state();
    const problem = options.recordProblem();
    if (now.type === 'degraded' || !problem) return now;
    return { type: 'saving', record: { reason: problem.reason, action: problem.action } };
  }

  async function detailOf(log: LiveAnswer): Promise<ExchangeDetail | undefined> {
    const entries = await gather(log);
    const request = back.request(log)?.toString('utf8');
    const detail: ExchangeDetail = log.summary.read();
    if (request !== undefined) detail.request = request;
    if (entries) Object.assign(detail, skippedIn(entries), { text: answerText(entries) });
    return detail;
  }

  return {
    open: answers.open,
    live: answers.get,
    running: answers.running,
    state,
    async list(query) {
      const recorded = await record.list(query);
      // Read after waiting: what has ended in between is in one of the two.
      return select([...[...answers.all()].map((log) => log.summary.read()), ...recorded], query);
    },
    async get(id) {
      const log = answers.get(id);
      if (log) return detailOf(log);
      const recorded = await record.get(id);
      return recorded && recordedDetail(recorded, options.decoders);
    },
    async entries(id) {
      const log = answers.get(id);
      if (log && !log.ended()) return undefined;
      const entries = log && (await gather(log));
      if (entries) return entries;
      const recorded = await record.get(id);
      return recorded && recordedEntries(recorded, options.decoders);
    },
    find: async (query) => answers.find(query)?.opening.id ?? (await record.find(query)),
    findOnce: async (query) => answers.findOnce(query)?.opening.id ?? (await record.findOnce(query)),
    findRun: async (deferred) => answers.findRun(deferred)?.opening.id ?? (await record.findRun(deferred)),
    async withdraw(deferred) {
      const recorded = await record.withdraw(deferred);
      return (answers.get(deferred)?.summary.settle(undefined) ?? false) || recorded;
    },
    async recall(id) {
      const log = answers.get(id);
      const entries = log && (await gather(log));
      if (log && entries) return kept(log.opening, log.summary.state(), back.request(log), entries);
      const recorded = await record.get(id);
      return recorded && kept(recorded.opening, recorded.summary.state, recorded.request, recordedEntries(recorded, options.decoders));
    },
    subscribe: answers.subscribe,
    async close() {
      answers.outbox.flush();
      await new Promise<void>((resolve) => answers.outbox.whenIdle(resolve));
      saving.close();
      record.release(segment);
      await record.close();
      answers.close();
      back.release(Infinity);
      options.released();
    },
  };
}

function kept(opening: Opening, state: string, request: Buffer | undefined, entries: LoggedEntry[]): KeptExchange {
  return { opening, state, ...(request && { request }), entries };
}

export function recordedEntries(recorded: Pick<Recorded, 'opening' | 'packed'>, decoders: Decoders): LoggedEntry[] {
  return unpackEntries(recorded.packed).map(replayer(recorded.opening, decoders));
}

export function recordedDetail(recorded: Recorded, decoders: Decoders): ExchangeDetail {
  const entries = recordedEntries(recorded, decoders);
  const detail: ExchangeDetail = { ...recorded.summary, ...skippedIn(entries), text: answerText(entries) };
  if (recorded.request) detail.request = recorded.request.toString('utf8');
  return detail;
}
