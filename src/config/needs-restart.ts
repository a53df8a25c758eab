import type { Settings } from './settings.ts';

/** Settings that differ and are read once, at the start: the journal is opened then, and the archive's threads begin. */
export function needsRestartIn(wanted: Settings, running: Settings): string[] {
  const names = Object.keys(running.journal) as (keyof Settings['journal'])[];
  const journal = names.filter((name) => wanted.journal[name] !== running.journal[name]).map((name) => `journal.${name}`);
  const rooms = (['archive', 'protect'] as const).filter((room) => JSON.stringify(wanted[room]) !== JSON.stringify(running[room]));
  return [...journal, ...rooms];
}
