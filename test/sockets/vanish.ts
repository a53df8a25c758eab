import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { questionOf } from '../matrix/question.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';
import { settingsOf } from './house.ts';
import { several } from './tally.ts';
import { resident, startUnderstudy, type Understudy } from './understudy.ts';

/** When a client goes away: after so many milliseconds, or as soon as the headers are there, or so many bytes. */
type Moment = { type: 'after'; ms: number } | { type: 'headers' } | { type: 'bytes'; count: number };

export interface Vanishing {
  clients: number;
  /** Milliseconds from a client's going to the provider's noticing, sorted. */
  noticed: number[];
  /** Clients whose provider had not noticed when the patience was over. */
  unnoticed: number;
  /** Clients that had gone before the provider was asked at all. */
  neverAsked: number;
  /** Connections to the providers and sockets of the server when all was over, and at the start. */
  upstreamSockets: number;
  socketsBefore: number;
  socketsAfter: number;
  /** Resident bytes after a warm-up of half as many clients, and after all of them. */
  memoryBefore: number;
  memoryAfter: number;
}

/** Milliseconds within which a provider's connection has to be closed before a client counts as unnoticed. */
const PATIENCE = 5000;
const AT_ONCE = 50;

/** Clients ask, streamed and not, natively and across dialects, and go away at random moments. */
export async function vanish(clients: number, seed: number): Promise<Vanishing> {
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'understudy-vanish-'));
  // An answer takes half a minute, so nobody leaves after its end.
  const pace = { headers: 60, firstToken: 60, perToken: 60, scale: 1 };
  const sims = await Promise.all(DIALECTS.map((name) => startSim({ name, pace })));
  const understudy = await startUnderstudy({
    folder,
    config: {
      providers: Object.fromEntries(DIALECTS.map((dialect, index) => [dialect, settingsOf(dialect, sims[index]!.url, 'sk-vanish')])),
      routes: Object.fromEntries(DIALECTS.map((dialect) => [`${dialect}-model`, [`${dialect}/m`]])),
      journal: { keepAfterEnd: '500ms' },
    },
  });
  try {
    const warmUp = Math.ceil(clients / 2);
    await several(warmUp, AT_ONCE, async (index) => void (await leave(understudy, sims, `warm-${index}`, random)));
    await settled(sims);
    const socketsBefore = socketsOf(understudy.pid);
    const memoryBefore = resident(understudy.pid);
    const times: (number | 'unnoticed' | 'never asked')[] = [];
    await several(clients, AT_ONCE, async (index) => void times.push(await leave(understudy, sims, String(index), random)));
    await settled(sims);
    return {
      clients,
      noticed: times.filter((time) => typeof time === 'number').toSorted((one, other) => one - other),
      unnoticed: times.filter((time) => time === 'unnoticed').length,
      neverAsked: times.filter((time) => time === 'never asked').length,
      upstreamSockets: sims.reduce((sum, sim) => sum + sim.sockets(), 0),
      socketsBefore,
      socketsAfter: socketsOf(understudy.pid),
      memoryBefore,
      memoryAfter: resident(understudy.pid),
    };
  } finally {
    await understudy.stop();
    await Promise.all(sims.map((sim) => sim.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One client: asks, goes, and waits until its provider has noticed. */
async function leave(
  understudy: Understudy,
  sims: SimServer[],
  name: string,
  random: () => number,
): Promise<number | 'unnoticed' | 'never asked'> {
  const any = (): ClientDialect => DIALECTS[Math.floor(random() * DIALECTS.length)]!;
  const model = `${any()}-model`;
  const mark = `client ${name}.`;
  const dialect = any();
  const stream = random() < 0.7;
  const question = questionOf(dialect, stream, random() < 0.3 ? 'thinking' : 'text', model);
  question.body = Buffer.from(question.body.toString().replace(/"(content|text)":"/, `"$1":"${mark} `));
  await goneAt(understudy.port, question, momentOf(stream, random));
  const left = performance.now();
  for (;;) {
    const asked = sims.flatMap((sim) => sim.requests()).find((request) => request.body.includes(mark));
    const waited = performance.now() - left;
    if (asked?.state === 'left') return waited;
    if (asked?.state === 'done') return 'unnoticed';
    if (!asked && waited > 1000) return 'never asked';
    if (waited > PATIENCE) return 'unnoticed';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function momentOf(stream: boolean, random: () => number): Moment {
  const kind = random();
  if (!stream || kind < 0.4) return { type: 'after', ms: random() * 400 };
  if (kind < 0.6) return { type: 'headers' };
  return { type: 'bytes', count: 1 + Math.floor(random() * 3000) };
}

/** Asks and destroys the connection at the moment; resolves when it is gone. */
function goneAt(port: number, question: ReturnType<typeof questionOf>, moment: Moment): Promise<void> {
  return new Promise((resolve) => {
    const { path, headers, body } = question;
    const asking = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers: Object.fromEntries(headers) });
    asking.on('error', () => undefined);
    asking.on('close', resolve);
    if (moment.type === 'after') asking.on('finish', () => void setTimeout(() => asking.destroy(), moment.ms));
    asking.on('response', (response) => {
      let bytes = 0;
      if (moment.type === 'headers') asking.destroy();
      response.on('error', () => undefined);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (moment.type === 'bytes' && bytes >= moment.count) asking.destroy();
      });
    });
    asking.end(body);
  });
}

/** Waits until no connection to a provider is left, at most as long as a client's patience; what stays is counted by the caller. */
async function settled(sims: readonly SimServer[]): Promise<void> {
  const until = performance.now() + PATIENCE;
  while (sims.some((sim) => sim.sockets() > 0) && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  // What is kept after an answer's end goes half a second later.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Open sockets of a process, those that listen included; from /proc. */
function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)).startsWith('socket:');
    } catch {
      // Closed in between.
      return false;
    }
  }).length;
}
