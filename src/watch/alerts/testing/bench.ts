import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, ok } from '../../../exchange/result.ts';
import { virtualClock, type VirtualClock } from '../../../exchange/virtual-clock.ts';
import type { Incident } from '../../incident.ts';
import { productTitle } from '../../registry/known.ts';
import { openWatch } from '../../store/open.ts';
import type { Judgement, Scope, Verdict } from '../../verdict.ts';
import { type Alerts, createAlerts } from '../alerts.ts';
import type { Channel, SendProblem } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { alertSettings } from '../settings.ts';
import type { z } from 'zod';

export interface Got {
  channel: string;
  at: number;
  message: AlertMessage;
  handle: string | undefined;
}

/** Alerts over a database of their own, with channels that note what they are told, on a clock that is turned by hand. */
export interface AlertBench {
  clock: VirtualClock;
  alerts: Alerts;
  got: Got[];
  answers: [product: string, failing: boolean][];
  /** What a channel answers instead of taking a message. */
  refuses: Map<string, SendProblem>;
  /** How it stands now; told again every 15 s, as the watch does. */
  say(judgements: Judgement[], incidents?: Incident[]): Promise<void>;
  /** Lets time pass, `span` milliseconds. */
  pass(span: number): Promise<void>;
  /** As after a crash: everything anew over the same database. */
  restart(): void;
  /** What it was told, by kind and title. */
  told(channel: string): string[];
  close(): void;
}

const TICK = 15_000;

export function alertBench(
  given: z.input<typeof alertSettings>,
  { start, quiet = {} }: { start?: number; quiet?: Record<string, Channel['quiet']> } = {},
): AlertBench {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-alerts-'));
  const clock = virtualClock(start);
  const settings = alertSettings.parse(given);
  const got: Got[] = [];
  const answers: [string, boolean][] = [];
  const refuses = new Map<string, SendProblem>();
  let now: { judgements: Judgement[]; incidents: Incident[] } = { judgements: [], incidents: [] };
  let open = begin();

  function begin(): { alerts: Alerts; close(): void } {
    const opened = openWatch(folder);
    if (!opened.ok) throw new Error(opened.error.reason);
    const names = ['desktop', 'bell', ...Object.keys(settings.channels)];
    const alerts = createAlerts({
      clock,
      random: (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
      database: opened.value,
      settings,
      channels: new Map(names.map((name) => [name, channel(name)])),
      title: productTitle,
      means: (name, product) => product.startsWith(name),
      address: 'http://127.0.0.1:4141',
      onAnswer: (product, failing) => answers.push([product, failing]),
      broken: (error) => {
        throw error;
      },
    });
    return {
      alerts,
      close() {
        alerts.close();
        opened.value.close();
      },
    };
  }

  function channel(name: string): Channel {
    return {
      quiet: quiet[name] ?? 'none',
      async send(message, handle) {
        const problem = refuses.get(name);
        if (problem) return err(problem);
        got.push({ channel: name, at: clock.now(), message, handle });
        return ok({ handle: handle ?? `${name}-${got.length}` });
      },
    };
  }

  async function pass(span: number): Promise<void> {
    for (let left = span; left > 0; left -= TICK) {
      await clock.advance(Math.min(TICK, left));
      open.alerts.observe(now.judgements, now.incidents);
    }
    await clock.advance(0);
  }

  return {
    clock,
    get alerts() {
      return open.alerts;
    },
    got,
    answers,
    refuses,
    async say(judgements, incidents = []) {
      now = { judgements, incidents };
      open.alerts.observe(judgements, incidents);
      await clock.advance(0);
    },
    pass,
    restart() {
      open.close();
      open = begin();
    },
    told: (name) => got.filter((each) => each.channel === name).map(({ message }) => `${message.kind}: ${message.title}`),
    close() {
      open.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function judged(key: string, verdict: Verdict, since: number, scope: Scope = 'everyone'): Judgement {
  return { key, verdict, since, scope, score: 0, evidence: [], summary: `${key} has been ${verdict}.` };
}

export function pageIncident(id: string, products: string[], more: Partial<Incident> = {}): Incident {
  return {
    id,
    kind: 'incident',
    title: 'Elevated errors',
    products,
    models: [],
    severity: 'major',
    phase: 'investigating',
    startedAt: 0,
    firstSeenAt: 0,
    updates: [],
    sources: [{ type: 'page', page: 'anthropic', id, url: `https://status.claude.com/incidents/${id}` }],
    ...more,
  };
}
