import type { Clock } from '../../exchange/clock.ts';
import type { Call, TransportError } from '../../providers/call.ts';
import type { NetworkState } from './reach.ts';

/** What became of an attempt to reach a host: any answer at all over a connection that proves who it is, or why there was none. */
export type Reached = { type: 'answered' } | { type: 'unreached'; error: TransportError };

/** Asks an origin (`https://api.openai.com`) for nothing in particular. Never rejects. */
export type ReachOrigin = (origin: string) => Promise<Reached>;

export interface NetworkCheck {
  /** Connections fail in a way in which they also would without a network: finds out, unless that was done a moment ago. */
  check(): void;
  close(): void;
}

export interface NetworkCheckParts {
  clock: Clock;
  reach: ReachOrigin;
  /** Origins that are in use anyway, providers' and their status pages', those first that have nothing to do with what fails. */
  origins(): readonly string[];
  onState(state: NetworkState): void;
}

/** So many unrelated hosts are asked, and so many have to say the same. */
const MOST = 3;
const SEVERAL = 2;
/** Milliseconds between two checks. */
const PAUSE = 30_000;

/** Asks nobody until it is told to, and then only who is in use. */
export function createNetworkCheck({ clock, reach, origins, onState }: NetworkCheckParts): NetworkCheck {
  let underWay = false;
  let checkedAt = -Infinity;
  let closed = false;

  async function run(): Promise<void> {
    underWay = true;
    const all = await Promise.all([...new Set(origins())].slice(0, MOST).map(reach));
    underWay = false;
    checkedAt = clock.monotonic();
    if (!closed) onState(networkState(all));
  }

  return {
    check() {
      if (!underWay && !closed && clock.monotonic() - checkedAt >= PAUSE) void run();
    },
    close: () => void (closed = true),
  };
}

/** One answer proves the network. Certificates of somebody else, from unrelated hosts at once, are a login page's. */
export function networkState(all: readonly Reached[]): NetworkState {
  if (all.some(({ type }) => type === 'answered')) return 'online';
  const errors = all.flatMap((one) => (one.type === 'unreached' ? [one.error] : []));
  if (errors.length >= SEVERAL && errors.every(({ symptom }) => symptom === 'tls')) return 'captive';
  if (errors.length >= SEVERAL || errors.some(({ local }) => local)) return 'offline';
  // One host that does not answer says as much of itself as of the network.
  return 'unknown';
}

const PATIENCE = 8000;
const CONNECT_TIMEOUT = 5000;

/** Over the house's HTTP client, with its proxies: what requests would meet is what is tried. No credential goes along, and no body is read. */
export function reachOver(call: Call, clock: Clock, version: string): ReachOrigin {
  return (origin) =>
    new Promise((resolve) => {
      const settle = (reached: Reached): void => {
        stop();
        resolve(reached);
      };
      const stop = clock.after(PATIENCE, () => {
        cancel();
        const message = `no answer within ${PATIENCE / 1000} s`;
        resolve({ type: 'unreached', error: { symptom: 'connect-timeout', local: false, message } });
      });
      const cancel = call(
        {
          method: 'GET',
          origin,
          path: '/',
          headers: [['user-agent', `understudy/${version}`]],
          body: Buffer.alloc(0),
          connectTimeout: CONNECT_TIMEOUT,
          fresh: true,
        },
        {
          headers() {
            cancel();
            settle({ type: 'answered' });
          },
          data() {},
          end() {},
          error: (error) => settle({ type: 'unreached', error }),
        },
      );
    });
}
