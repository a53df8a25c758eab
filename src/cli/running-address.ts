import type { Loaded } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { whoHolds } from '../journal/lock.ts';
import { announced, type Announced } from './announced.ts';
import type { Context } from './command.ts';
import { readConfigAnyway } from './missing-keys.ts';

/** An Understudy that runs, or would run, and what it was found by. */
export interface Running {
  address: string;
  token: string | undefined;
  /** Its configuration as far as it can be read here: another one's where that is what runs. */
  loaded: Loaded;
  /** `configured`: nothing is known to run; there it would be. */
  by: 'data folder' | 'announced' | 'configured';
  server?: Announced;
  /** Further ones that run. */
  others: Announced[];
}

/**
 * The running Understudy that a command means when no `--url` names one: that of the data folder; else, unless `--data` asks for that one alone,
 * one that this user has started with another folder, by preference with the same configuration, and of several the youngest.
 */
export function findRunning(context: Pick<Context, 'flags' | 'deps'>, loaded: Loaded): Running {
  const { flags, deps } = context;
  const { settings } = loaded;
  const running = announced(deps.surroundings);
  const token = deps.surroundings.environment['UNDERSTUDY_TOKEN'];
  const own = running.find(({ data }) => data === settings.data);
  const held = own !== undefined || (settings.data !== undefined && whoHolds(settings.data).held);
  const common = { token: token ?? settings.server.token, loaded };
  if (held || flags.text('data') !== undefined) {
    const by = held ? 'data folder' : 'configured';
    return { ...common, by, address: own?.address ?? runningAddress(settings), ...(own && { server: own }), others: without(running, own) };
  }
  const alike = running.filter(({ config }) => config === loaded.file);
  const [server] = alike.length > 0 ? alike : flags.text('config') === undefined ? running : [];
  if (server === undefined) return { ...common, by: 'configured', address: runningAddress(settings), others: running };
  const its = configOf(server, context);
  return {
    by: 'announced',
    address: server.address,
    token: token ?? its?.settings.server.token,
    loaded: its ?? loaded,
    server,
    others: without(running, server),
  };
}

/** What to tell of what was found, where it is not simply what the configuration here says. */
export function foundText({ by, server, others }: Running): string[] {
  const more = others.map(({ address, data }) => `Another Understudy runs at ${address} (data folder ${data}): --url ${address}`);
  if (by !== 'announced' || server === undefined) return by === 'configured' ? [] : more;
  return [`This is the Understudy at ${server.address}, with the data folder ${server.data}.`, ...more];
}

/** What to do where none was found: `nothing answers` is what has been tried. */
export function notFoundText(others: readonly Announced[]): string[] {
  const there = others.map(({ address, data }) => `One runs at ${address} (data folder ${data}): --url ${address}`);
  return [...there, `Start one with \`understudy start\`${there.length > 0 ? '.' : ', or say where it runs: --url http://HOST:PORT'}`];
}

function without(running: readonly Announced[], one: Announced | undefined): Announced[] {
  return running.filter((each) => each !== one);
}

/** The configuration that a server was started with: its token is there. Undefined where it cannot be read any more. */
function configOf({ config, data }: Announced, { flags, deps }: Pick<Context, 'flags' | 'deps'>): Loaded | undefined {
  const given: Record<string, string | undefined> = { config, data };
  const text = (name: string): string | undefined => (name in given ? given[name] : flags.text(name));
  const read = readConfigAnyway({ flags: { ...flags, text }, deps });
  return read.ok ? read.value.loaded : undefined;
}

/** Where an Understudy with these settings serves: as the one that holds the data folder says, else as configured. */
export function runningAddress(settings: Settings): string {
  const holder = settings.data === undefined ? undefined : whoHolds(settings.data).holder;
  if (holder?.address !== undefined && !holder.address.endsWith(':0')) return holder.address;
  const { host, port } = settings.server;
  const reached =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `http://${reached}:${port}`;
}
