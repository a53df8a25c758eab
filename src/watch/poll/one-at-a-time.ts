import type { FetchPage } from './fetch-page.ts';

/** Asks each host for one thing at a time, in the order in which it is wanted, whoever wants it: the poller or a look at the past. */
export function oneAtATime(fetchPage: FetchPage): FetchPage {
  /** By host: settles when what was wanted last is there. */
  const last = new Map<string, Promise<void>>();
  return async (request, signal) => {
    const host = URL.canParse(request.url) ? new URL(request.url).host : '';
    const before = last.get(host);
    const { promise, resolve } = Promise.withResolvers<void>();
    last.set(host, promise);
    try {
      await before;
      return await fetchPage(request, signal);
    } finally {
      resolve();
      if (last.get(host) === promise) last.delete(host);
    }
  };
}
