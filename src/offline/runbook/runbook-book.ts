import { err, ok, type Result } from '../../exchange/result.ts';
import type { Incident } from '../../watch/incident.ts';
import { loadRunbooks, problemText } from './load-runbooks.ts';
import type { Runbook } from './read-runbook.ts';
import { NO_INCIDENT, ticksIn } from './ticks.ts';

/** A runbook with its ticks. */
export interface ShownRunbook extends Omit<Runbook, 'items'> {
  /** `doneAt`: UTC milliseconds of its tick. */
  items: { line: number; text: string; doneAt?: number }[];
  /** What the ticks belong to; absent: no incident is known that it is about. */
  incident?: { id: string; title: string };
}

export interface ShownRunbooks {
  /** By name. */
  runbooks: ShownRunbook[];
  /** What is wrong in files that could not be read; a sentence each. */
  problems: string[];
}

export type TickChange = { type: 'tick' | 'untick'; /** From 1. */ item: number } | { type: 'reset' };

export interface TickAsked {
  name: string;
  change: TickChange;
  /** Id of the incident that it is for; by default the one that is going on. */
  incident?: string;
}

/** Why a runbook can't be ticked: `near` are names that may have been meant. */
export type TickProblem =
  | { type: 'unknown-runbook'; near: string[] }
  | { type: 'unknown-item'; items: number }
  | { type: 'unwritable'; reason: string };

/** Runbooks and their ticks: files in `folders` (absolute), and one in the data folder. Read anew each time: people edit them meanwhile. */
export interface RunbookBook {
  /** `incidents`: open ones and those of the last days. `now`: UTC milliseconds. */
  list(incidents: readonly Incident[], now: number): ShownRunbooks;
  change(asked: TickAsked, incidents: readonly Incident[], now: number): Result<ShownRunbook, TickProblem>;
}

export function runbookBook(dataFolder: string, folders: readonly string[]): RunbookBook {
  const ticks = ticksIn(dataFolder);

  function shown(runbook: Runbook, incident: Pick<Incident, 'id' | 'title'> | undefined): ShownRunbook {
    const done = ticks.of(runbook, incident?.id ?? NO_INCIDENT);
    return {
      ...runbook,
      items: runbook.items.map((item, index) => ({ ...item, ...(done[index] !== undefined && { doneAt: done[index] }) })),
      ...(incident && { incident: { id: incident.id, title: incident.title } }),
    };
  }

  return {
    list(incidents, now) {
      const { runbooks, problems } = loadRunbooks(folders);
      return {
        runbooks: runbooks.map((runbook) => shown(runbook, ticks.incidentOf(runbook, incidents, now))),
        problems: problems.map(problemText),
      };
    },

    change({ name, change, incident: wanted }, incidents, now) {
      const { runbooks } = loadRunbooks(folders);
      const runbook = runbooks.find((one) => one.name === name);
      if (!runbook) return err({ type: 'unknown-runbook', near: runbooks.map((one) => one.name) });
      if (change.type !== 'reset' && (change.item < 1 || change.item > runbook.items.length))
        return err({ type: 'unknown-item', items: runbook.items.length });
      const named = wanted === undefined ? undefined : (incidents.find(({ id }) => id === wanted) ?? { id: wanted, title: '' });
      const incident = named ?? ticks.incidentOf(runbook, incidents, now);
      const id = incident?.id ?? NO_INCIDENT;
      try {
        if (change.type === 'reset') ticks.clear(runbook, id);
        else ticks.set(runbook, id, change.item - 1, change.type === 'tick' ? now : undefined);
      } catch (error) {
        return err({ type: 'unwritable', reason: error instanceof Error ? error.message : String(error) });
      }
      return ok(shown(runbook, incident));
    },
  };
}

/** An exact name, or the only one that begins so. */
export function runbookNamed<One extends { name: string }>(runbooks: readonly One[], text: string): Result<One, string[]> {
  const wanted = text.toLowerCase();
  const exact = runbooks.find(({ name }) => name === wanted);
  if (exact) return ok(exact);
  const like = runbooks.filter(({ name }) => name.includes(wanted));
  return like.length === 1 && like[0] ? ok(like[0]) : err(like.map(({ name }) => name));
}
