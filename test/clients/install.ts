import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from './child.ts';
import type { Package } from './driven.ts';

/** 400 MB over a slow line. */
const INSTALL_TIMEOUT = 10 * 60_000;

/**
 * Puts a pinned CLI into a folder of its own below node_modules/.cache, once, and returns how to start it. They are no
 * dependencies of the package: together they weigh 1.8 GB, and only this check needs them. Without install scripts: what is
 * started is what they would link to. Rejects where npm cannot bring it; the message says what to do.
 */
export async function install(root: string, wanted: Package, signal: AbortSignal, say: (line: string) => void): Promise<string[]> {
  const { name, version, entry, megabytes } = wanted;
  const folder = join(root, 'node_modules', '.cache', 'understudy-clients', `${name.split('/').at(-1)}-${version}`);
  const started = /\.[cm]?js$/.test(entry)
    ? [process.execPath, join(folder, 'node_modules', entry)]
    : [join(folder, 'node_modules', entry)];
  if (existsSync(started.at(-1)!)) return started;

  say(`Installing ${name} ${version} from npm, once (${megabytes} MB on disk) …`);
  const began = Date.now();
  mkdirSync(dirname(folder), { recursive: true });
  // Made under another name and moved when it is complete: what an interrupted run leaves is never taken for an installation.
  const scratch = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }));
    const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];
    const options = ['--ignore-scripts', '--include=optional', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    const result = await runChild([...npm, 'install', '--prefix', scratch, ...options], {
      cwd: scratch,
      // Inside `npm run`, npm tells its children which folder they are in; this one is in another.
      env: { ...process.env, npm_config_local_prefix: undefined, npm_config_omit: '' },
      timeout: INSTALL_TIMEOUT,
      signal,
    });
    if (result.code !== 0 || !existsSync(join(scratch, 'node_modules', entry))) {
      const said = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-8).join('\n');
      throw new Error(
        `npm could not install ${name}@${version} (${result.ended ?? `exit code ${result.code}`}). This check needs the npm registry once.\n${said}`,
      );
    }
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  say(`Installed after ${Math.round((Date.now() - began) / 1000)} s.`);
  return started;
}
