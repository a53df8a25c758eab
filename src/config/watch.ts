import { watchFile, unwatchFile } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../exchange/result.ts';
import type { Loaded, LoadOptions } from './load.ts';
import { findConfig, loadConfig } from './load.ts';
import { CONFIG_NAME, configFolder } from './paths.ts';
import type { ConfigProblem } from './problem.ts';

export interface Watcher {
  /** Reads the file now (SIGHUP). What came of it goes to `changed`. */
  reload(): void;
  stop(): void;
}

/** How often the file's time and size are looked at, in milliseconds. Polling holds on every file system and with every editor that replaces files. */
const INTERVAL = 1000;

/**
 * Reads the configuration again when its file changes. `changed` is told of new settings, or of the problems of a file that cannot be taken:
 * then what was in force stays in force. The file is that of the start: another one that turns up elsewhere does not take over.
 */
export function watchConfig(
  file: string,
  options: LoadOptions,
  changed: (result: Result<Loaded, ConfigProblem[]>) => void,
  interval = INTERVAL,
): Watcher {
  const reload = (): void => changed(loadConfig({ ...options, file }));
  const looked = (now: { mtimeMs: number; size: number; ino: number }, before: { mtimeMs: number; size: number; ino: number }): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) reload();
  };
  watchFile(file, { interval, persistent: false }, looked);
  return { reload, stop: () => unwatchFile(file, looked) };
}

/** Where a configuration is looked for when none is named, in this order. */
export function configPlaces(options: Omit<LoadOptions, 'file'>): string[] {
  return [join(options.workingFolder, CONFIG_NAME), join(configFolder(options), CONFIG_NAME)];
}

/** For a start without a configuration: calls back once, when a file appears in one of the places. Returns how to stop waiting for it. */
export function awaitConfig(options: Omit<LoadOptions, 'file'>, appeared: (file: string) => void, interval = INTERVAL): () => void {
  const places = configPlaces(options);
  const stop = (): void => {
    for (const place of places) unwatchFile(place, looked);
  };
  function looked(): void {
    const file = findConfig(options);
    if (file === undefined) return;
    stop();
    appeared(file);
  }
  for (const place of places) watchFile(place, { interval, persistent: false }, looked);
  return stop;
}
