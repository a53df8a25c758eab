import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seeded } from '../../src/sim/seeded.ts';
import type { Signal } from '../../src/telemetry/signal.ts';
import { hubLab } from '../../src/watch/hub/testing/hub-lab.ts';
import { oneAtATime } from '../../src/watch/poll/one-at-a-time.ts';
import type { Board } from '../../src/watch/questions.ts';
import { watchSettings } from '../../src/watch/settings.ts';
import { openWatch } from '../../src/watch/store/open.ts';
import { createWatch } from '../../src/watch/watch.ts';
import { crowdOf, handIn, networkOf, PEOPLE } from './crowd.ts';
import { BEGIN, CALM, END, MINUTE, moment, weather } from './morning.ts';
import { statusPages } from './pages.ts';
import { services } from './providers.ts';
import { alertSink, type Told } from './sink.ts';
import { type Asked, createUser, ROUTE } from './user.ts';
import { watchWire } from './wire.ts';

export interface MorningOptions {
  seed: number;
  /** UTC ms when requests begin to fail. */
  impact: number;
  /** Requests an hour of the one user; 0: nobody asks. */
  hourly: number;
  crowd: boolean;
  /** When Claude's page cannot be read. */
  unreadable?: { from: number; until: number };
  /** Another day: nothing happens but that one request in a hundred fails. */
  calm?: boolean;
  /** UTC ms; default: the end of the day. */
  until?: number;
}

export interface Morning {
  options: MorningOptions;
  /** The board at each minute. */
  minutes: Board[];
  /** What the watch said, when it said it. */
  news: { at: number; signal: Extract<Signal, { type: 'product' | 'incident' }> }[];
  alerts: Told[];
  requests: Asked[];
  probes: number;
  pageRequests: number;
}

export const USUAL: Omit<MorningOptions, 'seed'> = { impact: moment('05:35'), hourly: 30, crowd: true };

/** Real requests are waited for at least this often, in virtual milliseconds. */
const STEP = 1000;
/** An opus user who now and then asks a smaller model. */
const OPUS = 0.7;

/** 2 June 2026 from 04:30 to 15:00 on a virtual clock: all that is real is between this and a few servers on loopback. */
export async function simulate(options: MorningOptions): Promise<Morning> {
  const { seed, impact, hourly, until = END } = options;
  // A week and a day before, for keys that a hub has known for long.
  const lab = await hubLab({ now: BEGIN - 8 * 86_400_000 });
  const people = await lab.known(PEOPLE, networkOf);
  const { clock } = lab;
  const folder = mkdtempSync(path.join(tmpdir(), 'understudy-june-'));
  const wire = watchWire();
  const pages = await statusPages(clock, options);
  const sink = await alertSink(clock);
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);

  const morning: Morning = { options, minutes: [], news: [], alerts: sink.told, requests: [], probes: 0, pageRequests: 0 };
  const troubles: unknown[] = [];
  const signals: Signal[] = [];
  const user = createUser(clock, services(clock, options.calm === true ? CALM : weather(impact), seed), seed + 1, (signal) => {
    // As in the house: what happened crosses to the watch's thread a moment later.
    if (signals.push(signal) === 1) clock.after(0, () => watch.hear(signals.splice(0)));
  });
  const settings = watchSettings.parse({
    products: ['claude.ai'],
    alerts: { channels: { sink: { type: 'webhook', url: sink.url } }, rules: [{ channels: ['sink'] }] },
    ...(options.crowd && { hub: { url: lab.address, region: 'DE' } }),
  });
  const used = (name: string): { name: string; preset: string; origin: string; local: boolean; probable: boolean } => ({
    name,
    preset: name,
    origin: `https://api.${name}.com`,
    local: false,
    probable: true,
  });
  const watch = createWatch(
    {
      folder,
      version: '0.1.0',
      environment: {},
      platform: 'linux',
      plan: {
        settings,
        providers: [used('anthropic'), used('openai')],
        routes: [{ pattern: 'default', targets: ROUTE }],
        address: 'http://127.0.0.1:4141',
      },
    },
    {
      database: opened.value,
      // As a machine's clock has it: whole milliseconds.
      clock: { ...clock, now: () => Math.floor(clock.now()) },
      random: seeded(seed + 2),
      fetchPage: oneAtATime(pages.fetchPage),
      reach: () => Promise.resolve({ type: 'answered' }),
      say(said) {
        if (said.type === 'suspects') user.health.suspect(said.targets);
        if (said.type === 'probe') {
          morning.probes++;
          void user.probe(said.target).then((outcome) => watch.probed(said.number, outcome));
        }
        if (said.type !== 'happened') return;
        const signal = { version: 1 as const, at: clock.now(), ...said.happening };
        if (signal.type === 'product' || signal.type === 'incident') morning.news.push({ at: clock.now(), signal });
      },
      broken: (error) => void troubles.push(error),
    },
  );

  if (hourly > 0) clock.after(0, arrivals(seed + 3));
  const reports = options.crowd ? crowdOf(seed + 4, options.calm === true ? END : impact) : [];
  try {
    for (let at = clock.now(); at < until; at = clock.now()) {
      while (reports[0] && reports[0].at <= at) await handIn(lab, people, reports.shift()!);
      await clock.advance(STEP - (at % STEP));
      await wire.quiet();
      if (clock.now() % MINUTE !== 0) continue;
      user.health.review();
      morning.minutes.push(watch.answers.board({}) as Board);
    }
  } finally {
    await watch.close();
    morning.pageRequests = pages.asked();
    for (const part of [pages, sink, lab]) await part.close();
    wire.close();
    rmSync(folder, { recursive: true });
  }
  if (troubles.length > 0) throw new Error(troubles.map(String).join('; '));
  return morning;

  /** One who asks at random moments, and may ask again before the last answer is there. */
  function arrivals(from: number): () => void {
    const random = seeded(from);
    const next = (): void => {
      clock.after((-Math.log(1 - random()) * 3_600_000) / hourly, () => {
        const model = random() < OPUS ? 'claude-opus-4-6' : 'claude-sonnet-4-6';
        void user.ask(model).then((asked) => morning.requests.push(asked));
        next();
      });
    };
    return next;
  }
}
