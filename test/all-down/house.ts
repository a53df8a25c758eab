import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { Position } from '../../src/sim/position.ts';
import { BACKUP_KEY } from '../matrix/question.ts';
import { DEADLINES, settingsOf } from '../sockets/house.ts';
import { startUnderstudy, type Understudy } from '../sockets/understudy.ts';

/** How all targets are dead. `refused`: nobody listens. */
export const DEATHS = ['refused', '529', 'hang', 'cut', 'broken'] as const;
export type Death = (typeof DEATHS)[number];

/** What the route does with a request that nobody can answer. `hold`: it is held on to, and there is help in time. */
export const RULES = ['off', 'allow', 'wait', 'hold'] as const;
export type Rule = (typeof RULES)[number];

const FAULTS: Record<Exclude<Death, 'refused'>, { fault: string; position?: Position }> = {
  '529': { fault: '529' },
  hang: { fault: 'hang' },
  cut: { fault: 'reset-before-headers' },
  broken: { fault: 'cut-inside', position: 'text-middle' },
};

const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies DialectName[];

/** How long clients of these rules hold on. */
export const WAITS = { wait: '3s', hold: '5m' } as const;

export interface House {
  understudy: Understudy;
  modelOf(death: Death, rule: Rule, dialect: DialectName): string;
  /** All are well again. */
  recover(): Promise<void>;
  /** Requests that providers have been sent since then, in milliseconds after it. */
  asked(): number[];
  close(): Promise<void>;
}

/** One Understudy, and for each death two providers of different dialects that die of it. */
export async function openHouse(): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-all-down-'));
  const sims = new Map<string, SimServer>();
  const ports = new Map<string, number>();
  const providers: Record<string, object> = {};
  const routes: Record<string, object> = {};
  const pace = { headers: 5, firstToken: 5, perToken: 1, scale: 1 };
  let recovered = Infinity;
  const asked: number[] = [];
  /** Ports stay the same. */
  const start = (name: string, port = 0): Promise<SimServer> => startSim({ name, key: BACKUP_KEY, pace, port });

  for (const death of DEATHS)
    for (const dialect of DIALECTS) {
      const name = `${death}-${dialect}`;
      const sim = await start(name);
      sims.set(name, sim);
      ports.set(name, Number(new URL(sim.url).port));
      providers[name] = settingsOf(dialect, sim.url, BACKUP_KEY);
      if (death === 'refused') await sim.close();
      else {
        const set = sim.setFaults([{ ...FAULTS[death], schedule: { type: 'ever' } }]);
        if (!set.ok) throw new Error(set.error);
      }
    }
  for (const death of DEATHS)
    for (const [index, dialect] of DIALECTS.entries())
      for (const rule of RULES) {
        const other = DIALECTS[(index + 1) % DIALECTS.length]!;
        const targets = [`${death}-${dialect}/the-model`, `${death}-${other}/the-other`];
        const queue = rule === 'wait' || rule === 'hold' ? `wait=${WAITS[rule]}` : rule;
        routes[`${death}-${rule}-${dialect}`] = { targets, queue };
      }
  const deadlines = { ...DEADLINES, patience: '1s' };
  const understudy = await startUnderstudy({
    folder,
    config: { server: { keepAlive: '700ms', closeWait: '1s' }, deadlines, providers, routes },
  });
  return {
    understudy,
    modelOf: (death, rule, dialect) => `${death}-${rule}-${dialect}`,
    async recover() {
      for (const [name, port] of ports) {
        if (name.startsWith('refused-')) sims.set(name, await start(name, port));
        else sims.get(name)!.setFaults([]);
      }
      recovered = Date.now();
    },
    asked() {
      asked.length = 0;
      for (const sim of sims.values())
        for (const request of sim.requests()) if (request.method === 'POST' && request.at >= recovered) asked.push(request.at - recovered);
      return asked.toSorted((one, other) => one - other);
    },
    async close() {
      await understudy.stop();
      await Promise.all([...sims.values()].map((sim) => sim.close().catch(() => undefined)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
