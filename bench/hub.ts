/**
 * What a hub bears: many installations report one after the other over HTTP, from a process of their own, and the hub's processor and memory are read
 * from /proc. Prints; asserts nothing but that each report was counted.
 */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import type { Challenge } from '../src/watch/crowd/hub-answers.ts';
import { type HubProcess, startHubProcess } from '../src/watch/hub/testing/hub-process.ts';
import { type Installation, installation } from '../src/watch/hub/testing/installation.ts';
import { cpuTime, memory } from './process-cost.ts';
import { commit } from './report.ts';

const HELP = `node bench/hub.ts [options]
  --installs N     installations that report (100000)
  --networks N     networks that they are in (20000)
  --at-once N      connections (32)
  --report         also write docs/reports/DATE-hub.md`;

const { values } = parseArgs({
  options: {
    installs: { type: 'string', default: '100000' },
    networks: { type: 'string', default: '20000' },
    'at-once': { type: 'string', default: '32' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const AT_ONCE = Number(values['at-once']);

interface Phase {
  name: string;
  requests: number;
  seconds: number;
  /** Of the hub, for each request. */
  processorMicroseconds: number;
  p50: number;
  p99: number;
  resident: number;
  highest: number;
  disk: number;
}

function addressOf(index: number): string {
  const network = index % Number(values.networks);
  return `10.${Math.floor(network / 256) % 256}.${network % 256}.${(Math.floor(index / Number(values.networks)) % 250) + 1}`;
}

async function ask(pool: Pool, way: string, from: string, body?: string): Promise<string> {
  const method = body === undefined ? 'GET' : 'POST';
  const reply = await pool.request({ path: way, method, headers: { 'x-forwarded-for': from }, ...(body !== undefined && { body }) });
  const text = await reply.body.text();
  if (reply.statusCode >= 300) throw new Error(`${way}: ${reply.statusCode} ${text}`);
  return text;
}

async function measured(name: string, hub: HubProcess, requests: number, one: (index: number) => Promise<void>): Promise<Phase> {
  const waits: number[] = [];
  let next = 0;
  const before = cpuTime(hub.pid).all;
  const began = performance.now();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const start = performance.now();
      await one(index);
      waits.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - began) / 1000;
  const spent = cpuTime(hub.pid).all - before;
  waits.sort((one, other) => one - other);
  const size = readdirSync(hub.folder).reduce((sum, file) => sum + statSync(path.join(hub.folder, file)).size, 0);
  return {
    name,
    requests,
    seconds,
    processorMicroseconds: spent / requests / 1000,
    p50: waits[Math.floor(waits.length * 0.5)]!,
    p99: waits[Math.floor(waits.length * 0.99)]!,
    ...memory(hub.pid),
    disk: size / 2 ** 20,
  };
}

async function bench(): Promise<string> {
  const hub = await startHubProcess();
  try {
    return await measuredHub(hub);
  } finally {
    await hub.stop();
  }
}

async function measuredHub(hub: HubProcess): Promise<string> {
  const count = Number(values.installs);
  const reply = await fetch(`${hub.address}/api/v1/challenge`, { headers: { 'x-forwarded-for': '192.0.2.1' } });
  const given = (await reply.json()) as Challenge;
  const installs: Installation[] = [];
  for (let index = 0; index < count; index++) installs.push(installation());
  const start = memory(hub.pid);
  let wrong = 0;
  /** Signed and worked for beforehand, so that the clients' side is not what is measured. One challenge does for all: work is for a signature. */
  const prepared = (product: string): string[] =>
    installs.map((who, index) => {
      const symptom = index % 3 === 0 ? 'hangs' : 'errors';
      const region = ['DE', 'US', 'FR', 'IN', 'BR', 'JP'][index % 6]!;
      return who.handedIn(who.report({ product, symptom, region, model: `model-${index % 5}` }), given);
    });
  const reports = (bodies: string[]) => async (index: number) => {
    if (!(await ask(pool, '/api/v1/reports', addressOf(index), bodies[index]!)).includes('counted')) wrong++;
  };
  const challenge = async (index: number): Promise<void> => void (await ask(pool, '/api/v1/challenge', addressOf(index)));
  const states = async (index: number): Promise<void> => void (await ask(pool, '/api/v1/states', addressOf(index)));
  const fresh = prepared('anthropic/api');
  const known = prepared('openai/api');
  const pool = new Pool(hub.address, { connections: AT_ONCE, pipelining: 1 });
  const phases = [
    await measured('reports, new keys', hub, count, reports(fresh)),
    await measured('reports, known keys', hub, count, reports(known)),
    await measured('challenges', hub, count, challenge),
    await measured('states', hub, count, states),
  ];
  const state = await ask(pool, '/api/v1/states', '192.0.2.1');
  await pool.close();
  const rows = phases.map(
    ({ name, requests, seconds, processorMicroseconds, p50, p99, resident, highest, disk }) =>
      `| ${name} | ${requests} | ${(requests / seconds).toFixed(0)} | ${processorMicroseconds.toFixed(0)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${resident.toFixed(0)} (${highest.toFixed(0)}) | ${disk.toFixed(1)} |`,
  );
  return [
    `${count} installations in ${values.networks} networks, ${AT_ONCE} connections; clients in a process beside it, with signatures and work done beforehand. Resident at its start: ${start.resident.toFixed(0)} MiB. Not counted: ${wrong}.`,
    '',
    '| what | how many | a second | hub’s processor, µs each | p50 ms | p99 ms | resident (highest) MiB | disk MiB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'One report is one challenge and one `POST`; what the hub’s processor takes for both says how many a core bears, whatever else this machine does.',
    `State of both products afterwards: ${[...state.matchAll(/"key":"((?:anthropic|openai)\/api)"[^}]*"state":"(\w+)"/g)].map(([, key, what]) => `${key} ${what}`).join(', ')}.`,
  ].join('\n');
}

if (values.help) process.stdout.write(`${HELP}\n`);
else {
  const before = loadavg()[0]!.toFixed(1);
  const table = await bench();
  const about = `Commit ${commit()}, Node ${process.version}, 2 cores, shared; load average (one minute) ${before} before, ${loadavg()[0]!.toFixed(1)} after.`;
  process.stdout.write(`${table}\n\n${about}\n`);
  if (values.report) {
    const date = new Date().toISOString().slice(0, 10);
    const file = path.join(import.meta.dirname, '..', 'docs', 'reports', `${date}-hub.md`);
    writeFileSync(file, `# What a hub bears\n\n\`node bench/hub.ts --report\`\n\n${table}\n\n${about}\n`);
  }
}
