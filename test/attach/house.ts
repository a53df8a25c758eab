import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, buildApp } from '../../src/app.ts';
import { configSettings } from '../../src/config/settings.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { ExchangeDetail, ExchangeSummary } from '../../src/journal/journal.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { RawQuestion } from '../matrix/question.ts';

export const DIALECTS: readonly DialectName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'];

/** An Understudy with a native provider for each dialect (all on one simulator), and a data folder that outlives it. */
export interface House {
  app: App;
  sim: SimServer;
  restart(): Promise<void>;
  /** From now on, for every request; none: it is well again. */
  strike(...faults: string[]): void;
  /** POSTs that the simulator has been sent: what is paid for. */
  paid(): number;
  exchanges(query?: string): Promise<ExchangeSummary[]>;
  exchange(id: string): Promise<ExchangeDetail>;
  api(path: string, method?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** `model`: `ROUTE-DIALECT`; routes by what becomes of answers whose client has gone, and of requests that nobody can answer. */
export async function openHouse(deadlines: Record<string, string> = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-attach-'));
  const sim = await startSim();
  const routes = DIALECTS.flatMap((dialect): [string, object][] => [
    [`cancel-${dialect}`, { targets: [`${dialect}/m`] }],
    [`finish-${dialect}`, { targets: [`${dialect}/m`], whenClientLeaves: 'finish' }],
    [`defer-${dialect}`, { targets: [`${dialect}/m`], defer: 'on' }],
    [`wait-${dialect}`, { targets: [`${dialect}/m`], queue: 'wait=30s' }],
    [`withdraw-${dialect}`, { targets: [`${dialect}/m`], queue: 'wait=30s', whenClientLeaves: 'withdraw' }],
    [`unsaved-${dialect}`, { targets: [`${dialect}/m`], save: 'off', defer: 'on' }],
    [`foreign-${dialect}`, { targets: [dialect === 'anthropic-messages' ? 'openai-chat/m' : 'anthropic-messages/m'] }],
  ]);
  const settings = configSettings.parse({
    server: { port: 0, closeWait: '1s' },
    data: join(folder, 'data'),
    providers: Object.fromEntries(
      DIALECTS.map((dialect) => [dialect, { dialect, baseUrl: dialect.startsWith('openai') ? `${sim.url}/v1` : sim.url, apiKey: 'k' }]),
    ),
    routes: Object.fromEntries(routes),
    deadlines,
  });

  async function start(): Promise<App> {
    const built = await buildApp(settings, {
      version: '0.0.0',
      surroundings: { environment: {}, home: folder, platform: 'linux', workingFolder: folder },
    });
    if (!built.ok) throw new Error(JSON.stringify(built.error));
    return built.value;
  }

  async function api(path: string, method = 'GET'): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${house.app.address}/api/${path}`, { method });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const house: House = {
    app: await start(),
    sim,
    async restart() {
      await house.app.close();
      house.app = await start();
    },
    strike(...faults) {
      const set = sim.setFaults(faults.map((fault) => ({ fault, schedule: { type: 'ever' as const } })));
      if (!set.ok) throw new Error(set.error);
    },
    paid: () => sim.requests().filter(({ method }) => method === 'POST').length,
    exchanges: async (query = '') => (await api(`exchanges${query}`)).body['exchanges'] as ExchangeSummary[],
    exchange: async (id) => (await api(`exchanges/${id}`)).body as unknown as ExchangeDetail,
    api,
    async close() {
      await house.app.close();
      await sim.close();
      rmSync(folder, { recursive: true });
    },
  };
  return house;
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The connection was broken before the answer's end. */
  broken: boolean;
}

export interface Call {
  reply: Promise<Reply>;
  /** Settles at the first byte of the body. */
  speaking: Promise<void>;
  /** The client dies. */
  leave(): void;
}

/** A client on a connection of its own. */
export function call(house: House, question: RawQuestion, headers: Record<string, string> = {}): Call {
  const done = Promise.withResolvers<Reply>();
  const speaking = Promise.withResolvers<void>();
  const outgoing = request(
    new URL(question.path, house.app.address),
    { method: 'POST', headers: { ...Object.fromEntries(question.headers), ...headers }, agent: false },
    (incoming) => {
      let text = '';
      const settle = (broken: boolean): void => done.resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, broken });
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => {
        text += piece;
        speaking.resolve();
      });
      incoming.on('end', () => settle(false));
      incoming.on('error', () => settle(true));
    },
  );
  outgoing.on('error', () => done.resolve({ status: 0, headers: {}, text: '', broken: true }));
  outgoing.end(question.body);
  return { reply: done.promise, speaking: speaking.promise, leave: () => outgoing.destroy() };
}

/** Waits until it holds; a test that waits for ever fails by its time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
