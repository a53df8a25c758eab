import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** A program to start: npm, whichever way it is there. */
export interface NpmCommand {
  program: string;
  arguments: string[];
}

/**
 * npm's own script is run by this very Node: on Windows the `npm` of the PATH is a batch file, and elsewhere it may belong to another Node. It comes with
 * Node's installers beside it, and with most systems' packages somewhere on the PATH.
 */
export function findNpm(node: string, environment: Readonly<Record<string, string | undefined>>): NpmCommand | undefined {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js');
  const beside = dirname(node);
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  const named = folders.flatMap((folder) => (existsSync(join(folder, 'npm')) ? [real(join(folder, 'npm'))] : []));
  const scripts = [
    ...named.filter((path) => path.endsWith('npm-cli.js')),
    ...[beside, ...folders].flatMap((folder) => [join(folder, script), join(folder, '..', 'lib', script)]),
  ];
  const found = scripts.find((path) => existsSync(path));
  if (found !== undefined) return { program: node, arguments: [found] };
  const [other] = named;
  return other === undefined ? undefined : { program: other, arguments: [] };
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
