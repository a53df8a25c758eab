import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from './child.ts';

/**
 * The version that is driven. Newer ones are taken up by hand, after a run: what they send changes without notice.
 * shared/research/dialects.md, 1c, describes this one.
 */
const CLAUDE_CODE = { name: '@anthropic-ai/claude-code', version: '2.1.330' } as const;

/** 100 MB over a slow line. */
const INSTALL_TIMEOUT = 10 * 60_000;

export interface Installed {
  /** The program and its first argument; a prompt's arguments follow. */
  command: string[];
  version: string;
}

/**
 * Puts the pinned Claude Code into a folder of its own below node_modules/.cache, once. It is no dependency of the package: it
 * weighs 360 MB, and only this check needs it. Without install scripts: its wrapper finds the platform's program by itself.
 * Rejects where npm cannot bring it; the message says what to do.
 */
export async function installClaudeCode(root: string, signal: AbortSignal, say: (line: string) => void): Promise<Installed> {
  const { name, version } = CLAUDE_CODE;
  const folder = join(root, 'node_modules', '.cache', 'understudy-clients', `claude-code-${version}`);
  const wrapper = join('node_modules', ...name.split('/'), 'cli-wrapper.cjs');
  const installed: Installed = { command: [process.execPath, join(folder, wrapper)], version };
  if (existsSync(join(folder, wrapper))) return installed;

  say(`Installing Claude Code ${version} from npm into ${folder}, once (360 MB on disk) …`);
  const started = Date.now();
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
    if (result.code !== 0 || !existsSync(join(scratch, wrapper))) {
      const said = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-8).join('\n');
      throw new Error(
        `npm could not install ${name}@${version} (${result.ended ?? `exit code ${result.code}`}). This check needs the npm registry once.\n${said}`,
      );
    }
    if (!existsSync(folder)) renameSync(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  say(`Installed after ${Math.round((Date.now() - started) / 1000)} s.`);
  return installed;
}
