import type { Clock } from '../../exchange/clock.ts';
import type { Random } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { redactor } from '../../providers/credentials.ts';
import type { Channel, SendProblem, Sent } from './channel.ts';
import { severityOf } from './cause.ts';
import { newDelivery, type Next, nextOf, pauseAfter } from './delivery.ts';
import type { AlertMessage, MessageKind } from './message.ts';
import { quietHours, type QuietUntil } from './quiet-hours.ts';
import { alertSecrets, type AlertSettings, type QuietHours } from './settings.ts';
import type { Alert, AlertStore, Delivery } from './store.ts';
import type { ToldAlert } from './alerts.ts';

export interface PostParts {
  clock: Clock;
  random: Random;
  store: AlertStore;
  messageOf(alert: Alert, kind: MessageKind, loud: boolean): AlertMessage;
  settings(): AlertSettings;
  channels(): ReadonlyMap<string, Channel>;
  /** Something was sent, or not: there may be another time to look. */
  again(): void;
  broken(error: unknown): void;
}

/** Brings to each channel what it has not been told yet, and tries until it is taken. What is to be sent is worded when it goes. */
export interface Post {
  /** Sends what is due. */
  round(): void;
  /** UTC ms when something is due. */
  nextAt(): number;
  test(name: string, channel: Channel): Promise<Result<{ took: number }, string>>;
  progress(alert: Alert): ToldAlert['channels'];
  quietUntil(): number | undefined;
  close(): void;
}

/** Milliseconds for one message. */
const PATIENCE = 20_000;
/** Milliseconds that an alert that is over is looked after: as long as it may still be told, and a while more. */
const LOOKED_AFTER = 25 * 60 * 60_000;

export function createPost({ clock, random, store, messageOf, settings, channels, again, broken }: PostParts): Post {
  const going = new Map<string, AbortController>();
  let closed = false;
  let hours: { of: QuietHours; until: QuietUntil } | undefined;

  function quiet(): { of: QuietHours; until: QuietUntil } | undefined {
    const { quiet: of } = settings();
    if (hours?.of !== of) hours = of && { of, until: quietHours(of) };
    return hours;
  }

  function next(alert: Alert, delivery: Delivery, channel: Channel): Next {
    const now = clock.now();
    const held = quiet();
    const isTold = !held || !keepsQuiet(held.of, delivery.channel) || (held.of.critical === 'told' && isCritical(alert));
    return nextOf(alert, delivery, channel, now, isTold ? () => undefined : held.until);
  }

  function* open(): Generator<{ alert: Alert; delivery: Delivery; channel: Channel; next: Next }> {
    const now = clock.now();
    for (const alert of store.live(now - LOOKED_AFTER)) {
      if (alert.loud === 0) continue;
      const known = new Map(store.deliveries(alert.id).map((delivery) => [delivery.channel, delivery]));
      for (const name of alert.body.channels) {
        const channel = channels().get(name);
        if (!channel || going.has(`${alert.id} ${name}`)) continue;
        const delivery = known.get(name) ?? newDelivery(alert.id, name);
        yield { alert, delivery, channel, next: next(alert, delivery, channel) };
      }
    }
  }

  function round(): void {
    for (const { alert, delivery, channel, next: due } of open()) {
      if (due.type === 'expired') {
        store.deliver({ ...delivery, revision: alert.revision });
        const message = messageOf(alert, 'past', false).title;
        store.log({ at: clock.now(), alert: alert.id, channel: delivery.channel, message, outcome: 'expired' });
      }
      if (due.type === 'send' && due.at <= clock.now()) void deliver(alert, delivery, channel, due).catch(broken);
    }
  }

  async function deliver(alert: Alert, delivery: Delivery, channel: Channel, due: Extract<Next, { type: 'send' }>): Promise<void> {
    const message = messageOf(alert, due.kind, due.loud);
    const name = `${alert.id} ${delivery.channel}`;
    const outcome = await send(name, channel, message, delivery.handle);
    if (closed) return;
    const now = clock.now();
    const entry = { at: now, alert: alert.id, channel: delivery.channel, message: message.title };
    // It may have been forgotten meanwhile.
    if (!store.get(alert.id)) return;
    if (outcome.ok) {
      const { nextTry: _done, ...rest } = delivery;
      const handle = outcome.value.handle ?? delivery.handle;
      store.deliver({ ...rest, revision: alert.revision, told: due.kind, toldAt: now, tries: 0, ...(handle !== undefined && { handle }) });
      store.log({ ...entry, outcome: 'sent' });
    } else {
      const { message: problem, passing, retryAfter } = outcome.error;
      const tries = delivery.tries + 1;
      const nextTry = now + pauseAfter(tries, fraction(), retryAfter);
      store.deliver(passing ? { ...delivery, tries, nextTry } : { ...delivery, refused: alert.revision });
      store.log({ ...entry, outcome: passing ? 'retried' : 'refused', problem: withoutSecrets(problem) });
    }
    again();
  }

  async function send(name: string, channel: Channel, message: AlertMessage, handle?: string): Promise<Result<Sent, SendProblem>> {
    const abort = new AbortController();
    going.set(name, abort);
    const stop = clock.after(PATIENCE, () => abort.abort());
    try {
      const given = new Promise<Result<Sent, SendProblem>>((resolve) => {
        const late: SendProblem = { message: `nothing came back within ${PATIENCE / 1000} s`, passing: true };
        abort.signal.addEventListener('abort', () => resolve(err(late)), { once: true });
      });
      return await Promise.race([channel.send(message, handle, abort.signal), given]);
    } finally {
      stop();
      going.delete(name);
    }
  }

  function fraction(): number {
    return random(new Uint8Array(1))[0]! / 256;
  }

  function withoutSecrets(text: string): string {
    return redactor(alertSecrets(settings()))(text).slice(0, 500);
  }

  return {
    round,
    nextAt() {
      const times = [...open()].flatMap(({ next: due }) => (due.type === 'send' ? [due.at] : []));
      return Math.min(...times, Number.POSITIVE_INFINITY);
    },
    async test(name, channel) {
      const began = clock.monotonic();
      const outcome = await send(`test ${name}`, channel, testMessage(clock.now(), random));
      const took = clock.monotonic() - began;
      const entry = { at: clock.now(), channel: name, message: 'Test' };
      if (outcome.ok) store.log({ ...entry, outcome: 'sent' });
      else store.log({ ...entry, outcome: 'refused', problem: withoutSecrets(outcome.error.message) });
      return outcome.ok ? ok({ took }) : err(`${withoutSecrets(outcome.error.message)}.`);
    },
    progress(alert) {
      const known = new Map(store.deliveries(alert.id).map((delivery) => [delivery.channel, delivery]));
      return alert.body.channels.map((name) => {
        const delivery = known.get(name) ?? newDelivery(alert.id, name);
        const channel = channels().get(name);
        const now = clock.now();
        const coming = channel && next(alert, delivery, channel);
        const { told, toldAt, refused } = delivery;
        return {
          channel: name,
          refused: refused >= alert.loud,
          ...(told !== undefined && { told }),
          ...(toldAt !== undefined && { toldAt }),
          ...(coming?.type === 'send' && coming.at > now && { waitingUntil: coming.at }),
        };
      });
    },
    quietUntil: () => quiet()?.until(clock.now()),
    close() {
      closed = true;
      for (const abort of going.values()) abort.abort();
    },
  };
}

function keepsQuiet({ channels }: QuietHours, channel: string): boolean {
  return channels.length === 0 || channels.includes(channel);
}

function isCritical({ body }: Alert): boolean {
  return body.causes.some((cause) => severityOf(cause) === 'critical');
}

function testMessage(now: number, random: Random): AlertMessage {
  return {
    alert: `test-${Buffer.from(random(new Uint8Array(6))).toString('hex')}`,
    revision: 1,
    kind: 'test',
    loud: true,
    at: now,
    title: 'This is a test: nothing is wrong',
    lines: ['Understudy sends this because it was asked to with: understudy alerts test'],
    severity: 'unknown',
    products: [],
    models: [],
    began: now,
  };
}
