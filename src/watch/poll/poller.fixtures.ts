import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { err, ok } from '../../exchange/result.ts';
import type { FeedAdapter, StatusPage } from '../page.ts';
import type { PageReading } from '../page-reading.ts';

/** What a page says here: `{"state": "operational", "open": ["title"]}`, or planned work as `{"work": [from, until]}`. */
interface Said {
  state?: 'operational' | 'major-outage';
  open?: string[];
  work?: [number, number];
  /** The page's own time, UTC ms. */
  updated?: number;
}

/**
 * A family of pages for tests: one feed at `/state.json`, and one that they can do without at `/more.json` for pages with a `pageId`; or the page's
 * own feeds, each of which it can do without.
 */
export function testAdapter(counts = { read: 0 }): FeedAdapter {
  return {
    family: 'statuspage',
    requests: ({ url, mirrors = [], pageId, feeds }) => {
      if (feeds) return feeds.map((each) => ({ url: each, mirrors: [], required: false }));
      const feed = (path: string, required: boolean) => ({ url: url + path, mirrors: mirrors.map((mirror) => mirror + path), required });
      return [feed('/state.json', true), ...(pageId === undefined ? [] : [feed('/more.json', false)])];
    },
    read({ bytes, contentType }, _page, now) {
      counts.read++;
      const text = Buffer.from(bytes).toString();
      if (contentType === 'text/html') return err({ type: 'not-a-feed', message: 'a web page came instead of JSON' });
      if (text === 'stumble') throw new Error('stumbled');
      let said: Said;
      try {
        said = JSON.parse(text) as Said;
      } catch {
        return err({ type: 'malformed', message: 'that is no JSON' });
      }
      return ok(readingOf(said, now));
    },
  };
}

function readingOf({ state, open, work, updated }: Said, now: number): PageReading {
  return {
    components: state === undefined ? [] : [{ id: 'api', name: 'API', state }],
    incidents: [
      ...(open ?? []).map((title) => ({
        id: title,
        kind: 'incident' as const,
        title,
        impact: 'major' as const,
        phase: 'investigating' as const,
        startedAt: 0,
        updates: [],
        components: [],
      })),
      ...(work
        ? [
            {
              id: 'work',
              kind: 'maintenance' as const,
              title: 'work',
              impact: 'none' as const,
              phase: now < work[0] ? ('scheduled' as const) : now < work[1] ? ('in-progress' as const) : ('resolved' as const),
              startedAt: work[0],
              endedAt: work[1],
              updates: [],
              components: [],
            },
          ]
        : []),
    ],
    listsAllOpen: open !== undefined,
    ...(updated !== undefined && { updatedAt: updated }),
  };
}

export function pageOf(id: string, more: Partial<StatusPage> = {}): StatusPage {
  return { id, family: 'statuspage', url: `https://${id}.example`, covers: [], source: 'test', ...more };
}

/** The tables of pages, in memory. */
export function pagesDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`PRAGMA foreign_keys = ON; ${readFileSync(new URL('../store/migrations/0001-pages.sql', import.meta.url), 'utf8')}`);
  return database;
}
