import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../exchange/clock.ts';
import { err, type Result } from '../../exchange/result.ts';
import type { FeedAdapter, FeedRequest, StatusPage } from '../page.ts';
import type { FeedProblem, PageReading, Payload } from '../page-reading.ts';
import type { BackOff } from './back-off.ts';
import type { FetchPage } from './fetch-page.ts';
import { mergeReadings } from './merge-readings.ts';
import { knownFor } from './page-standing.ts';
import { hashOf, type KnownFeed, type PageStore } from './store.ts';

/** What one page is read with, and what is remembered of it from one time to the next. */
export interface PageReader {
  page: StatusPage;
  adapter: FeedAdapter;
  requests: readonly FeedRequest[];
  feeds: Map<string, RememberedFeed>;
  /** A mirror that answered when the address itself did not. Monotonic time. */
  preferred?: { place: number; until: number };
}

export interface RememberedFeed {
  known: KnownFeed;
  reading: PageReading;
  /** UTC ms of when the payload was understood: what is planned may have begun since. */
  parsedAt: number;
  /** UTC ms of when all of it last came, rather than word that it is the same. */
  wholeAt: number;
}

export interface ReadingPorts {
  clock: Clock;
  fetchPage: FetchPage;
  store: PageStore;
  backOff: BackOff;
}

export type PageOutcome =
  /** `changed`: something was said otherwise than the time before. */
  | { type: 'read'; reading: PageReading; changed: boolean }
  /** `local`: nothing outside of this machine could be reached. */
  | { type: 'failed'; problem: string; local: boolean }
  /** Nobody was asked: all who could say it are left alone for so many milliseconds. */
  | { type: 'left-alone'; wait: number; problem: string }
  | { type: 'cancelled' };

/** Milliseconds for which word that nothing has changed is enough: there are caches that say so for good. */
const TAKEN_ON_TRUST = 3_600_000;
/** Milliseconds for which a page that goes back in its own time is not believed; then it was the newer reading that was wrong. */
const GOES_BACK = 3_600_000;
/** Milliseconds that a mirror is asked first for. */
const PREFERRED = 3_600_000;

/** Reads a page once: each of its feeds, from the first place that has it. */
export async function readPage(reader: PageReader, ports: ReadingPorts, signal: AbortSignal): Promise<PageOutcome> {
  const readings: PageReading[] = [];
  let changed = false;
  const missed: Exclude<PageOutcome, { type: 'read' }>[] = [];
  let some = false;
  for (const request of reader.requests) {
    const outcome = await readFeed(reader, request, ports, signal);
    if (outcome.type === 'read') {
      some = true;
      readings.push(outcome.reading);
      changed ||= outcome.changed;
    } else if (outcome.type === 'cancelled' || request.required) {
      return outcome;
    } else {
      missed.push(outcome);
      readings.push(...saidBefore(reader, request, ports.clock.now()));
    }
  }
  // Where the page can do without each of its feeds, it still can't do without all.
  if (!some) {
    const none: PageOutcome = { type: 'failed', problem: `${reader.page.url} has no feed that could be read`, local: false };
    return missed.find(({ type }) => type === 'failed') ?? missed[0] ?? none;
  }
  return { type: 'read', reading: mergeReadings(readings), changed };
}

/** What a feed that the page can do without said lately; that it has all that is open can no longer be told from that. */
function saidBefore(reader: PageReader, request: FeedRequest, now: number): PageReading[] {
  const before = reader.feeds.get(feedKey(request));
  return before && now - before.known.at <= knownFor(false) ? [{ ...before.reading, listsAllOpen: false }] : [];
}

async function readFeed(reader: PageReader, request: FeedRequest, ports: ReadingPorts, signal: AbortSignal): Promise<PageOutcome> {
  const { clock, store, backOff } = ports;
  const places = [request.url, ...request.mirrors];
  const problems: string[] = [];
  const waits: number[] = [];
  let local = true;
  for (const index of orderOf(reader, places.length, clock.monotonic())) {
    const place = places[index]!;
    const left = backOff.remaining(place);
    if (left) {
      waits.push(left.wait);
      problems.push(`${left.problem}, and is left alone until ${clockTime(clock.now() + left.wait)}`);
      continue;
    }
    const said = await ask(reader, request, place, ports, signal);
    if (said === 'cancelled') return { type: 'cancelled' };
    if (said.ok) {
      if (index === 0) delete reader.preferred;
      else if (reader.preferred?.place !== index) reader.preferred = { place: index, until: clock.monotonic() + PREFERRED };
      return { type: 'read', ...said.value };
    }
    problems.push(said.error.message);
    local &&= said.error.local;
    store.failed(reader.page, place, clock.now(), said.error.message);
  }
  const problem = problems.join('; ');
  return waits.length === places.length ? { type: 'left-alone', wait: Math.min(...waits), problem } : { type: 'failed', problem, local };
}

function orderOf(reader: PageReader, places: number, now: number): number[] {
  const all = Array.from({ length: places }, (_, index) => index);
  const { preferred } = reader;
  if (!preferred || preferred.until <= now) delete reader.preferred;
  const first = reader.preferred?.place;
  return first === undefined || first >= places ? all : [first, ...all.filter((index) => index !== first)];
}

async function ask(
  reader: PageReader,
  request: FeedRequest,
  place: string,
  { clock, fetchPage, store, backOff }: ReadingPorts,
  signal: AbortSignal,
): Promise<Result<{ reading: PageReading; changed: boolean }, { message: string; local: boolean }> | 'cancelled'> {
  const { page } = reader;
  const feed = feedKey(request);
  const before = reader.feeds.get(feed);
  const { method, headers, body } = request;
  const fetched = await fetchPage(
    {
      url: place,
      ...(method && { method }),
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
      ...(before && namesWhatIsHere(before, place, clock.now()) && { validators: before.known.validators }),
    },
    signal,
  );
  if (signal.aborted) return 'cancelled';
  if (!fetched.ok) {
    backOff.failed(place, fetched.error, !request.required);
    return err({ message: fetched.error.message, local: fetched.error.local === true });
  }
  backOff.worked(place);

  const at = clock.now();
  const value = fetched.value;
  const validators = value.type === 'payload' ? value.validators : (before?.known.validators ?? {});
  const seen = { at, place, validators };
  if (before && (value.type === 'unchanged' || hashOf(value.payload.bytes) === before.known.hash)) {
    const known = store.same(page, feed, seen, before.known);
    const reading = inTime(reader, before, store, at);
    const changed = reading !== before.reading;
    const wholeAt = value.type === 'payload' ? at : before.wholeAt;
    reader.feeds.set(feed, { known, reading, parsedAt: changed ? at : before.parsedAt, wholeAt });
    return { ok: true, value: { reading, changed } };
  }
  if (value.type === 'unchanged')
    return err({ message: `${place} says that nothing has changed, though nothing was known of it`, local: false });
  const read = understand(reader, value.payload, at);
  if (!read.ok) return err({ message: `${place}: ${read.error.message}`, local: false });
  if (before && isOlder(read.value, before.reading) && at - before.known.at < GOES_BACK) {
    const message = `${place} has an older copy, of ${clockTime(read.value.updatedAt!)}, than was read already, of ${clockTime(before.reading.updatedAt!)}`;
    return err({ message, local: false });
  }
  const news = !isDeepStrictEqual(read.value.incidents, before?.reading.incidents ?? []);
  const known = store.changed(page, feed, { ...seen, payload: value.payload, news });
  const changed = !before || !saysTheSame(read.value, before.reading);
  reader.feeds.set(feed, { known, reading: read.value, parsedAt: at, wholeAt: at });
  return { ok: true, value: { reading: read.value, changed } };
}

/** Places of a page are cached apart, and what was asked for later may be the older copy. */
function isOlder({ updatedAt }: PageReading, { updatedAt: before }: PageReading): boolean {
  return updatedAt !== undefined && before !== undefined && updatedAt < before;
}

function saysTheSame({ updatedAt: _one, ...reading }: PageReading, { updatedAt: _other, ...before }: PageReading): boolean {
  return isDeepStrictEqual(reading, before);
}

function namesWhatIsHere({ known, wholeAt }: RememberedFeed, place: string, now: number): boolean {
  return known.kept && known.place === place && now - wholeAt < TAKEN_ON_TRUST;
}

/** What an unchanged payload says now: some pages only say when planned work begins and ends. */
function inTime(reader: PageReader, before: RememberedFeed, store: PageStore, now: number): PageReading {
  const due = before.reading.incidents.some(
    ({ kind, startedAt, endedAt = 0 }) =>
      kind === 'maintenance' && [startedAt, endedAt].some((time) => time > before.parsedAt && time <= now),
  );
  const payload = due ? store.payload(before.known.payload) : undefined;
  const read = payload && understand(reader, payload, now);
  return read?.ok === true && !saysTheSame(read.value, before.reading) ? read.value : before.reading;
}

/** What feeds said before a restart, as far as it is still here. */
export function remember(reader: PageReader, known: ReadonlyMap<string, KnownFeed>, store: PageStore, now: number): void {
  for (const request of reader.requests) {
    const feed = known.get(feedKey(request));
    const payload = feed && store.payload(feed.payload);
    const read = payload && understand(reader, payload, now);
    if (read?.ok === true) reader.feeds.set(feedKey(request), { known: feed!, reading: read.value, parsedAt: now, wholeAt: feed!.at });
  }
}

/** The reading of all that is remembered; `undefined` where something of it is missing that the page can't be read without. */
export function remembered(reader: PageReader): PageReading | undefined {
  const feeds = reader.requests.map((request) => reader.feeds.get(feedKey(request)));
  if (reader.requests.some((request, index) => request.required && !feeds[index])) return undefined;
  const last = Math.max(...feeds.map((feed) => feed?.known.at ?? 0));
  const readings = feeds.flatMap((feed) => (feed && last - feed.known.at <= knownFor(false) ? [feed.reading] : []));
  return readings.length > 0 ? mergeReadings(readings) : undefined;
}

/** Adapters return what is wrong; should one stumble over junk all the same, then that is what is wrong. */
function understand({ adapter, page }: PageReader, payload: Payload, now: number): Result<PageReading, FeedProblem> {
  try {
    return adapter.read(payload, page, now);
  } catch (error) {
    return err({ type: 'malformed', message: `it could not be read: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function feedKey({ url, body }: FeedRequest): string {
  return body === undefined ? url : `${url} ${body}`;
}

/** `06:05 UTC`. */
function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}
