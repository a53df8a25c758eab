import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { exchangeId, type Random } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Incident } from '../incident.ts';
import type { ProductKey } from '../product.ts';
import type { RunbookHint } from '../runbooks.ts';
import type { Judgement } from '../verdict.ts';
import { causeName, productsOf, severityOf } from './cause.ts';
import type { Channel } from './channel.ts';
import { follow, type Pace, settled, turnsAt } from './course.ts';
import { belongs, explains, heardOf, type Now, standing } from './gather.ts';
import type { AlertMessage, MessageKind } from './message.ts';
import { createPost, type Post } from './post.ts';
import { channelsFor, type Means } from './rules.ts';
import type { AlertSettings } from './settings.ts';
import { type Alert, createAlertStore, type HeardCause, type LogEntry } from './store.ts';
import { runbookLines } from './runbook-lines.ts';
import { wordsOf } from './words.ts';

export interface AlertParts {
  clock: Clock;
  random: Random;
  /** `watch.db`. */
  database: DatabaseSync;
  settings: AlertSettings;
  /** By name, those that are built in as well. */
  channels: ReadonlyMap<string, Channel>;
  /** `Claude API`. */
  title(key: ProductKey): string;
  means: Means;
  /** Where this server is reached: `http://127.0.0.1:4141`. */
  address: string;
  /** What people are pointed at. */
  runbooks?: readonly RunbookHint[];
  /** Its user has said whether a product fails for them. */
  onAnswer(product: string, failing: boolean): void;
  /** The database has failed. */
  broken(error: unknown): void;
}

export interface ToldAlert {
  id: string;
  state: 'open' | 'over';
  title: string;
  lines: string[];
  /** UTC ms. */
  began: number;
  ended?: number;
  answer?: { failing: boolean; at: number };
  /** How far each channel is. */
  channels: { channel: string; told?: MessageKind; toldAt?: number; waitingUntil?: number; refused: boolean }[];
}

export interface AlertOverview {
  /** Newest first. */
  alerts: ToldAlert[];
  /** What was sent where, newest first. */
  log: LogEntry[];
  channels: string[];
  /** UTC ms until when it is quiet. */
  quietUntil?: number;
}

/** Tells people what they want to be told of, once, and that it is over. */
export interface Alerts {
  /** How everything stands now; what is open. To be called after news and now and then, with all of it. */
  observe(judgements: readonly Judgement[], incidents: readonly Incident[]): void;
  /** Another configuration, or another address. */
  apply(changed: Pick<AlertParts, 'settings' | 'channels' | 'address' | 'runbooks'>): void;
  /** Sends a message that says that it is a test. The error is a sentence. */
  test(channel: string): Promise<Result<{ took: number }, string>>;
  /** The answer to «is it failing for you?», by the token in the link or by the alert's id. */
  answer(asked: { token: string } | { id: string }, failing: boolean): Result<{ title: string; product: string }, string>;
  /** What its link is about; `undefined`: it was answered, or is over. */
  asks(token: string): string | undefined;
  overview(limit: number): AlertOverview;
  close(): void;
}

/** Milliseconds between two looks that nothing else calls for. */
const LONGEST_LOOK = 60_000;
const PRUNE_EVERY = 60 * 60_000;

export function createAlerts(parts: AlertParts): Alerts {
  const { clock, random, title, means, onAnswer, broken } = parts;
  const store = createAlertStore(parts.database);
  let { settings, channels, address, runbooks } = parts;
  let last: { judgements: readonly Judgement[]; incidents: readonly Incident[] } | undefined;
  let timer: (() => void) | undefined;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const post: Post = createPost({
    clock,
    random,
    store,
    messageOf,
    settings: () => settings,
    channels: () => channels,
    again: arm,
    broken,
  });

  function pace(): Pace {
    return settings;
  }

  function observe(): void {
    if (!last || !settings.enabled) return;
    const now = clock.now();
    const current = standing(last.judgements, last.incidents, (cause) => channelsFor(cause, settings.rules, means));
    const live = store.live(now - settings.again);
    for (const alert of join(live, current, now)) {
      const next = follow(alert, heardOf(alert, current, now), now, pace());
      if (!next) store.drop(alert.id);
      else if (JSON.stringify(next) !== JSON.stringify(alert) || !live.includes(alert)) store.put(withToken(next));
    }
  }

  /** Puts what is new to the alert that it belongs to, or begins one. What is over is left out, unless it is back. */
  function join(live: readonly Alert[], { causes }: Now, now: number): Alert[] {
    const all = [...live];
    const back = new Set<string>();
    const told = all.flatMap(({ state, body }) => (state === 'over' ? [] : body.causes));
    const asides = new Set(told.flatMap((cause) => (cause.aside ? [causeName(cause)] : [])));
    const taken = new Set(told.map(causeName));
    const add = (index: number, cause: HeardCause, more: readonly string[]): void => {
      const { body, ...alert } = all[index]!;
      // Of what is over, nothing fails any more but what is back.
      const before = alert.state === 'over' && !back.has(alert.id) ? [] : body.causes;
      const kept = before.filter((each) => causeName(each) !== causeName(cause));
      const joinedAt = cause.aside ? body.joinedAt : now;
      all[index] = { ...alert, body: { ...body, joinedAt, channels: [...new Set([...body.channels, ...more])], causes: [...kept, cause] } };
      back.add(alert.id);
    };
    for (const { cause, channels: wanted } of causes) {
      const name = causeName(cause);
      if (wanted.length === 0 || (taken.has(name) && !asides.has(name))) continue;
      // What is back is open for whatever else fails now.
      const isOpen = ({ state, id }: Alert): boolean => state !== 'over' || back.has(id);
      const fits = (alert: Alert): boolean => belongs(cause, isOpen(alert), alert, now, settings.again);
      const open = all.findIndex((alert) => isOpen(alert) && fits(alert));
      const index = open >= 0 ? open : all.findLastIndex(fits);
      const heard = { ...cause, heardAt: now };
      if (index >= 0) add(index, heard, wanted);
      else all.push(begun(heard, wanted, now));
      taken.add(name);
    }
    for (const { cause, channels: wanted } of causes) {
      if (wanted.length > 0 || taken.has(causeName(cause))) continue;
      const index = all.findIndex((alert) => explains(cause, alert));
      if (index >= 0) add(index, { ...cause, heardAt: now, aside: true }, []);
    }
    return all.filter(({ state, id }) => state !== 'over' || back.has(id));
  }

  function begun(cause: HeardCause, wanted: string[], now: number): Alert {
    const id = `a_${exchangeId(now, random).slice(2)}`;
    const body = { causes: [cause], joinedAt: now, channels: wanted, ranks: {}, content: '', faded: false };
    return { id, state: 'pending', due: now + settings.settle, revision: 0, loud: 0, began: cause.since, body };
  }

  /** Whoever is told for the first time is asked, too. */
  function withToken(alert: Alert): Alert {
    const { token: _old, ...rest } = alert;
    if (alert.state !== 'open' && alert.state !== 'clearing') return rest;
    if (alert.token !== undefined || alert.body.answer !== undefined) return alert;
    return { ...alert, token: Buffer.from(random(new Uint8Array(18))).toString('base64url') };
  }

  function messageOf(alert: Alert, kind: MessageKind, loud: boolean): AlertMessage {
    const now = clock.now();
    const { began, ended, body, token, revision } = alert;
    const shown = settled(body.causes, now, pace());
    const causes = shown.some(({ aside }) => !aside) ? shown : body.causes;
    const said = wordsOf(kind, { causes, began, faded: body.faded, ...(ended !== undefined && { ended }) }, title);
    const asks = token !== undefined && kind !== 'over' && kind !== 'past';
    return {
      alert: alert.id,
      revision,
      kind,
      loud,
      at: now,
      began,
      ...(ended !== undefined && (kind === 'over' || kind === 'past') && { ended }),
      ...said,
      lines: [...said.lines, ...runbookLines(runbooks, kind, causes, last?.judgements ?? [])],
      ...(asks && { question: { yes: `${address}/alerts/${token}/yes`, no: `${address}/alerts/${token}/no` } }),
    };
  }

  function turn(): void {
    if (closed) return;
    try {
      observe();
      if (settings.enabled) post.round();
      if (clock.now() - prunedAt > PRUNE_EVERY) {
        prunedAt = clock.now();
        store.prune(prunedAt);
      }
      arm();
    } catch (error) {
      closed = true;
      broken(error);
    }
  }

  function arm(): void {
    timer?.();
    if (closed) return;
    const now = clock.now();
    const due = store.live(now - settings.again).map((alert) => turnsAt(alert, pace()));
    const next = Math.min(...due.filter((at) => at > now), post.nextAt());
    timer = clock.after(Math.min(LONGEST_LOOK, Math.max(1, next - now)), turn);
  }

  function told(alert: Alert): ToldAlert {
    const isOver = alert.ended !== undefined;
    const words = messageOf(alert, isOver ? 'over' : 'update', false);
    return {
      id: alert.id,
      state: isOver ? 'over' : 'open',
      title: words.title,
      lines: words.lines,
      began: alert.began,
      ...(isOver && { ended: alert.ended! }),
      ...(alert.body.answer && { answer: alert.body.answer }),
      channels: post.progress(alert),
    };
  }

  arm();

  return {
    observe(judgements, incidents) {
      last = { judgements, incidents };
      turn();
    },
    apply(changed) {
      ({ settings, channels, address, runbooks } = changed);
      turn();
    },
    async test(name) {
      const channel = channels.get(name);
      if (!channel) return err(`There is no channel ${name}; there are: ${[...channels.keys()].join(', ')}.`);
      return post.test(name, channel);
    },
    answer(asked, failing) {
      const alert = 'token' in asked ? store.byToken(asked.token) : store.get(asked.id);
      if (!alert || alert.loud === 0) return err('There is no such alert, or it was answered already.');
      if (alert.ended !== undefined) return err('That alert is over; for what is wrong now there is: understudy report.');
      const main = alert.body.causes.toSorted((one, other) => rankOf(other) - rankOf(one))[0];
      const product = main && productsOf(main)[0];
      if (product === undefined) return err('That alert is about no product.');
      const { token: _used, ...rest } = alert;
      const now = clock.now();
      store.put({ ...rest, revision: alert.revision + 1, body: { ...alert.body, answer: { failing, at: now } } });
      onAnswer(product, failing);
      turn();
      return ok({ title: messageOf(alert, 'update', false).title, product });
    },
    asks(token) {
      const alert = store.byToken(token);
      return alert && messageOf(alert, 'update', false).title;
    },
    overview(limit) {
      const until = post.quietUntil();
      return {
        alerts: store.recent(limit).map(told),
        log: store.logged(limit),
        channels: [...channels.keys()],
        ...(until !== undefined && { quietUntil: until }),
      };
    },
    close() {
      closed = true;
      timer?.();
      post.close();
    },
  };
}

function rankOf(cause: HeardCause): number {
  return ['unknown', 'minor', 'major', 'critical'].indexOf(severityOf(cause));
}
