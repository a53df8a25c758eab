import { hash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Incident } from '../../watch/incident.ts';
import { EVERYTHING } from '../../watch/runbooks.ts';
import { means } from '../../watch/registry/means.ts';
import type { Runbook } from './read-runbook.ts';

/** Ticks by incident, runbook and item (a hash of its text, so that a changed file loses none); UTC milliseconds of when. */
const ticksFile = z.object({ version: z.literal(1), ticks: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))) });
type Ticks = z.output<typeof ticksFile>['ticks'];

/** What ticks belong to while no incident is known. */
export const NO_INCIDENT = 'none';
/** Incidents whose ticks are kept. */
const MOST_INCIDENTS = 50;
/** Milliseconds after its end for which an incident is what a runbook for afterwards is about. */
const AFTERWARDS = 7 * 24 * 60 * 60_000;

type Known = Pick<Incident, 'id' | 'kind' | 'title' | 'products' | 'phase' | 'startedAt' | 'endedAt' | 'endSeenAt'>;

/** `runbooks.json` in the data folder, replaced as a whole. */
export function ticksIn(folder: string): {
  /** UTC milliseconds by place in the checklist, from 0. */
  of(runbook: Runbook, incident: string): (number | undefined)[];
  /** `at`: UTC milliseconds; absent: it is not done. */
  set(runbook: Runbook, incident: string, item: number, at: number | undefined): void;
  /** Takes all ticks of one off. */
  clear(runbook: Runbook, incident: string): void;
  /** Which incident the ticks of a runbook belong to now: one that it has ticks for as long as that goes on, else the newest that it is about. */
  incidentOf(runbook: Runbook, incidents: readonly Known[], now: number): Known | undefined;
} {
  const path = join(folder, 'runbooks.json');

  function read(): Ticks {
    try {
      const parsed = ticksFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      return parsed.success ? parsed.data.ticks : {};
    } catch {
      return {};
    }
  }

  function write(ticks: Ticks): void {
    const kept = Object.fromEntries(
      Object.entries(ticks)
        .filter(([, runbooks]) => Object.keys(runbooks).length > 0)
        .toSorted(([, one], [, other]) => newestOf(other) - newestOf(one))
        .slice(0, MOST_INCIDENTS),
    );
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ version: 1, ticks: kept } satisfies z.output<typeof ticksFile>), { mode: 0o600 });
    renameSync(draft, path);
  }

  function change(incident: string, name: string, work: (items: Record<string, number>) => void): void {
    const ticks = read();
    const runbooks = ticks[incident] ?? {};
    const items = runbooks[name] ?? {};
    work(items);
    const { [name]: _old, ...others } = runbooks;
    write({ ...ticks, [incident]: Object.keys(items).length === 0 ? others : { ...others, [name]: items } });
  }

  return {
    of(runbook, incident) {
      const items = read()[incident]?.[runbook.name] ?? {};
      return keysOf(runbook).map((key) => items[key]);
    },
    set(runbook, incident, item, at) {
      const key = keysOf(runbook)[item];
      if (key === undefined) return;
      change(incident, runbook.name, (items) => {
        if (at === undefined) delete items[key];
        else items[key] ??= at;
      });
    },
    clear(runbook, incident) {
      change(incident, runbook.name, (items) => {
        for (const key of Object.keys(items)) delete items[key];
      });
    },
    incidentOf(runbook, incidents, now) {
      const ticks = read();
      const about = incidents
        .filter(({ kind, products }) => kind === 'incident' && isAbout(runbook, products))
        .filter((one) => isItsTime(runbook, one, now))
        .toSorted((one, other) => other.startedAt - one.startedAt);
      return about.find(({ id }) => ticks[id]?.[runbook.name] !== undefined) ?? about[0];
    },
  };
}

/** Items that read the same are told apart by their order. */
function keysOf({ items }: Runbook): string[] {
  const seen = new Map<string, number>();
  return items.map(({ text }) => {
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    return hash('sha256', `${text}\n${count}`).slice(0, 16);
  });
}

function newestOf(runbooks: Ticks[string]): number {
  return Math.max(0, ...Object.values(runbooks).flatMap((items) => Object.values(items)));
}

function isAbout({ products: named, verdicts }: Runbook, products: readonly string[]): boolean {
  // What is to be prepared, or is of use at any time, is about no incident.
  if (verdicts.length === 0) return false;
  if (named.length === 0 || named.some((name) => name.toLowerCase() === EVERYTHING)) return true;
  return products.some((product) => named.some((name) => means(name, product)));
}

function isItsTime({ verdicts }: Runbook, { phase, endedAt, endSeenAt }: Known, now: number): boolean {
  const ended = phase === 'resolved' ? (endSeenAt ?? endedAt ?? now) : undefined;
  if (ended === undefined) return verdicts.includes('down') || verdicts.includes('degraded');
  return verdicts.includes('over') && now - ended < AFTERWARDS;
}
