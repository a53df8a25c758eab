import type { Clock } from '../exchange/clock.ts';
import { detectFamily } from './feeds/detect-family.ts';
import type { StatusPage } from './page.ts';
import type { FetchPage } from './poll/fetch-page.ts';
import { type OwnPage, ownPages, type OwnPagesSettings } from './registry/own-pages.ts';

/** The user's own pages (`watch.pages`), those among them whose software is known; for the others it is found out. */
export interface DetectedPages {
  apply(settings: OwnPagesSettings): void;
  pages(): StatusPage[];
  /** Those of which it is not known, and why: a sentence without a full stop. */
  unknown(): { page: string; url: string; problem: string }[];
  close(): void;
}

/** Milliseconds until it is tried again. */
const AGAIN = 10 * 60_000;

export function detectedPages(clock: Clock, fetchPage: FetchPage, onFound: () => void): DetectedPages {
  let wanted: readonly OwnPage[] = [];
  /** By address: what it was found to be does not change with its name. */
  const found = new Map<string, Pick<StatusPage, 'family'> & Partial<StatusPage>>();
  const problems = new Map<string, string>();
  let again: (() => void) | undefined;
  let giveUp = new AbortController();

  function missing(): OwnPage[] {
    return wanted.filter(({ family, url }) => family === undefined && !found.has(url));
  }

  async function detect(): Promise<void> {
    again?.();
    const { signal } = giveUp;
    for (const { url } of missing()) {
      const page = await detectFamily(url, { fetchPage, now: clock.now() }, signal);
      if (signal.aborted) return;
      if (page.ok) {
        const { id: _id, covers: _covers, ...rest } = page.value;
        found.set(url, rest);
        problems.delete(url);
        onFound();
      } else problems.set(url, page.error.message);
    }
    if (missing().length > 0) again = clock.after(AGAIN, () => void detect());
  }

  function stop(): void {
    giveUp.abort();
    again?.();
  }

  return {
    apply(settings) {
      stop();
      giveUp = new AbortController();
      wanted = ownPages(settings);
      void detect();
    },
    pages: () =>
      wanted.flatMap((page): StatusPage[] => {
        const known = page.family === undefined ? found.get(page.url) : { family: page.family };
        return known ? [{ ...page, ...known, covers: page.covers }] : [];
      }),
    unknown: () =>
      missing().map(({ id, url }) => ({ page: id, url, problem: problems.get(url) ?? 'it is being found out who makes its software' })),
    close: stop,
  };
}
