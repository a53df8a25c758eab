import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'yaml';
import { buildApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ReadinessPlan, ReadinessReport } from '../../src/drill/readiness/report.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import { type SimServer, type SimServerOptions, startSim } from '../../src/sim/serve.ts';
import type { Pace } from '../../src/sim/wire/pace.ts';
import { askBody, usualAsks } from './asks.ts';
import { startMisdirected } from './misdirected.ts';
import { startToolless } from './toolless.ts';

/** Whom a route's backup is in a case: a simulated service, and what is wrong with the way in which it is configured. */
export interface BackupCase {
  dialect: DialectName;
  sim: SimServerOptions;
  /** Of the provider in the configuration. */
  settings?: JsonObject;
  /** Its base URL leads to somebody else, who answers in one of his manners (misdirected.ts). */
  misdirected?: number;
  /** Stands behind somebody who has no tools. */
  toolless?: 'refuses' | 'ignores';
}

export interface Case {
  name: string;
  backups: BackupCase[];
}

/** Quick, but not in one piece. */
const BRISK: Pace = { headers: 3, firstToken: 3, perToken: 1, scale: 1 };
const LEAD_KEY = 'lead-key';
const BACKUP_KEY = 'backup-key';
/** What the simulated models are called; some other names make them behave otherwise. */
const LEAD_MODEL = 'the-lead';
const BACKUP_MODEL = 'the-backup';

export interface House {
  origin: string;
  /** The route of a case. */
  routeOf(name: string): string;
  /** Requests that the leads have had since the history was made. */
  leadRequests(): number;
  plan(wish: JsonObject): Promise<ReadinessPlan>;
  drill(wish: JsonObject): Promise<ReadinessReport>;
  get(path: string): Promise<Response>;
  /** What is on disk of a drill. */
  stored(id: string): string;
  close(): Promise<void>;
}

/** One Understudy, a route with a lead and backups of its own for each case, and a past on each of them. */
export async function openHouse(cases: readonly Case[], config: JsonObject = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-drill-faults-'));
  const sims: SimServer[] = [];
  const fronts: { close(): Promise<void> }[] = [];
  const start = async (options: SimServerOptions): Promise<SimServer> => {
    const server = await startSim({ strict: true, pace: BRISK, ...options });
    sims.push(server);
    return server;
  };
  const providers: JsonObject = {};
  const routes: JsonObject = {};
  const leads: SimServer[] = [];
  for (const [index, { backups }] of cases.entries()) {
    const lead = await start({ name: `lead-${index}`, key: LEAD_KEY });
    leads.push(lead);
    const dialect = backups[0]!.dialect;
    providers[`lead-${index}`] = providerOf(dialect, lead.url, LEAD_KEY);
    const targets = [`lead-${index}/${LEAD_MODEL}`];
    for (const [place, backup] of backups.entries()) {
      const sim = await start({ name: `backup-${index}-${place}`, key: BACKUP_KEY, models: [BACKUP_MODEL], ...backup.sim });
      const front =
        backup.misdirected === undefined
          ? backup.toolless && (await startToolless(sim.url, backup.toolless))
          : await startMisdirected(backup.misdirected);
      if (front) fronts.push(front);
      const name = `backup-${index}-${place}`;
      providers[name] = { ...providerOf(backup.dialect, front?.url ?? sim.url, BACKUP_KEY), ...backup.settings };
      targets.push(`${name}/${BACKUP_MODEL}`);
    }
    routes[`case-${index}`] = { targets };
  }
  const surroundings = { environment: {}, home: folder, platform: process.platform, workingFolder: folder };
  const text = stringify({
    data: folder,
    server: { port: 0 },
    deadlines: { connect: '2s' },
    watch: { enabled: false },
    local: { find: false },
    providers,
    routes,
    ...config,
  });
  const loaded = parseConfig(text, undefined, surroundings);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const app = await buildApp(loaded.value.settings, { version: '0.0.0-test', surroundings });
  if (!app.ok) throw new Error(JSON.stringify(app.error));
  const origin = app.value.address;

  async function post(path: string, body: JsonObject): Promise<JsonObject> {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = (await response.json()) as JsonObject;
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(said)}`);
    return said;
  }

  // The past: each of the usual questions, asked of each route's lead.
  await Promise.all(
    cases.map(async ({ backups }, index) => {
      const { dialect } = backups[0]!;
      for (const ask of usualAsks()) {
        const { path, body } = askBody(dialect, `case-${index}`, ask);
        const response = await fetch(origin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        const answer = await response.text();
        if (!response.ok) throw new Error(`the past of ${index} (${dialect}, ${ask.name}): ${response.status} ${answer.slice(0, 300)}`);
      }
    }),
  );
  for (const lead of leads) {
    const rules = lead.setFaults([{ fault: '529' }]);
    if (!rules.ok) throw new Error(rules.error);
  }
  const before = leads.map((lead) => lead.requests().length);

  return {
    origin,
    routeOf: (name) => `case-${cases.findIndex((each) => each.name === name)}`,
    leadRequests: () => leads.reduce((sum, lead, index) => sum + lead.requests().length - before[index]!, 0),
    plan: async (wish) => (await post('/api/drills/plan', wish)) as unknown as ReadinessPlan,
    async drill(wish) {
      const { drill } = await post('/api/drills', { ...wish, consent: true });
      for (;;) {
        const detail = (await (await fetch(`${origin}/api/drills/${String(drill)}`)).json()) as { report?: ReadinessReport };
        if (detail.report) return detail.report;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    get: (path) => fetch(origin + path),
    stored(id) {
      const database = new DatabaseSync(join(folder, 'drills.db'), { readOnly: true });
      const row = database.prepare('SELECT report FROM drills WHERE id = ?').get(id);
      database.close();
      return String(row?.['report']);
    },
    async close() {
      await app.value.close();
      await Promise.all([...sims, ...fronts].map((one) => one.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function providerOf(dialect: DialectName, origin: string, apiKey: string): JsonObject {
  const openai = dialect === 'openai-chat' || dialect === 'openai-responses';
  return {
    dialect,
    baseUrl: origin + (openai ? '/v1' : ''),
    apiKey,
    facts: { '*': { price: { input: 1, output: 4 } } },
  };
}
