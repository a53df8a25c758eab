import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatusPage } from '../page.ts';
import type { Payload } from '../page-reading.ts';
import { openWatch } from '../store/open.ts';
import { createPageStore, hashOf, type PageStore } from './store.ts';

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 5, 2, 6, 5);
const page: StatusPage = { id: 'acme', family: 'statuspage', url: 'https://status.acme.example', covers: [], source: 'test' };
const other: StatusPage = { ...page, id: 'other' };
const FEED = 'https://status.acme.example/summary.json';

let folder: string;
let database: DatabaseSync;
let store: PageStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-pages-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  store = createPageStore(database);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const payloadOf = (content: string | Uint8Array): Payload => ({
  url: `${FEED}?`,
  contentType: 'application/json',
  bytes: Buffer.from(content),
});
const say = (content: string | Uint8Array, at: number, news = false, of = page, feed = FEED) =>
  store.changed(of, feed, { at, place: feed, validators: { etag: '"1"' }, payload: payloadOf(content), news });
const noise = (size: number): Uint8Array => randomFillSync(new Uint8Array(size));
const count = (table: string): number => Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()!['count']);

describe('what is known of a page', () => {
  it('is nothing at first', () => {
    expect(store.known('acme')).toEqual({ feeds: new Map() });
  });

  it('outlives a restart: what it said, when, and under which name', () => {
    const said = say('{"a":1}', T0);
    store.concluded(page, T0, { changed: true });
    const { payload, ...known } = createPageStore(database).known('acme').feeds.get(FEED)!;
    expect(known).toEqual({ at: T0, place: FEED, validators: { etag: '"1"' }, hash: hashOf(Buffer.from('{"a":1}')), kept: true });
    expect(payload).toBe(said.payload);
    expect(store.payload(payload)).toEqual(payloadOf('{"a":1}'));
    expect(store.known('acme')).toMatchObject({ triedAt: T0, readAt: T0, changedAt: T0 });
  });

  it('tells the last good reading from the last attempt', () => {
    const said = say('a', T0);
    store.concluded(page, T0, { changed: true });
    store.same(page, FEED, { at: T0 + 1, place: 'https://mirror.example', validators: {} }, said);
    store.concluded(page, T0 + 1, { changed: false });
    store.failed(page, FEED, T0 + 2, 'status.acme.example answered 403 Forbidden');
    store.concluded(page, T0 + 2, { problem: 'status.acme.example answered 403 Forbidden' });
    expect(store.known('acme')).toMatchObject({
      triedAt: T0 + 2,
      readAt: T0 + 1,
      changedAt: T0,
      problem: 'status.acme.example answered 403 Forbidden',
    });
    expect(store.known('acme').feeds.get(FEED)).toEqual({ ...said, at: T0 + 1, place: 'https://mirror.example', validators: {} });
    store.concluded(page, T0 + 3, { changed: false });
    expect(store.known('acme').problem).toBeUndefined();
  });

  it('has each attempt, with what was seen by then', () => {
    const said = say('a', T0);
    store.same(page, FEED, { at: T0 + 1, place: FEED, validators: {} }, said);
    store.failed(page, FEED, T0 + 2, 'no');
    expect(
      database
        .prepare('SELECT at, payload, problem FROM fetches ORDER BY id')
        .all()
        .map((row) => ({ ...row })),
    ).toEqual([
      { at: T0, payload: said.payload, problem: null },
      { at: T0 + 1, payload: said.payload, problem: null },
      { at: T0 + 2, payload: null, problem: 'no' },
    ]);
  });
});

describe('payloads are bounded', () => {
  it('by number, but for those that brought news of an incident, and for what is said now', () => {
    const still = say('still', T0, false, page, 'https://status.acme.example/quiet.json');
    const news = say('news', T0, true);
    for (let n = 0; n < 60; n++) say(`nothing new ${n}`, T0 + n);
    // Fifty, the news, and what the two feeds say now.
    expect(count('payloads')).toBe(53);
    expect(store.payload(news.payload)).toBeDefined();
    expect(store.payload(still.payload)).toBeDefined();
    say('much later', T0 + 91 * DAY);
    expect(store.payload(news.payload)).toBeUndefined();
  });

  it('by size of a page', () => {
    for (let n = 0; n < 8; n++) say(noise(1_000_000), T0 + n);
    expect(count('payloads')).toBe(1 + 4);
    for (let n = 0; n < 20; n++) say(noise(1_000_000), T0 + n, true);
    expect(count('payloads')).toBe(1 + 16);
  });

  it('by size of all: the oldest without news go first', () => {
    const first = say(noise(1_000_000), T0, false);
    say('now', T0);
    for (let n = 0; n < 5; n++) for (let m = 0; m < 16; m++) say(noise(1_000_000), T0 + n, true, { ...page, id: `page ${n}` });
    const total = Number(database.prepare('SELECT sum(size) AS total FROM payloads').get()!['total']);
    expect(total).toBeLessThan(64 * 1024 * 1024 + 5 * 1_001_000);
    expect(store.payload(first.payload)).toBeUndefined();
    expect(store.known('acme').feeds.get(FEED)).toBeDefined();
  });

  it('by size of one: it is known by its hash only', () => {
    const bytes = noise(3_000_000);
    const said = say(bytes, T0);
    expect(said).toMatchObject({ kept: false, hash: hashOf(bytes) });
    expect(store.payload(said.payload)).toBeUndefined();
    expect(store.known('acme').feeds.get(FEED)).toEqual(said);
  });
});

describe('a sweep', () => {
  it('drops attempts that are old or many, and pages that nobody asks any more', () => {
    for (let n = 0; n < 5010; n++) store.failed(page, FEED, T0 + 40 * DAY, 'no');
    store.failed(page, FEED, T0, 'long ago');
    say('a', T0, true, other);
    store.sweep(T0 + 40 * DAY);
    expect(count('fetches')).toBe(5000);
    expect(store.known('other').feeds.size).toBe(1);
    store.sweep(T0 + 91 * DAY);
    expect(store.known('other')).toEqual({ feeds: new Map() });
    expect(count('payloads')).toBe(0);
  });
});
