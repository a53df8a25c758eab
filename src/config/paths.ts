import { isAbsolute, join, resolve } from 'node:path';

/** What the places of files depend on; process.env, os.homedir() and process.platform in the program. */
export interface Surroundings {
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  platform: NodeJS.Platform;
}

export const CONFIG_NAME = 'understudy.yaml';

/** The user's config folder: XDG_CONFIG_HOME (freedesktop.org base directories), Application Support, or %APPDATA%. */
export function configFolder({ environment, home, platform }: Surroundings): string {
  if (platform === 'win32') return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'understudy');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'understudy');
  return join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'understudy');
}

/** The data folder of the platform: XDG_DATA_HOME, Application Support, or %LOCALAPPDATA%. */
export function dataFolder({ environment, home, platform }: Surroundings): string {
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'understudy');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'understudy', 'data');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'understudy');
}

/** Where the servers of this user say that they run: one place, whatever data folder each has. XDG_STATE_HOME, Application Support, or %LOCALAPPDATA%. */
export function runningFolder({ environment, home, platform }: Surroundings): string {
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'understudy', 'running');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'understudy', 'running');
  return join(environment['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'understudy', 'running');
}

/** The data folder that a configuration names, or the platform's. */
export function dataPath(named: string | undefined, surroundings: Surroundings & { workingFolder: string }): string {
  return named === undefined ? dataFolder(surroundings) : namedPath(named, surroundings);
}

/** A path as a configuration may say it. */
export function namedPath(named: string, surroundings: Surroundings & { workingFolder: string }): string {
  const path = named.startsWith('~/') ? join(surroundings.home, named.slice(2)) : named;
  return isAbsolute(path) ? path : resolve(surroundings.workingFolder, path);
}
