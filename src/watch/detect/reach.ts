import { NETWORK_LASTS, NETWORK_TOGETHER } from './weights.ts';

/** `captive`: something answers in the place of others, a login page of a hotel. */
export type NetworkState = 'online' | 'offline' | 'captive' | 'unknown';

/** Whether anything outside can be reached, by what becomes of own requests and by checks. */
export interface Reach {
  /** Somebody outside has answered. */
  reached(): void;
  /** No connection to this provider came about. `certain`: the system says that there is no network. */
  unreached(provider: string, certain: boolean): void;
  checked(state: NetworkState): void;
  state(): NetworkState;
  /** Nobody has been reached since connections began to fail, and no check has told. */
  isDoubtful(): boolean;
}

/** Unrelated hosts that fail together have only this machine's network in common. */
const SEVERAL = 2;

export function createReach(now: () => number): Reach {
  const failed = new Map<string, { at: number; certain: boolean }>();
  let check: { state: NetworkState; at: number } | undefined;

  function recent(): { at: number; certain: boolean }[] {
    return [...failed.values()].filter(({ at }) => now() - at <= NETWORK_TOGETHER);
  }

  function told(): NetworkState {
    return check && now() - check.at <= NETWORK_LASTS ? check.state : 'unknown';
  }

  return {
    reached() {
      failed.clear();
      if (check && check.state !== 'online') check = undefined;
    },
    unreached(provider, certain) {
      failed.set(provider, { at: now(), certain });
    },
    checked(state) {
      check = { state, at: now() };
      if (state === 'online') failed.clear();
    },
    state() {
      const known = told();
      if (known !== 'unknown') return known;
      const all = recent();
      return all.length >= SEVERAL || all.some(({ certain }) => certain) ? 'offline' : 'unknown';
    },
    isDoubtful: () => told() === 'unknown' && recent().length > 0,
  };
}
