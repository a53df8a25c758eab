import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFillSync } from 'node:crypto';
import { type VirtualClock, virtualClock } from '../../../exchange/virtual-clock.ts';
import { createHub, type Hub, type HubOptions } from '../hub.ts';
import { networksBy } from '../network.ts';
import { openHub } from '../open.ts';
import { startHubServer } from '../server.ts';
import { type Installation, installation, type Said } from './installation.ts';

export const PRODUCTS = new Map([
  ['anthropic/api', 'Claude API'],
  ['anthropic/chat', 'claude.ai'],
  ['openai/api', 'OpenAI API'],
]);

export interface HubLab {
  hub: Hub;
  clock: VirtualClock;
  address: string;
  /** As from that address, by a proxy that the hub believes. */
  post(path: string, body: string, from: string): Promise<{ status: number; outcome?: string; code?: string }>;
  get(path: string, from?: string): Promise<Response>;
  /** One report with all that belongs to it. */
  tell(who: Installation, from: string, said?: Said): Promise<{ status: number; outcome?: string; code?: string }>;
  /** Installations that have been known for more than a week. */
  known(count: number, from: (index: number) => string): Promise<Installation[]>;
  state(key?: string): Promise<string | undefined>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A hub with its server on loopback, on a clock that is turned by hand. */
export async function hubLab(options: Partial<Pick<HubOptions, 'independent' | 'bits'>> & { now?: number } = {}): Promise<HubLab> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-hub-'));
  const clock = virtualClock(options.now);
  const troubles: unknown[] = [];
  let running = await begin();

  async function begin(): Promise<{ hub: Hub; address: string; close(): Promise<void> }> {
    const opened = openHub(folder);
    if (!opened.ok) throw new Error(opened.error.reason);
    const hub = createHub({
      database: opened.value,
      clock,
      random: (bytes) => randomFillSync(bytes),
      products: PRODUCTS,
      bits: options.bits ?? 0,
      independent: options.independent ?? 'networks',
      trouble: (error) => troubles.push(error),
    });
    const server = await startHubServer(hub, {
      host: '127.0.0.1',
      port: 0,
      networkOf: networksBy(new Uint8Array(32), ['127.0.0.1']),
      now: () => clock.now(),
      trouble: (error) => troubles.push(error),
    });
    if (!server.ok) throw new Error(server.error);
    return { hub, address: server.value.address, close: () => server.value.close().then(() => hub.close()) };
  }

  const lab: HubLab = {
    get hub() {
      return running.hub;
    },
    get address() {
      return running.address;
    },
    clock,
    async post(path, body, from) {
      const response = await fetch(`${running.address}${path}`, { method: 'POST', body, headers: { 'x-forwarded-for': from } });
      const answer = (await response.json()) as { outcome?: string; error?: { code: string } };
      return {
        status: response.status,
        ...(answer.outcome !== undefined && { outcome: answer.outcome }),
        ...(answer.error && { code: answer.error.code }),
      };
    },
    get: (path, from = '203.0.113.1') => fetch(`${running.address}${path}`, { headers: { 'x-forwarded-for': from } }),
    tell(who, from, said = {}) {
      return lab.post('/api/v1/reports', who.handedIn(who.report({ now: clock.now(), ...said }), running.hub.challenge()), from);
    },
    async known(count, from) {
      const all = Array.from({ length: count }, installation);
      for (const [index, each] of all.entries()) {
        const told = await lab.post('/api/v1/keys', each.handedIn(each.makesKnown(clock.now()), running.hub.challenge()), from(index));
        if (told.outcome !== 'known') throw new Error(JSON.stringify(told));
      }
      await clock.advance(8 * 86_400_000);
      return all;
    },
    async state(key = 'anthropic/api') {
      // The look after a report, and what is published is not made anew within five seconds.
      await clock.advance(6000);
      const { states } = (await (await lab.get('/api/v1/states')).json()) as { states: { key: string; state: string }[] };
      return states.find((each) => each.key === key)?.state;
    },
    async restart() {
      await running.close();
      running = await begin();
    },
    async close() {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
      if (troubles.length > 0) throw new Error(`the hub had trouble: ${troubles.map(String).join('; ')}`);
    },
  };
  return lab;
}
