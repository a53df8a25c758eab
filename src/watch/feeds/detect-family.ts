import { err, ok, type Result } from '../../exchange/result.ts';
import { isObject } from '../../exchange/json.ts';
import type { PageFamily, StatusPage } from '../page.ts';
import type { Payload } from '../page-reading.ts';
import type { FetchPage, FetchProblem } from '../poll/fetch-page.ts';
import { adapterOf } from './adapters.ts';
import { jsonOf } from './json-payload.ts';

export interface DetectPorts {
  fetchPage: FetchPage;
  /** UTC ms. */
  now: number;
}

/** No page that can be read. `found`: what was at each place that was asked. */
export interface DetectProblem {
  type: 'address' | 'unreachable' | 'unknown-page';
  message: string;
  found: { url: string; problem: string }[];
}

/** One way that the page may be read. */
interface Candidate {
  family: PageFamily;
  /** What is fetched to find out; the first of the family's own where it isn't given. */
  ask?: string;
  page: Partial<StatusPage>;
  /** Where being readable is not enough: what else has to be so. */
  if?: (payload: Payload) => boolean;
}

/** Where feeds are, as the families and most others put them. */
const FEEDS = ['/history.atom', '/feed.atom', '/history.rss', '/feed.rss', '/feed.xml', '/rss', '/feed'];
/** Nothing can be asked there: other paths would give the same. */
const NO_WAY: readonly FetchProblem['type'][] = ['dns', 'connect', 'tls', 'captive-portal', 'cancelled', 'address'];
/** incident.io's ids, in its Statuspage-shaped answers too. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * Which family a page belongs to, by what its addresses answer; in the order of PAGE_FAMILIES, so that incident.io, which also answers like Statuspage, goes
 * first. The page covers nothing yet: whoever asks says which products it is about.
 */
export async function detectFamily(
  address: string,
  { fetchPage, now }: DetectPorts,
  signal: AbortSignal,
): Promise<Result<StatusPage, DetectProblem>> {
  const base = addressOf(address);
  if (base === undefined) {
    const message = `“${address.slice(0, 100)}” is no address of a page; write it as status.example.com or https://status.example.com`;
    return err({ type: 'address', message, found: [] });
  }
  const found: DetectProblem['found'] = [];
  const asked = new Map<string, Result<Payload, FetchProblem>>();
  const fetched = async (url: string): Promise<Result<Payload, FetchProblem>> => {
    const known = asked.get(url);
    if (known) return known;
    const answer = await fetchPage({ url }, signal);
    const result: Result<Payload, FetchProblem> = !answer.ok
      ? answer
      : answer.value.type === 'payload'
        ? ok(answer.value.payload)
        : err({ type: 'broken', message: `${url} says that nothing has changed, though nothing was known of it` });
    asked.set(url, result);
    if (!result.ok) found.push({ url, problem: result.error.message });
    return result;
  };
  const itself = await fetched(base.href);
  if (!itself.ok && NO_WAY.includes(itself.error.type)) return err({ type: 'unreachable', message: itself.error.message, found });
  for (const { family, ask, page: own, if: holds } of candidates(base, itself.ok ? itself.value : undefined)) {
    const page: StatusPage = {
      id: base.host,
      family,
      url: origin(base),
      covers: [],
      source: `Found at ${base.href} by what it answers`,
      ...own,
    };
    const adapter = adapterOf(family);
    const url = ask ?? adapter.requests(page)[0]?.url;
    if (url === undefined) continue;
    const answer = await fetched(url);
    if (signal.aborted) return err({ type: 'unreachable', message: 'it was given up', found });
    if (!answer.ok) continue;
    const read = adapter.read(answer.value, page, now);
    if (read.ok && (holds?.(answer.value) ?? true)) return ok(page);
    found.push({ url, problem: `${read.ok ? 'it could be anything' : read.error.message} (read as ${family})` });
  }
  const places = found.slice(0, 3).map(({ url, problem }) => `${url}: ${problem}`);
  const message = `no status page that is known here was found at ${base.href} (${places.join('; ')}); give the address of its RSS or Atom feed`;
  return err({ type: 'unknown-page', message, found });
}

function candidates(base: URL, itself: Payload | undefined): Candidate[] {
  const home = origin(base);
  const at = base.pathname.replace(/\/+$/, '');
  const html = itself === undefined ? '' : new TextDecoder().decode(itself.bytes.subarray(0, 500_000));
  const list: Candidate[] = [
    { family: 'incident-io', ask: `${home}/proxy/${base.host}`, page: {} },
    { family: 'incident-io', ask: `${home}/api/v2/summary.json`, page: {}, if: hasUlid },
    { family: 'statuspage', page: {} },
    { family: 'google-cloud', ask: `${home}/incidents.json`, page: {}, if: isNotEmpty },
    { family: 'google-workspace', ask: `${home}${at}/incidents.json`, page: { url: home + at }, if: isNotEmpty },
    ...(/^\/api\/v1\/models\/.+\/endpoints$/.test(at) ? [{ family: 'openrouter-uptime' as const, page: { feeds: [home + at] } }] : []),
    { family: 'instatus', page: {} },
    { family: 'better-stack', page: {} },
    { family: 'checkly', page: {} },
    { family: 'flashduty', ask: `${home}/feed.atom`, page: flashdutyNumber(html), if: isFlashduty },
  ];
  // Asked only where the page itself names who makes it: its name would go to a third party.
  if (/onlineornot\.com/i.test(html)) list.push({ family: 'onlineornot', page: {} });
  const feeds = [base.href, ...linkedFeeds(html, base), ...FEEDS.map((path) => home + path)];
  for (const feed of feeds) list.push({ family: 'feed', ask: feed, page: { feeds: [feed] } });
  return list;
}

/** With or without a scheme; `undefined`: none that a page could be at. */
function addressOf(written: string): URL | undefined {
  const text = written.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const isName = url.hostname.includes('.') || url.hostname === 'localhost' || url.hostname.startsWith('[');
  if (!/^https?:$/.test(url.protocol) || !isName || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  return url;
}

function origin({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

function hasUlid(payload: Payload): boolean {
  const json = jsonOf(payload);
  const page = json.ok && isObject(json.value) ? json.value['page'] : undefined;
  return isObject(page) && typeof page['id'] === 'string' && ULID.test(page['id']);
}

/** An empty list is what Google says when nothing has happened, but others say it too. */
function isNotEmpty(payload: Payload): boolean {
  const json = jsonOf(payload);
  return json.ok && Array.isArray(json.value) && json.value.length > 0;
}

function isFlashduty(payload: Payload): boolean {
  return new TextDecoder().decode(payload.bytes).includes('urn:flashduty:change:');
}

/** The page's number stands in what its program is started with. */
function flashdutyNumber(html: string): Partial<StatusPage> {
  const number = /\bpage_?id\\?"?\s*:\s*\\?"?(\d{6,20})/i.exec(html)?.[1];
  return number === undefined ? {} : { pageId: number };
}

/** `<link rel="alternate" type="application/rss+xml" href="…">`, in the same place. */
function linkedFeeds(html: string, base: URL): string[] {
  const links = html.match(/<link\b[^<>]{0,500}>/gi) ?? [];
  return links.slice(0, 100).flatMap((link) => {
    const href = /\bhref\s*=\s*["']([^"']{1,300})["']/i.exec(link)?.[1];
    if (!/type\s*=\s*["']application\/(?:rss|atom)\+xml["']/i.test(link) || href === undefined) return [];
    const url = URL.canParse(href, base) ? new URL(href, base) : undefined;
    return url && /^https?:$/.test(url.protocol) ? [url.href] : [];
  });
}
