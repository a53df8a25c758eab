import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../src/sim/seeded.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { several } from '../sockets/tally.ts';
import { killedAtStart, startUnderstudy, type Understudy, type UnderstudyOptions } from '../sockets/understudy.ts';
import { type Heard, listen } from './listener.ts';
import { type Kept, whatIsKept } from './kept.ts';
import { failingProvider, mixedConfig, randomQuestion } from './load.ts';

export interface KillReport {
  kills: number;
  /** Of those, kills of a server that was still starting (and perhaps folding what the last one had left). */
  atStart: number;
  /** Exchanges of which a client had received at least the headers. */
  exchanges: number;
  /** How they are marked afterwards. */
  states: Record<string, number>;
  deliveredBytes: number;
  lostBytes: number;
  /** What was not as it should be, the seed of the kill first. */
  wrong: string[];
  /** Milliseconds from a restart's beginning to its ready line, sorted. */
  restarts: number[];
  /** Exchanges that were looked at once more after the last kill, and bytes of theirs that had gone by then. */
  lookedAtAgain: number;
  lostLater: number;
}

export interface KillOptions {
  kills: number;
  seed: number;
  /** Clients that ask at the same time. */
  clients?: number;
  onKill?: (kill: number, report: KillReport) => void;
}

/** A server is killed somewhere within so many milliseconds of its being ready. */
const LIFETIME = 1500;
/** One kill in so many hits a server that is still starting. */
const AT_START = 8;
/** Of each kill so many exchanges are looked at again at the end. */
const LOOK_AGAIN = 2;

type Received = Heard & { exchange: string };

/**
 * Kills a server with SIGKILL at random instants, while many clients receive answers (streamed and not, natively and across
 * dialects, with providers that break off), and starts it again on the same folder each time. Everything that any client had
 * received has to be there again.
 */
export async function killOften({ kills, seed, clients = 16, onKill }: KillOptions): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-kills-'));
  const sims = await Promise.all(DIALECTS.map((name, index) => failingProvider(name, seed + index)));
  const options: UnderstudyOptions = { folder, config: mixedConfig(sims) };
  const report: KillReport = {
    kills: 0,
    atStart: 0,
    exchanges: 0,
    states: {},
    deliveredBytes: 0,
    lostBytes: 0,
    wrong: [],
    restarts: [],
    lookedAtAgain: 0,
    lostLater: 0,
  };
  const again: Received[] = [];
  let understudy = await startUnderstudy(options);
  try {
    for (let kill = 0; kill < kills; kill++) {
      const random = seeded(seed * 1000 + kill);
      const heard = await listenUntilKilled(understudy, clients, random);
      report.kills += 1;
      if (random() < 1 / AT_START) {
        await killedAtStart(options, random() * 600);
        report.kills += 1;
        report.atStart += 1;
      }
      understudy = await startUnderstudy(options);
      report.restarts.push(understudy.startedIn);
      for (const received of heard) add(report, kill, received, await whatIsKept(understudy.address, received));
      again.push(...heard.slice(0, LOOK_AGAIN));
      onKill?.(kill, report);
    }
    for (const received of again) {
      const kept = await whatIsKept(understudy.address, received);
      report.lookedAtAgain += 1;
      report.lostLater += kept.lost;
      if (kept.lost > 0) report.wrong.push(`${received.exchange}: later ${kept.lost} bytes had gone; ${kept.wrong.join(', ')}`);
    }
  } finally {
    await understudy.stop();
    await Promise.all(sims.map((sim) => sim.close()));
    rmSync(folder, { recursive: true, force: true });
  }
  report.restarts.sort((one, other) => one - other);
  return report;
}

async function listenUntilKilled(understudy: Understudy, clients: number, random: () => number): Promise<Received[]> {
  const heard: Received[] = [];
  let killed = false;
  const listening = several(clients, clients, async () => {
    while (!killed) {
      const { dialect, stream, question } = randomQuestion(random);
      const received = await listen(understudy.port, dialect, stream, question);
      if (received.exchange !== undefined) heard.push({ ...received, exchange: received.exchange });
    }
  });
  await new Promise((resolve) => setTimeout(resolve, random() * LIFETIME));
  killed = true;
  await understudy.kill();
  await listening;
  return heard;
}

function add(report: KillReport, kill: number, received: Received, kept: Kept): void {
  report.exchanges += 1;
  report.states[kept.state] = (report.states[kept.state] ?? 0) + 1;
  report.deliveredBytes += received.body.length;
  report.lostBytes += kept.lost;
  const { exchange, dialect, stream, status } = received;
  const what = `kill ${kill}, ${exchange} (${dialect}, ${stream ? 'stream' : 'whole'}, ${status}, ${kept.state})`;
  if (kept.lost > 0)
    report.wrong.push(
      `${what}: ${kept.lost} of ${received.body.length} bytes are not there: ${received.body.subarray(kept.delivered, kept.delivered + 200).toString()}`,
    );
  for (const wrong of kept.wrong) report.wrong.push(`${what}: ${wrong}`);
}
