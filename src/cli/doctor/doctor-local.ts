import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Loaded } from '../../config/load.ts';
import { configPlaces } from '../../config/watch.ts';
import { whoHolds } from '../../journal/lock.ts';
import { spaceLevel, spaceOf, type SpaceLevel } from '../../journal/space.ts';
import { announced } from '../announced.ts';
import { counted } from '../counted.ts';
import type { CliDeps } from '../deps.ts';
import type { Finding } from './doctor-finding.ts';

/** package.json, `engines`. */
const OLDEST_NODE = 24;

/** What can be seen on this machine alone. */
export async function localFindings(loaded: Loaded, deps: CliDeps): Promise<Finding[]> {
  return [
    node(deps.surroundings.nodeVersion),
    configuration(loaded, configPlaces(deps.surroundings)),
    ...folder(loaded.settings.data ?? ''),
    await port(loaded, deps),
    ...network(deps.surroundings.environment),
  ];
}

function node(version: string): Finding {
  const fine = Number(version.slice(1).split('.')[0]) >= OLDEST_NODE;
  return fine
    ? { about: 'node', state: 'good', said: version }
    : {
        about: 'node',
        state: 'bad',
        said: `${version} is too old`,
        advice: `Install Node ${OLDEST_NODE} or newer from https://nodejs.org.`,
      };
}

function configuration({ file, settings, resolved }: Loaded, places: readonly string[]): Finding {
  if (file === undefined) {
    return {
      about: 'configuration',
      state: 'look',
      said: 'there is no file; each client goes to its own vendor only, without a backup',
      advice: `Run \`understudy start\` in a terminal and answer its question, or write ${places.join(' or ')}: docs/configuration.md.`,
    };
  }
  const notices = resolved.notices.length > 0 ? ` (${resolved.notices.join('; ')})` : '';
  return {
    about: 'configuration',
    state: 'good',
    said: `${file}: ${counted(resolved.providers.length, 'provider')}, ${counted(Object.keys(settings.routes).length, 'route')}${notices}`,
  };
}

/** A file where the data folder, or a folder above it, is to be. */
export function fileInPlaceOf(path: string): string | undefined {
  const existing = nearestExisting(path);
  return statSync(existing).isDirectory() ? undefined : existing;
}

function nearestExisting(path: string): string {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return existing;
}

const OF_SPACE: Record<SpaceLevel, Pick<Finding, 'state' | 'advice'>> = {
  plenty: { state: 'good' },
  low: { state: 'look', advice: 'That is little for the histories of coding agents. What takes how much: understudy archive sizes.' },
  critical: {
    state: 'bad',
    advice:
      'Free some space: mirror, search index and copies of transcripts wait, and answers would soon go on without being saved. What takes how much: understudy archive sizes.',
  },
};

function folder(path: string): Finding[] {
  const about = 'data folder';
  const file = fileInPlaceOf(path);
  if (file !== undefined) {
    return [{ about, state: 'bad', said: `${file} is a file, not a folder`, advice: 'Choose another with --data DIR or `data:`.' }];
  }
  const existing = nearestExisting(path);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return [
      { about, state: 'bad', said: `${existing} cannot be written`, advice: 'Choose another with --data DIR, or change who owns it.' },
    ];
  }
  const findings: Finding[] = [];
  const mode = existing === path ? statSync(path).mode & 0o077 : 0;
  if (process.platform !== 'win32' && mode !== 0) {
    findings.push({ about, state: 'look', said: `${path} can be read by others on this machine`, advice: `Run: chmod 700 ${path}` });
  }
  const space = spaceOf(existing);
  const free = space ? `${(space.free / 1024 ** 3).toFixed(1)} GiB free` : 'whose file system does not say what is free';
  const said = `${path}${existing === path ? '' : ' (will be made)'}, ${free}`;
  const level = space ? spaceLevel(space) : 'plenty';
  return [...findings, { about, said, ...OF_SPACE[level] }];
}

function port({ settings }: Loaded, deps: CliDeps): Promise<Finding> {
  const { host, port: number } = settings.server;
  const about = 'port';
  const { held, holder } = settings.data === undefined ? { held: false } : whoHolds(settings.data);
  const who = holder === undefined ? '' : `, process ${holder.pid}`;
  const here = `${host}:${number}`;
  const running = announced(deps.surroundings);
  // With port 0 its holder did not know its address when it took the folder.
  const its =
    running.find(({ data }) => data === settings.data)?.address ?? (holder?.address?.endsWith(':0') ? undefined : holder?.address);
  const elsewhere = held && its !== undefined && new URL(its).port !== String(number) ? its : undefined;
  const neighbour = running.find(({ address, data }) => data !== settings.data && new URL(address).port === String(number));
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && held && elsewhere === undefined) {
        resolve({ about, state: 'good', said: `an Understudy serves already at ${here}${who}` });
      } else if (error.code === 'EADDRINUSE' && neighbour !== undefined) {
        const { pid, data } = neighbour;
        resolve({
          about,
          state: 'look',
          said: `an Understudy serves already at ${here}, process ${pid}, with another data folder: ${data}`,
          advice: 'A second one needs its own port: --port N or server.port.',
        });
      } else if (error.code === 'EADDRINUSE') {
        resolve({
          about,
          state: 'bad',
          said: `${here} is taken by another program${elsewhere === undefined ? '' : `; the Understudy of this data folder serves at ${elsewhere}${who}`}`,
          advice: 'Choose another with --port N or server.port.',
        });
      } else {
        resolve({
          about,
          state: 'bad',
          said: `${here} cannot be listened on (${error.code ?? error.message})`,
          advice: 'Check server.host and server.port.',
        });
      }
    });
    const free: Finding =
      elsewhere === undefined
        ? { about, state: 'good', said: `${here} is free` }
        : { about, state: 'look', said: `${here} is free, but the Understudy of this data folder serves at ${elsewhere}${who}` };
    probe.listen(number, host, () => probe.close(() => resolve(free)));
  });
}

/** Variables that change how the outside is reached. A proxy's own password is not shown. */
function network(environment: Readonly<Record<string, string | undefined>>): Finding[] {
  const set = [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'ALL_PROXY',
    'all_proxy',
    'NO_PROXY',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
  ].flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [`${name}=${value.replace(/\/\/[^/@]*@/, '//…@')}`];
  });
  const unsafe = environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0';
  return [
    {
      about: 'network',
      state: 'good',
      said: set.length === 0 ? 'no proxy and no further certificate authorities in the environment' : set.join(', '),
    },
    ...(unsafe
      ? [
          {
            about: 'network',
            state: 'bad' as const,
            said: 'NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are not checked',
            advice: 'Unset it; give a CA with providers.<name>.ca.',
          },
        ]
      : []),
  ];
}
