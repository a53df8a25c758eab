import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder and a home with nothing in them, as on a machine that has never seen Understudy. */
export interface Place {
  folder: string;
  environment: Record<string, string>;
}

export interface Ran {
  code: number;
  /** Standard output, without what was written to standard error. */
  out: string;
  errors: string;
}

/** How this machine reaches npm's registry; none of it has to do with Understudy. */
const NETWORK = /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(registry|cafile))$/i;

/** `cache`: npm's, so that what this machine has downloaded before is not downloaded again. */
export function emptyPlace(scratch: string, name: string, cache: string): Place {
  const folder = join(scratch, name);
  const home = join(scratch, `${name}-home`);
  for (const path of [folder, home]) mkdirSync(path, { recursive: true });
  const system = (process.env['PATH'] ?? '').split(':').filter((path) => !path.includes('node_modules'));
  return {
    folder,
    environment: {
      ...Object.fromEntries(Object.entries(process.env).flatMap(([name, value = '']) => (NETWORK.test(name) ? [[name, value]] : []))),
      HOME: home,
      // The Node that runs this one: of the first on PATH an older one may be found.
      PATH: [dirname(process.execPath), ...system].join(':'),
      npm_config_cache: cache,
      npm_config_update_notifier: 'false',
      npm_config_fund: 'false',
      npm_config_audit: 'false',
      NO_COLOR: '1',
      AI_SDK_LOG_WARNINGS: 'false',
    },
  };
}

/** Runs a program to its end. Longer than `patience` (milliseconds) is a failure. */
export function runIn(
  { folder, environment }: Place,
  command: readonly string[],
  more: Record<string, string> = {},
  patience = 300_000,
): Promise<Ran> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program!, args, {
      cwd: folder,
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
    child.on('error', (error) => resolve({ code: 127, out, errors: `${errors}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, out, errors }));
  });
}
