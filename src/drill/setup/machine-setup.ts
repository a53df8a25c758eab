import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transcriptStores, type Machine } from '../../archive/protect/stores.ts';
import { findProgram } from '../../watch/alerts/find-program.ts';
import { safePlace } from './safe-place.ts';
import type { SetupWorld, Tool } from './tool.ts';
import { TOOLS } from './tools.ts';

/** Bytes: settings and instructions are small; Claude Code's own file may hold years of history. */
const MOST = 16 * 1024 * 1024;

/** This machine, as the set-up of tools is read from it. Links that lead out of the roots are not followed. */
export function setupWorld({ environment, home, platform }: Machine, workingFolder: string): SetupWorld {
  const project = projectOf(workingFolder, home);
  const machine = { environment, home, platform, ...(project !== undefined && { project }) };
  const roots = writableRoots(machine);
  return {
    ...machine,
    has: existsSync,
    read(path) {
      try {
        const place = safePlace(path, roots);
        if (!place.ok) return undefined;
        const about = statSync(place.value);
        if (!about.isFile() || about.size > MOST) return undefined;
        const bytes = readFileSync(place.value);
        const text = bytes.toString('utf8');
        return Buffer.from(text).equals(bytes) ? text : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** What is read and written within: home, project, and folders that the environment names for the tools. */
export function writableRoots({ environment, home, project }: Pick<SetupWorld, 'environment' | 'home' | 'project'>): string[] {
  const named = TOOLS.flatMap(({ namedFolder }) => (namedFolder === undefined ? [] : (environment[namedFolder] ?? [])));
  return [home, ...(project === undefined ? [] : [project]), ...named.filter((folder) => folder !== '')];
}

/** It is on PATH, or has been used by this user. */
export function isThere({ name, programs, folders }: Tool, machine: Machine): boolean {
  return (
    findProgram(programs, machine.environment, machine.platform) !== undefined ||
    folders(machine).some((folder) => existsSync(folder)) ||
    transcriptStores(machine).some(({ source, root }) => source === name && existsSync(root))
  );
}

/** The folder of the repository that is worked in, or the folder itself; the home folder is no project. */
function projectOf(workingFolder: string, home: string): string | undefined {
  for (let folder = workingFolder; folder !== home; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) break;
  }
  return workingFolder === home ? undefined : workingFolder;
}
