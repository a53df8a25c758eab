import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type BrokenHost, breakHost } from '../../src/sim/broken-host.ts';
import type { Refusal } from '../../src/sim/faults/fault.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import type { Pace } from '../../src/sim/wire/pace.ts';
import { SCHEDULES } from '../matrix/judge.ts';
import { BACKUP_KEY, CLIENT_KEY, LEAD_KEY } from '../matrix/question.ts';
import { BROKEN_HOSTS, type SocketCell } from './socket-cell.ts';
import { startUnderstudy, type Understudy } from './understudy.ts';

/**
 * Deadlines for tests: what hangs costs a second or two. `idle` is longer than the two seconds of the harmless `pause`. The
 * header hold is short so that failures are met on both sides of it.
 */
export const DEADLINES = { connect: '1s', headers: '1500ms', firstEvent: '1500ms', idle: '2500ms', whole: '3s', headerHold: '2500ms' };

/** Quick, but not in one piece. */
const BRISK: Pace = { headers: 5, firstToken: 5, perToken: 1, scale: 1 };

export interface HouseOptions {
  /** Beside the deadlines: `server`, `journal` and so on, as in understudy.yaml. */
  config?: object;
  /** Merged into every route. */
  route?: object;
}

/** One Understudy with a lead and a backup of its own for each cell, so that no cell's failures are another's. */
export interface House {
  understudy: Understudy;
  /** Holds configuration and data; gone after `close`. */
  folder: string;
  config: object;
  /** What to ask for to get a cell's route. */
  modelOf(index: number): string;
  /** Requests that lead and backup of a cell have had. */
  asked(index: number): { lead: number; backup: number };
  /** The bodies of those requests. */
  sent(index: number): string[];
  leads(): SimServer[];
  backups(): SimServer[];
  close(): Promise<void>;
}

export async function openHouse(cells: readonly SocketCell[], options: HouseOptions = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-sockets-'));
  const leads: (SimServer | BrokenHost)[] = [];
  const backups: SimServer[] = [];
  const providers: Record<string, object> = {};
  const routes: Record<string, object> = {};
  for (const [index, cell] of cells.entries()) {
    const both = BOTH_FAIL.has(cell.fault.id);
    const lead = BROKEN_HOSTS.has(cell.fault.id) ? await brokenLead(cell) : await sim(`lead-${index}`, LEAD_KEY, [ruleOf(cell)]);
    const backup = await sim(`backup-${index}`, BACKUP_KEY, both ? [ruleOf(cell)] : []);
    leads.push(lead);
    backups.push(backup);
    const origin = 'url' in lead ? lead.url : lead.origin;
    const provider: Record<string, unknown> = settingsOf(cell.lead, origin, LEAD_KEY);
    // Only the intended thing is wrong with a certificate: expired and misnamed ones come from an authority that is trusted.
    if ('certificate' in lead && lead.certificate !== undefined && cell.fault.id !== 'tls-self-signed') {
      provider['ca'] = join(folder, `ca-${index}.pem`);
      writeFileSync(join(folder, `ca-${index}.pem`), lead.certificate);
    }
    providers[`lead-${index}`] = provider;
    providers[`backup-${index}`] = settingsOf(cell.backup, backup.url, BACKUP_KEY);
    routes[`cell-${index}`] = { targets: [`lead-${index}/the-model`, `backup-${index}/the-other`], ...options.route };
  }
  const config = { server: { keepAlive: '700ms', closeWait: '1s' }, deadlines: DEADLINES, providers, routes, ...options.config };
  const understudy = await startUnderstudy({ folder, config });
  return {
    understudy,
    folder,
    config,
    modelOf: (index) => `cell-${index}`,
    asked(index) {
      const lead = leads[index]!;
      return { lead: 'requests' in lead ? lead.requests().length : 0, backup: backups[index]!.requests().length };
    },
    sent(index) {
      const lead = leads[index]!;
      return [...('requests' in lead ? lead.requests() : []), ...backups[index]!.requests()].map(({ body }) => body);
    },
    leads: () => leads.flatMap((lead) => ('requests' in lead ? [lead] : [])),
    backups: () => backups,
    async close() {
      await understudy.stop();
      await Promise.all([...leads, ...backups].map((each) => each.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** These say of themselves that they are to be set on every provider. */
const BOTH_FAIL: ReadonlySet<string> = new Set(['all-down', 'backup-fails-too']);

function ruleOf({ fault, persistence, position }: SocketCell): FaultRule {
  // A kept connection can only go stale when it is used for the second time.
  const schedule = fault.schedule ?? (fault.id === 'stale-connection' ? { type: 'ever' as const } : SCHEDULES[persistence]);
  return { fault: fault.id, schedule, ...(position === undefined ? {} : { position }) };
}

function sim(name: string, key: string, faults: FaultRule[]): Promise<SimServer> {
  return startSim({ name, key, strict: true, pace: BRISK, faults });
}

async function brokenLead(cell: SocketCell): Promise<BrokenHost> {
  const host = await breakHost(cell.fault.id as Refusal, Date.now());
  if (!host.ok) throw new Error(host.error);
  return host.value;
}

export function settingsOf(dialect: ClientDialect, origin: string, apiKey: string): Record<string, unknown> {
  const openai = dialect === 'openai-chat' || dialect === 'openai-responses';
  return { dialect, baseUrl: openai ? `${origin}/v1` : origin, apiKey, facts: { '*': { reasoning: openai ? 'effort' : 'budget' } } };
}

/** The credential that clients show; providers with a key of their own must never see it. */
export const SHOWN_KEY = CLIENT_KEY;
