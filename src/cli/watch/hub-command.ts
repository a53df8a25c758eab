import { randomFillSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { dataFolder } from '../../config/paths.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { lockFolder } from '../../journal/lock.ts';
import { createHub, type HubOptions } from '../../watch/hub/hub.ts';
import { networksBy } from '../../watch/hub/network.ts';
import { openHub } from '../../watch/hub/open.ts';
import { type HubServer, startHubServer } from '../../watch/hub/server.ts';
import { PRODUCTS } from '../../watch/registry/products.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { wrapped } from '../wrap.ts';

const PORT = 4190;
/** A quarter of a second of one core. */
const WORK = 18;

/** Milliseconds between two complaints. */
const TROUBLE_PAUSE = 60_000;

interface Chosen {
  host: string;
  port: number;
  folder: string;
  proxies: string[];
  publicAddress?: string;
  bits: number;
  independent: HubOptions['independent'];
}

export const hubCommand: Command = {
  name: 'hub',
  summary: 'Collects the reports of many installations.',
  args: {
    port: { type: 'string', alias: 'p', valueHint: 'N', description: `Port to listen on; default ${PORT}, 0 takes a free one.` },
    host: { type: 'string', valueHint: 'ADDRESS', description: 'Address to listen on; default 127.0.0.1: put a proxy with TLS before it.' },
    data: { type: 'string', valueHint: 'DIR', description: 'Its own folder; default: hub/ in the platform’s data folder.' },
    'trusted-proxy': {
      type: 'string',
      valueHint: 'ADDRESS,…',
      description: 'Proxies whose X-Forwarded-For is believed. Without it all who come through one are one network.',
    },
    'public-url': { type: 'string', valueHint: 'URL', description: 'Where others reach it, for links in its feed.' },
    work: { type: 'string', valueHint: 'BITS', description: `Proof of work for a report while little goes on; default ${WORK}.` },
    sources: {
      type: 'string',
      valueHint: 'KIND',
      description: 'networks (default), or keys: each installation is independent, for a hub that only your own people reach.',
    },
  },
  examples: [
    ['understudy hub', `listens at http://127.0.0.1:${PORT}`],
    ['understudy hub --trusted-proxy 127.0.0.1 --public-url https://hub.example.org', 'behind a proxy on this machine'],
    ['understudy hub --host 0.0.0.0 --sources keys', 'for one office'],
  ],
  page: 'crowd.md',
  more: [
    'It is a server of its own: it knows no keys, no conversations, and keeps no addresses. Its API and its rules: docs/crowd.md.',
    'Exit code 0: ended as asked. 1: could not start. 2: wrong arguments.',
  ],
  async run(context) {
    const { terminal, deps } = context;
    const read = chosen(context);
    if (!read.ok) {
      terminal.note(read.error);
      return EXIT.usage;
    }
    const started = await start(read.value, context);
    if (!started.ok) {
      terminal.note(started.error);
      return EXIT.failed;
    }
    const { address, close } = started.value;
    const undo: (() => void)[] = [];
    const ended = new Promise<void>((end) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) undo.push(deps.surroundings.onSignal(signal, end));
    });
    terminal.out(`The hub is ready at ${address}`);
    const name = `Others name it by watch.hub.url in understudy.yaml: ${read.value.publicAddress ?? address}. Ctrl-C ends it.`;
    for (const line of wrapped(name, terminal.width, '  ')) terminal.out(line);
    await ended;
    for (const each of undo) each();
    await close();
    return EXIT.done;
  },
};

function chosen({ flags, deps }: Context): Result<Chosen, string> {
  const { surroundings } = deps;
  const port = numberOf(flags.text('port'), PORT, 0, 65_535);
  if (port === undefined) return err(`--port ${flags.text('port')} is no port; give a number from 0 to 65535.`);
  const bits = numberOf(flags.text('work'), WORK, 0, 22);
  if (bits === undefined) return err(`--work ${flags.text('work')} is no number from 0 to 22.`);
  const host = flags.text('host') ?? '127.0.0.1';
  if (isIP(host) === 0) return err(`--host ${host} is no address; give one such as 127.0.0.1 or 0.0.0.0.`);
  const proxies = (flags.text('trusted-proxy') ?? '').split(',').flatMap((each) => each.trim() || []);
  const wrong = proxies.find((each) => isIP(each) === 0);
  if (wrong !== undefined) return err(`--trusted-proxy ${wrong} is no address; give the one that the proxy connects from.`);
  const independent = flags.text('sources') ?? 'networks';
  if (independent !== 'networks' && independent !== 'keys') return err(`--sources ${independent} is neither networks nor keys.`);
  const publicUrl = flags.text('public-url');
  if (publicUrl !== undefined && !/^https?:$/.test(URL.parse(publicUrl)?.protocol ?? ''))
    return err(`--public-url ${publicUrl} is no URL; give one such as https://hub.example.org.`);
  const folder = resolve(surroundings.workingFolder, flags.text('data') ?? join(dataFolder(surroundings), 'hub'));
  return ok({
    host,
    port,
    folder,
    proxies,
    bits,
    independent,
    ...(publicUrl !== undefined && { publicAddress: publicUrl.replace(/\/+$/, '') }),
  });
}

function numberOf(text: string | undefined, otherwise: number, least: number, most: number): number | undefined {
  const number = text === undefined ? otherwise : Number(text);
  return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

async function start({ folder, ...options }: Chosen, { deps, terminal }: Context): Promise<Result<HubServer, string>> {
  const { clock } = deps;
  const random = (bytes: Uint8Array): Uint8Array => randomFillSync(bytes);
  let told = Number.NEGATIVE_INFINITY;
  const trouble = (error: unknown): void => {
    // A full disk is met by every report.
    if (clock.monotonic() - told < TROUBLE_PAUSE) return;
    told = clock.monotonic();
    terminal.note(`The hub has trouble: ${error instanceof Error ? error.message : String(error)}`);
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return err(`The folder ${folder} can't be made: ${error instanceof Error ? error.message : String(error)}. Give another: --data DIR`);
  }
  const lock = lockFolder(folder, { pid: process.pid, started: clock.now() });
  if (!lock.ok)
    return err(lock.error.type === 'held' ? `A hub runs already with the folder ${folder}.` : `The folder ${folder} can't be locked.`);
  const opened = openHub(folder);
  if (!opened.ok) {
    lock.value.release();
    return err(`The hub can't start: ${opened.error.reason}. What to do: ${opened.error.action}.`);
  }
  const products = new Map(PRODUCTS.map(({ provider, product, title }) => [`${provider}/${product}`, title]));
  const { bits, independent, proxies } = options;
  const hub = createHub({ database: opened.value, clock, random, products, bits, independent, trouble });
  const networkOf = networksBy(random(new Uint8Array(32)), proxies);
  const server = await startHubServer(hub, { ...options, networkOf, now: () => clock.now(), trouble });
  const close = async (): Promise<void> => {
    if (server.ok) await server.value.close();
    hub.close();
    lock.value.release();
  };
  if (server.ok) return ok({ address: server.value.address, close });
  await close();
  return server;
}
