import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { gigabytes } from './memory.ts';
import type { NpmCommand } from './npm.ts';
import { ENGINE_VERSION, type PinnedPackage, type Wanted } from './package.ts';

export interface InstallParts {
  /** Where it is to be. What is there is replaced only when the new one is whole. */
  folder: string;
  wanted: Wanted;
  npm: NpmCommand;
  environment: Readonly<Record<string, string | undefined>>;
  /** Gives it up. */
  signal?: AbortSignal;
}

/** Milliseconds after which npm has hung: half a megabyte a second for the largest of all. */
const LONGEST = 15 * 60_000;
/** Of npm's words, for telling what went wrong. */
const LAST_WORDS = 16_384;

/**
 * Installs the engine with npm. Only packages of pinned versions are asked for by name, none of them runs a script of its own, and the checksums that
 * npm has verified have to be those that this Understudy knows.
 */
export async function installEngine({ folder, wanted, npm, environment, signal }: InstallParts): Promise<Result<undefined, string>> {
  const draft = `${folder}.new`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    const room = statfsSync(dirname(folder));
    const free = room.bavail * room.bsize;
    if (free < wanted.unpacked * 1.2)
      return err(`the disk has ${gigabytes(free)} left, and it takes ${gigabytes(wanted.unpacked)}; make room first`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    const dependencies = Object.fromEntries(wanted.packages.map(({ name }) => [name, ENGINE_VERSION]));
    const description = "Understudy's embedded engine, put here by understudy local install";
    writeFileSync(join(draft, 'package.json'), `${JSON.stringify({ private: true, description, dependencies }, null, 2)}\n`);
    const ran = await runNpm(npm, draft, environment, signal);
    if (!ran.ok) return ran;
    const odd = unlikePins(draft, wanted.packages);
    if (odd !== undefined)
      return err(
        `what came as ${odd} is not what this Understudy knows by that name and version; it was thrown away. Which registry does npm ask (npm config get registry)?`,
      );
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return ok(undefined);
  } catch (error) {
    return err(`${dirname(folder)} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function runNpm(
  npm: NpmCommand,
  folder: string,
  environment: InstallParts['environment'],
  signal: AbortSignal | undefined,
): Promise<Result<undefined, string>> {
  const flags = [
    '--ignore-scripts',
    '--omit=optional',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ];
  return new Promise((resolve) => {
    const child = spawn(npm.program, [...npm.arguments, 'install', ...flags], {
      cwd: folder,
      env: environment as NodeJS.ProcessEnv,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LONGEST,
      ...(signal && { signal }),
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (words = (words + text).slice(-LAST_WORDS)));
    child.on('error', (error) => resolve(err(signal?.aborted ? 'given up' : `npm could not be started: ${error.message}`)));
    child.on('close', (code, ended) => {
      if (code === 0) resolve(ok(undefined));
      else resolve(err(ended === 'SIGTERM' ? 'npm did not come to an end; is the network slow or shut off?' : npmTrouble(words)));
    });
  });
}

/** npm's error codes in words that say what to do. */
export function npmTrouble(words: string): string {
  const code = /npm (?:error|ERR!) code (\w+)/.exec(words)?.[1] ?? '';
  if (/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)$/.test(code))
    return `the npm registry cannot be reached (${code}); connect to the internet, or tell npm of your proxy (npm config set proxy URL)`;
  if (/CERT|SSL|TLS/.test(code))
    return `npm does not trust the certificate of the registry (${code}); behind a company's proxy its own has to be named: npm config set cafile FILE`;
  if (code === 'E404' || code === 'ETARGET')
    return 'the registry that npm asks does not have it (E404); a mirror may lack it: npm config get registry';
  if (code === 'E401' || code === 'E403') return `the registry that npm asks refuses it (${code}); npm config get registry`;
  if (code === 'ENOSPC') return 'the disk is full (ENOSPC); make room and do it again';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return `npm may not write (${code}); see who owns the data folder and npm's cache`;
  if (code === 'EINTEGRITY') return 'what was downloaded is damaged (EINTEGRITY); npm cache verify, and do it again';
  if (code === 'EBADPLATFORM') return 'there is no build of it for this system (EBADPLATFORM)';
  const said = words
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, '').trim())
    .find((line) => line !== '' && !line.startsWith('code '));
  return `npm failed${code === '' ? '' : ` (${code})`}${said === undefined ? '' : `: ${said}`}`;
}

/** A package that is another than was meant, by npm's own record of what it has verified. */
function unlikePins(folder: string, pinned: readonly PinnedPackage[]): string | undefined {
  const lock = parseObject(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const packages = isObject(lock?.packages) ? lock.packages : {};
  return pinned.find(({ name, integrity }) => {
    const entry = packages[`node_modules/${name}`];
    return !isObject(entry) || entry.version !== ENGINE_VERSION || entry.integrity !== integrity;
  })?.name;
}
