import type { Clock } from '../exchange/clock.ts';
import type { HealthChange } from '../health/changes.ts';
import type { Journal, JournalState } from '../journal/journal.ts';
import { type Collector, collectorOf } from './collector.ts';
import { createExporter, type Exporter, type ExportFigures, type Post } from './exporter.ts';
import { createFeed, type Feed } from './feed.ts';
import { journalSignals } from './journal-signals.ts';
import { type LineLog, logSignals } from './log-lines.ts';
import type { TelemetrySettings } from './settings.ts';
import { spanMaker } from './spans.ts';

export interface TelemetryOptions {
  clock: Clock;
  settings: TelemetrySettings;
  environment: Readonly<Record<string, string | undefined>>;
  version: string;
  log: LineLog & { warn(fields: object, message: string): void; error(fields: object, message: string): void };
  post: Post;
}

export interface SpanReport extends ExportFigures {
  /** Scheme and host of the collector. */
  to: string;
}

/** All that goes out about what happens: the feed, log lines, spans. It listens; nothing waits for it. */
export interface Telemetry {
  feed: Feed;
  healthChanged(change: HealthChange): void;
  /** A cap on money is nearly used up, or all. */
  capNear(cap: { setting: string; spent: number; dollars: number; per: string }, message: string): void;
  /** Something that whoever runs the server should know, from another room. */
  warn(room: string, message: string): void;
  /** Follows the journal; `review` is called now and then, for what time alone changes (`LastingHealth.review`). */
  listen(journal: Journal, review: () => void): void;
  apply(settings: TelemetrySettings): void;
  /** `undefined`: no spans are sent. */
  spans(): SpanReport | undefined;
  close(): Promise<void>;
}

/** Milliseconds. A suspicion fades over minutes, a mark runs out after 20 s at the earliest. */
const REVIEW_EVERY = 15_000;

export function createTelemetry({ clock, settings, environment, version, log, post }: TelemetryOptions): Telemetry {
  const feed = createFeed(clock, (error) => log.error({ err: error }, 'who listens to the events has failed'));
  const undo: (() => void)[] = [logSignals(feed, log)];
  const makeSpans = spanMaker((spans) => exporter?.add(spans));
  let given: Collector | undefined;
  let exporter: Exporter | undefined;
  let ending: Promise<void> = Promise.resolve();

  function apply(wanted: TelemetrySettings): void {
    const collector = collectorOf(wanted, environment);
    if (JSON.stringify(collector) === JSON.stringify(given)) return;
    given = collector;
    const before = exporter;
    if (before) ending = Promise.all([ending, before.close()]).then(() => undefined);
    exporter =
      collector &&
      createExporter({
        url: collector.url,
        headers: collector.headers,
        resource: { attributes: { ...collector.resource, 'service.version': version }, version },
        clock,
        post,
        onTrouble(why) {
          const where = new URL(collector.url).host;
          const message = why === undefined ? `Spans go out again to ${where}.` : `Spans do not go out to ${where}: ${why}.`;
          feed.publish({ type: 'notice', level: why === undefined ? 'info' : 'warning', message });
          if (why !== undefined) log.warn({ room: 'telemetry' }, message);
        },
      });
  }

  function followState(journal: Journal): () => void {
    let told: JournalState['type'] = 'saving';
    return () => {
      const state = journal.state();
      if (state.type === told) return;
      told = state.type;
      const more = state.type === 'degraded' ? { reason: state.reason, action: state.action } : {};
      feed.publish({ type: 'journal', state: state.type, ...more });
    };
  }

  apply(settings);
  return {
    feed,
    healthChanged({ target, credential, at, from, to, reasons }) {
      if (from.breaker !== to.breaker) feed.publish({ type: 'breaker', target, credential, from: from.breaker, to: to.breaker }, at);
      if (from.verdict !== to.verdict || from.setAside !== to.setAside)
        feed.publish({ type: 'verdict', target, credential, from, to, reasons }, at);
    },
    capNear({ setting, spent, dollars, per }, message) {
      log.warn({ room: 'failover' }, message);
      feed.publish({ type: 'spend', scope: setting, spent, cap: `${dollars}/${per}`, state: spent >= dollars ? 'reached' : 'near' });
    },
    warn(room, message) {
      feed.publish({ type: 'notice', level: 'warning', message });
      log.warn({ room }, message);
    },
    listen(journal, review) {
      const signals = journalSignals(feed);
      const lookAtJournal = followState(journal);
      let cancel: () => void = () => undefined;
      const again = (): void => {
        cancel = clock.after(REVIEW_EVERY, () => {
          review();
          lookAtJournal();
          again();
        });
      };
      again();
      lookAtJournal();
      undo.push(
        journal.subscribe((change) => {
          signals(change);
          if (exporter) makeSpans(change);
          if (change.type === 'entry' && change.entry.type === 'end') lookAtJournal();
        }),
        () => cancel(),
      );
    },
    apply,
    spans: () => given && exporter && { to: new URL(given.url).origin, ...exporter.figures() },
    async close() {
      for (const stop of undo.splice(0)) stop();
      await Promise.all([ending, exporter?.close()]);
    },
  };
}
