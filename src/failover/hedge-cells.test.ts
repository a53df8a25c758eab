import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Cell, CONTENTS, DIALECTS } from '../../test/matrix/cell.ts';
import { GOOD, judge } from '../../test/matrix/judge.ts';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Health } from '../health/health.ts';
import { FAULTS } from '../sim/faults/catalogue.ts';
import type { Fault } from '../sim/faults/fault.ts';
import { seeded } from '../sim/seeded.ts';
import { REALISTIC } from '../sim/wire/pace.ts';

/** Milliseconds to the headers. A hedge begins after some 7 s (an answer that does not stream: 220 s); headers are late after 20 s. */
const STREAMED = { lead: [250, 6500, 8000, 12_000, 19_000, 40_000], backup: [250, 3000, 9000, 40_000] };
const WHOLE = { lead: [250, 6500, 12_000, 225_000, 260_000], backup: [250, 30_000, 60_000] };

interface Drawn {
  cell: Cell;
  backupFault: Fault;
  trial: Trial;
}

interface Played extends Drawn {
  experience: Experience;
  health: Health;
  /** Calls that were not ended, and timers that still run, a while after the end. */
  open: number;
  timers: number;
  name: string;
}

/** Cells at random, the same in every run: any fault at the lead, any or none at the backup, either slow. */
function draw(random: () => number): Drawn {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const [client, lead, backup, content] = [pick(DIALECTS), pick(DIALECTS), pick(DIALECTS), pick(CONTENTS)];
  const stream = random() < 0.7;
  const leadStreams = stream || client !== lead;
  const fault = pick(FAULTS.filter((one) => one.applies(lead, leadStreams, content)));
  const backupFault = pick(FAULTS.filter((one) => one.applies(backup, stream || client !== backup, content)));
  const persistence = pick(['once', 'ever'] as const);
  const rule = (id: string) => ({ fault: id, schedule: { type: persistence } as const });
  const times = leadStreams ? STREAMED : WHOLE;
  const trial: Trial = {
    client,
    lead,
    backup,
    stream,
    content,
    faults: random() < 0.3 ? [] : [rule(fault.id)],
    backupFaults: random() < 0.6 ? [] : [rule(backupFault.id)],
    pace: { ...REALISTIC, headers: pick(times.lead) },
    backupPace: { ...REALISTIC, headers: pick(times.backup) },
    failover: { hedge: 'on', hedgeShare: 1 },
  };
  return { cell: { client, lead, backup, stream, content, fault, position: undefined, persistence }, backupFault, trial };
}

async function played(drawn: Drawn, more: Partial<Trial> = {}): Promise<Played> {
  const clock = countingClock();
  const health = createHealth({ clock, random: () => 0.5 });
  let open = 0;
  const trial: Trial = {
    ...drawn.trial,
    ...more,
    clock,
    health: () => health,
    called() {
      open += 1;
      return () => {
        open -= 1;
      };
    },
  };
  const experience = await runTrial(trial);
  // A response's end is waited for a little, for its connection's sake.
  await clock.advance(2000);
  // A client that would have left later is a timer of the test's own.
  const own = trial.leaveAfter !== undefined && trial.leaveAfter > clock.monotonic() ? 1 : 0;
  return { ...drawn, trial, experience, health, open, timers: clock.waiting() - own, name: nameOf(trial) };
}

function nameOf({ client, lead, backup, stream, content, faults, backupFaults, pace, backupPace, leaveAfter }: Trial): string {
  const ids = (rules: Trial['faults'] = []) => rules.map(({ fault, schedule }) => `${fault} ${schedule?.type}`).join() || 'sound';
  const left = leaveAfter === undefined ? '' : `, left after ${leaveAfter}`;
  return `${client} <- ${lead} ${ids(faults)} ${pace?.headers} | ${backup} ${ids(backupFaults)} ${backupPace?.headers}, ${stream ? 'stream' : 'whole'} ${content}${left}`;
}

function countingClock(): VirtualClock & { waiting(): number } {
  const clock = virtualClock();
  let waiting = 0;
  return {
    ...clock,
    waiting: () => waiting,
    after(delay, task) {
      waiting += 1;
      let done = false;
      const finish = (): void => {
        if (!done) waiting -= 1;
        done = true;
      };
      const cancel = clock.after(delay, () => {
        finish();
        task();
      });
      return () => {
        finish();
        cancel();
      };
    },
  };
}

/** Every rule that was broken, in words. */
function broken({ experience: { entries }, health, open, timers }: Played): string[] {
  const problems: string[] = [];
  const begun = entries.flatMap((entry) => (entry.type === 'attempt' ? [entry] : []));
  const ended = entries.flatMap((entry) => (entry.type === 'attempt-end' ? [entry] : []));
  const hops = new Set(begun.filter(({ kind }) => kind === 'hop').map(({ ordinal }) => ordinal));
  const speakers = new Set(entries.flatMap((entry) => (entry.type === 'bytes' || entry.type === 'events' ? [entry.attempt] : [])));
  const heard = [...speakers].filter((ordinal) => !hops.has(ordinal));
  if (heard.length > 1) problems.push(`the words of attempts ${heard.join()} were mixed`);
  for (const { ordinal } of begun) {
    const ends = ended.filter((end) => end.ordinal === ordinal).length;
    if (ends !== 1) problems.push(`attempt ${ordinal} was booked ${ends} times`);
  }
  if (entries.filter(({ type }) => type === 'end').length !== 1 || entries.at(-1)?.type !== 'end') problems.push('no end, or not one');
  const hedges = begun.filter(({ kind }) => kind === 'hedge').length;
  if (hedges > 1) problems.push(`${hedges} hedges`);
  const before = begun.length - hops.size;
  if (before > 4 || hops.size > 3) problems.push(`${before} attempts and ${hops.size} hops`);
  if (open !== 0) problems.push(`${open} calls left`);
  if (timers !== 0) problems.push(`${timers} timers left`);
  const counted = health.status().reduce((sum, one) => sum + one.successes + one.failures, 0);
  const settled = ended.filter(({ outcome }) => outcome.type !== 'cancelled').length;
  if (counted > settled) problems.push(`health has heard of ${counted} outcomes, of ${settled} that there were`);
  return problems;
}

const HEDGES = (one: Played): boolean => one.experience.entries.some((entry) => entry.type === 'attempt' && entry.kind === 'hedge');
const calm = new Map<string, ReturnType<typeof runTrial>>();

function soundOf({ client, stream, content }: Cell): ReturnType<typeof runTrial> {
  const key = `${client} ${stream} ${content}`;
  let sound = calm.get(key);
  if (!sound) calm.set(key, (sound = runTrial({ client, lead: client, backup: undefined, stream, content, faults: [] })));
  return sound;
}

describe('with hedging, any fault at any time', () => {
  it('the client gets one answer, each attempt is booked once, and nothing is left behind', { timeout: 60_000 }, async () => {
    const random = seeded(4);
    const found: string[] = [];
    let hedged = 0;
    let won = 0;
    for (let time = 0; time < 1000; time++) {
      const one = await played(draw(random));
      const { reading } = await soundOf(one.cell);
      // Either's fault may be what excuses an answer that is not the assistant's.
      const good = ({ experience }: Played): boolean =>
        [one.cell.fault, one.backupFault].some((fault) => GOOD.has(judge(experience, reading, { ...one.cell, fault })));
      if (HEDGES(one)) hedged += 1;
      if (one.experience.entries.some((entry) => entry.type === 'attempt-end' && entry.outcome.type === 'cancelled')) won += 1;
      const problems = broken(one);
      // Where both have failed, what is told is the same as ever: the judge expects a sound backup.
      if (!good(one) && good(await played(one, { failover: {} }))) problems.push(judge(one.experience, reading, one.cell));
      if (problems.length > 0) found.push(`${one.name}: ${problems.join('; ')}`);
    }
    console.log(`1000 cells: ${hedged} were hedged, ${won} had a loser`);
    expect(found).toEqual([]);
    expect(hedged).toBeGreaterThan(200);
    expect(won).toBeGreaterThan(100);
  });

  it('a client that leaves ends both', { timeout: 60_000 }, async () => {
    const random = seeded(5);
    const found: string[] = [];
    let both = 0;
    for (let time = 0; time < 400; time++) {
      const drawn = draw(random);
      const one = await played(drawn, { leaveAfter: Math.round(random() * 14_000) });
      const { entries } = one.experience;
      const cancelled = entries.filter((entry) => entry.type === 'attempt-end' && entry.outcome.type === 'cancelled').length;
      if (cancelled === 2) both += 1;
      const problems = broken(one);
      if (problems.length > 0) found.push(`${one.name}: ${problems.join('; ')}`);
    }
    console.log(`400 cells left: in ${both} both were under way`);
    expect(found).toEqual([]);
    expect(both).toBeGreaterThan(30);
  });

  it('changes nothing where it is off, has no share, or has nothing to suspect', { timeout: 60_000 }, async () => {
    const random = seeded(6);
    const found: string[] = [];
    for (let time = 0; time < 150; time++) {
      const drawn = draw(random);
      const off = await played(drawn, { failover: {} });
      const none = await played(drawn, { failover: { hedge: 'on', hedgeShare: 0 } });
      const auto = await played(drawn, { failover: { hedge: 'auto', hedgeShare: 1 } });
      for (const one of HEDGES(auto) ? [none] : [none, auto])
        if (!isDeepStrictEqual(one.experience, off.experience)) found.push(`${JSON.stringify(one.trial.failover)}: ${one.name}`);
    }
    expect(found).toEqual([]);
  });
});
