import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from '../clients/child.ts';

const VERSION = '10.1.1';
/** 60 MB over a slow line. */
const INSTALL_TIMEOUT = 10 * 60_000;

/**
 * Puts Stryker into a folder of its own below node_modules/.cache, once, and returns the script that starts it. It is no dependency
 * of the package: only this check needs it, and it brings 160 packages. Without its peers: it is to drive the vitest that the tests
 * import, which it finds further up. Rejects where npm cannot bring it.
 */
export async function installStryker(root: string, signal: AbortSignal): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', 'understudy-mutation', `stryker-${VERSION}`);
  const entry = join('node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  if (existsSync(join(folder, entry))) return join(folder, entry);

  console.log(`Installing Stryker ${VERSION} from npm, once …`);
  mkdirSync(dirname(folder), { recursive: true });
  // Made under another name and moved when it is complete: what an interrupted run leaves is never taken for an installation.
  const scratch = mkdtempSync(`${folder}.`);
  try {
    const dependencies = { '@stryker-mutator/core': VERSION, '@stryker-mutator/vitest-runner': VERSION };
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, dependencies }));
    const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];
    const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    const result = await runChild([...npm, 'install', '--prefix', scratch, ...options], {
      cwd: scratch,
      // Inside `npm run`, npm tells its children which folder they are in; this one is in another.
      env: { ...process.env, npm_config_local_prefix: undefined, npm_config_omit: '' },
      timeout: INSTALL_TIMEOUT,
      signal,
    });
    if (result.code !== 0 || !existsSync(join(scratch, entry))) {
      const said = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-8).join('\n');
      throw new Error(
        `npm could not install Stryker ${VERSION} (${result.ended ?? `exit code ${result.code}`}). This check needs the npm registry once.\n${said}`,
      );
    }
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(folder, entry);
}
