import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { StatusPage } from '../page.ts';
import type { Payload } from '../page-reading.ts';
import type { Validators } from './fetch-page.ts';
import { trimPayloads } from './trim-payloads.ts';

/** What is kept of pages in `watch.db`: what they said, when it was seen, and how the attempts went. Its errors are SQLite's, thrown. */
export interface PageStore {
  /** What is known of a page from before; nothing for one that is new here. */
  known(page: string): KnownPage;
  /** What a feed said last. `undefined`: it is no longer here. */
  payload(payload: number): Payload | undefined;
  /** A feed said something else than before, or for the first time. `news`: of incidents. */
  changed(page: StatusPage, feed: string, seen: Seen & { payload: Payload; news: boolean }): KnownFeed;
  /** A feed says what it said before. */
  same(page: StatusPage, feed: string, seen: Seen, known: KnownFeed): KnownFeed;
  /** A place gave nothing. */
  failed(page: StatusPage, place: string, at: number, problem: string): void;
  /** How an attempt at the whole page ended. */
  concluded(page: StatusPage, at: number, outcome: { problem: string } | { changed: boolean }): void;
  /** Lets go of what is too old. */
  sweep(now: number): void;
}

/** Times are UTC milliseconds. */
export interface KnownPage {
  triedAt?: number;
  readAt?: number;
  changedAt?: number;
  problem?: string;
  feeds: Map<string, KnownFeed>;
}

export interface KnownFeed extends Seen {
  payload: number;
  hash: string;
  /** Its bytes are here. If not, nobody could say what it is that has not changed. */
  kept: boolean;
}

export interface Seen {
  at: number;
  /** The address or mirror that was asked. */
  place: string;
  validators: Validators;
}

const DAY = 86_400_000;
const KEPT_FETCHES = 30 * DAY;
const MOST_FETCHES = 5000;
const KEPT_PAGES = 90 * DAY;
/** Compressed bytes of one payload; pages of a few megabytes come to a tenth of that. */
const MOST_KEPT = 2 * 1024 * 1024;
/** More than a payload may have (page-fetcher.ts). */
const LONGEST = 16 * 1024 * 1024;

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function createPageStore(database: DatabaseSync): PageStore {
  const selectPage = database.prepare('SELECT tried_at, read_at, changed_at, problem FROM pages WHERE id = ?');
  const selectFeeds = database.prepare(
    `SELECT feeds.feed, place, etag, last_modified, read_at, payload, hex(hash) AS hash, data IS NOT NULL AS kept
     FROM feeds JOIN payloads ON payloads.id = feeds.payload WHERE feeds.page = ?`,
  );
  const selectPayload = database.prepare('SELECT url, content_type, data FROM payloads WHERE id = ?');
  const insertPage = database.prepare(
    'INSERT INTO pages (id, url, tried_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET url = excluded.url',
  );
  const insertPayload = database.prepare(
    'INSERT INTO payloads (page, feed, url, content_type, seen_at, news, hash, size, data) VALUES (?, ?, ?, ?, ?, ?, unhex(?), ?, ?)',
  );
  const setFeed = database.prepare(
    `INSERT INTO feeds (page, feed, place, etag, last_modified, read_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (page, feed) DO UPDATE SET place = excluded.place, etag = excluded.etag, last_modified = excluded.last_modified,
       read_at = excluded.read_at, payload = excluded.payload`,
  );
  const insertFetch = database.prepare('INSERT INTO fetches (page, place, at, payload, problem) VALUES (?, ?, ?, ?, ?)');
  const setFailed = database.prepare('UPDATE pages SET tried_at = ?, problem = ? WHERE id = ?');
  const setRead = database.prepare(
    'UPDATE pages SET tried_at = ?1, read_at = ?1, problem = NULL, changed_at = CASE ?2 WHEN 1 THEN ?1 ELSE changed_at END WHERE id = ?3',
  );
  const dropOldFetches = database.prepare('DELETE FROM fetches WHERE at < ?');
  const dropManyFetches = database.prepare(
    `DELETE FROM fetches WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY page ORDER BY id DESC) AS nth FROM fetches)
     WHERE nth > ?)`,
  );
  const dropPages = database.prepare('DELETE FROM pages WHERE tried_at < ?');

  function note(page: StatusPage, feed: string, { at, place, validators }: Seen, payload: number): void {
    setFeed.run(page.id, feed, place, validators.etag ?? null, validators.lastModified ?? null, at, payload);
    insertFetch.run(page.id, place, at, payload, null);
  }

  return {
    known(id) {
      const page = selectPage.get(id);
      const feeds = selectFeeds.all(id).map((row): [string, KnownFeed] => [
        String(row['feed']),
        {
          at: Number(row['read_at']),
          place: String(row['place']),
          payload: Number(row['payload']),
          hash: String(row['hash']).toLowerCase(),
          kept: row['kept'] === 1,
          validators: {
            ...(row['etag'] !== null && { etag: String(row['etag']) }),
            ...(row['last_modified'] !== null && { lastModified: String(row['last_modified']) }),
          },
        },
      ]);
      return {
        ...(page && { triedAt: Number(page['tried_at']) }),
        ...(page?.['read_at'] != null && { readAt: Number(page['read_at']) }),
        ...(page?.['changed_at'] != null && { changedAt: Number(page['changed_at']) }),
        ...(page?.['problem'] != null && { problem: String(page['problem']) }),
        feeds: new Map(feeds),
      };
    },

    payload(id) {
      const row = selectPayload.get(id);
      const data = row?.['data'];
      if (!row || !(data instanceof Uint8Array)) return undefined;
      const bytes = zstdDecompressSync(data, { maxOutputLength: LONGEST });
      return { url: String(row['url']), contentType: String(row['content_type']), bytes };
    },

    changed(page, feed, { payload, news, ...seen }) {
      const hash = hashOf(payload.bytes);
      const packed = zstdCompressSync(payload.bytes);
      const data = packed.length > MOST_KEPT ? null : packed;
      insertPage.run(page.id, page.url, seen.at);
      const { url, contentType } = payload;
      const inserted = insertPayload.run(page.id, feed, url, contentType, seen.at, Number(news), hash, data?.length ?? 0, data);
      const id = Number(inserted.lastInsertRowid);
      note(page, feed, seen, id);
      trimPayloads(database, page.id, seen.at);
      return { ...seen, payload: id, hash, kept: data !== null };
    },

    same(page, feed, seen, known) {
      note(page, feed, seen, known.payload);
      return { ...known, ...seen };
    },

    failed(page, place, at, problem) {
      insertPage.run(page.id, page.url, at);
      insertFetch.run(page.id, place, at, null, problem);
    },

    concluded(page, at, outcome) {
      insertPage.run(page.id, page.url, at);
      if ('problem' in outcome) setFailed.run(at, outcome.problem, page.id);
      else setRead.run(at, Number(outcome.changed), page.id);
    },

    sweep(now) {
      dropOldFetches.run(now - KEPT_FETCHES);
      dropManyFetches.run(MOST_FETCHES);
      dropPages.run(now - KEPT_PAGES);
    },
  };
}
