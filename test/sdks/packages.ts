import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runChild } from '../clients/child.ts';
import { isObject, type Json, parseObject } from '../../src/exchange/json.ts';

const INSTALL_TIMEOUT = 10 * 60_000;

/**
 * Brings client libraries into a folder of their own below node_modules/.cache, once for each set of versions: only this check needs
 * them. Gives a function that imports one of them. Rejects where npm cannot bring them; the message says what to do.
 */
export async function bring(
  root: string,
  packages: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<(name: string) => Promise<never>> {
  const wanted = JSON.stringify({ private: true, type: 'module', dependencies: packages });
  const folder = join(
    root,
    'node_modules',
    '.cache',
    'understudy-clients',
    `sdks-${createHash('sha256').update(wanted).digest('hex').slice(0, 8)}`,
  );
  if (!existsSync(folder)) await install(folder, wanted, Object.keys(packages).length, say);
  return async (name) => (await import(pathToFileURL(entryOf(join(folder, 'node_modules', name))).href)) as never;
}

async function install(folder: string, wanted: string, count: number, say: (line: string) => void): Promise<void> {
  say(`Installing ${count} client libraries from npm into ${folder}, once (some 240 MB on disk) …`);
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(scratch, 'package.json'), wanted);
    const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    const { signal } = new AbortController();
    const result = await runChild([...npm, 'install', '--prefix', scratch, ...options], {
      cwd: scratch,
      env: { ...process.env, npm_config_local_prefix: undefined, npm_config_omit: '' },
      timeout: INSTALL_TIMEOUT,
      signal,
    });
    if (result.code !== 0)
      throw new Error(`npm could not install the client libraries; this check needs the registry once.\n${result.stderr.slice(-800)}`);
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where a package is imported from. */
function entryOf(folder: string): string {
  const manifest = parseObject(readFileSync(join(folder, 'package.json'), 'utf8')) ?? {};
  const exports = isObject(manifest.exports) ? (manifest.exports['.'] ?? manifest.exports) : manifest.exports;
  return join(
    folder,
    conditional(exports) ?? (typeof manifest.module === 'string' ? manifest.module : String(manifest.main ?? 'index.js')),
  );
}

function conditional(target: Json | undefined): string | undefined {
  if (typeof target === 'string') return target;
  if (!isObject(target)) return undefined;
  for (const name of ['node', 'import', 'default', 'require']) {
    const found = conditional(target[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
