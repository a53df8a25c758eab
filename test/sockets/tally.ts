import { faultById } from '../../src/sim/faults/catalogue.ts';
import type { Fault } from '../../src/sim/faults/fault.ts';
import { ASKINGS } from '../matrix/cell.ts';
import { GOOD } from '../matrix/judge.ts';
import type { Tally } from '../matrix/tally.ts';
import { type House, openHouse } from './house.ts';
import { attemptsOf, experience, FLOWING, type SocketExperience, verdictOf } from './run-cell.ts';
import { SDKS, type Sdk, type SocketCell, socketCellName } from './socket-cell.ts';

/** Cells for which one Understudy is started. */
const BATCH = 64;
/** Cells that are asked at the same time: nearly all of their time is spent waiting for deadlines. */
const AT_ONCE = 24;

/** The answers of a calm day, by `calmKey`. */
export type Calm = ReadonlyMap<string, SocketExperience>;

export function calmKey({ sdk, stream, content }: Pick<SocketCell, 'sdk' | 'stream' | 'content'>): string {
  return `${sdk} ${stream} ${content}`;
}

/** Every client asks every kind of question, streamed and not, and nothing fails. */
export async function calmDay(): Promise<Calm> {
  const none = faultById('flap');
  if (!none) throw new Error('the catalogue has no fault flap');
  const calm: Fault = { ...none, schedule: { type: 'times', count: 0 } };
  const cells = (Object.keys(SDKS) as Sdk[]).flatMap((sdk) =>
    [true, false].flatMap((stream) =>
      ASKINGS.map((content): SocketCell => {
        const dialect = SDKS[sdk];
        return {
          sdk,
          client: dialect,
          lead: dialect,
          backup: dialect,
          stream,
          content,
          fault: calm,
          position: undefined,
          persistence: 'ever',
        };
      }),
    ),
  );
  const answers = new Map<string, SocketExperience>();
  await eachIn(cells, async (_house, cell, met) => {
    if (met.view.type !== 'answer' || met.view.stop === undefined)
      throw new Error(`${socketCellName(cell)} got no answer on a calm day: ${JSON.stringify(met.view)}`);
    answers.set(calmKey(cell), met);
  });
  return answers;
}

/** Runs cells over real sockets. */
export async function tallySockets(cells: readonly SocketCell[], calm: Calm): Promise<Tally> {
  const result: Tally = { cells: 0, rows: new Map(), broken: [], unrescued: [], slowest: { took: 0, name: '' } };
  await eachIn(cells, async (house, cell, met) => {
    const name = socketCellName(cell);
    const verdict = verdictOf(cell, met, calm.get(calmKey(cell))!);
    const row = `${cell.fault.group} ${cell.fault.expected}`;
    const counts = result.rows.get(row) ?? new Map<typeof verdict, number>();
    result.rows.set(row, counts.set(verdict, (counts.get(verdict) ?? 0) + 1));
    result.cells += 1;
    if (met.took > result.slowest.took) result.slowest = { took: met.took, name };
    const broken = !GOOD.has(verdict);
    const unrescued = verdict === 'error' && cell.fault.expected === 'rescue';
    if (!broken && !unrescued) return;
    const detail = `${met.end} ${met.status} ${JSON.stringify(met.view).slice(0, 300)} [${await attemptsOf(house, met.exchange)}]`;
    if (broken) result.broken.push({ name, verdict, detail });
    else result.unrescued.push(`${name}\n    ${detail}`);
  });
  return result;
}

type Met = (house: House, cell: SocketCell, met: SocketExperience) => Promise<void>;

/** In batches, several at a time; `met` is called while the cell's house stands. What flows for minutes comes last and together. */
async function eachIn(all: readonly SocketCell[], met: Met): Promise<void> {
  const flows = (cell: SocketCell): boolean => FLOWING.has(cell.fault.id);
  const cells = [...all.filter((cell) => !flows(cell)), ...all.filter(flows)];
  for (let first = 0; first < cells.length; first += BATCH) {
    const batch = cells.slice(first, first + BATCH);
    const house = await openHouse(batch);
    try {
      await several(batch.length, AT_ONCE, async (index) => {
        const cell = batch[index]!;
        await met(house, cell, await experience(house, index, cell));
      });
    } finally {
      await house.close();
    }
  }
}

/** Runs `count` tasks, at most `limit` at a time. */
export async function several(count: number, limit: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
}
