import type { Settings } from './settings.ts';

/** Settings that differ and are read once, at the start: the journal is opened then, and the watch over transcripts begins. */
export function needsRestartIn(wanted: Settings, running: Settings): string[] {
  const names = Object.keys(running.journal) as (keyof Settings['journal'])[];
  const journal = names.filter((name) => wanted.journal[name] !== running.journal[name]).map((name) => `journal.${name}`);
  return JSON.stringify(wanted.protect) === JSON.stringify(running.protect) ? journal : [...journal, 'protect'];
}
