import { namedPath } from '../../config/paths.ts';
import type { Settings } from '../../config/settings.ts';
import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';
import { engineFolder } from '../../providers/embedded/installed.ts';
import { createEmbedded, type Embedded } from '../../providers/embedded/embedded.ts';
import type { Machine } from '../../providers/embedded/package.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfig } from '../read-config.ts';

/** The configuration that counts, and the data folder of it. */
export interface Here {
  settings: Settings;
  data: string;
  /** Where the engine is, or would be. */
  folder: string;
}

/** The error is an exit code; its reasons have been told. */
export function engineHere(context: Context): Result<Here, number> {
  const loaded = readConfig(context);
  if (!loaded.ok) {
    for (const line of loaded.error) context.terminal.note(line);
    return err(EXIT.usage);
  }
  const { settings } = loaded.value;
  const data = settings.data!;
  return ok({ settings, data, folder: engineFolder(data) });
}

/** An engine in this process, for a command. */
export function ownEngine({ folder }: Here, { deps }: Context): Embedded {
  const { environment, platform } = deps.surroundings;
  return createEmbedded({ folder, clock: deps.clock, environment, platform, pathOf: (named) => namedPath(named, deps.surroundings) });
}

/** This machine, as builds are chosen by. */
export function thisMachine(platform: NodeJS.Platform): Machine {
  // Names of network peers are looked up otherwise, which takes its time.
  if (process.report) Object.assign(process.report, { excludeNetwork: true });
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return { platform, arch: process.arch, glibc: report?.header?.glibcVersionRuntime !== undefined };
}
