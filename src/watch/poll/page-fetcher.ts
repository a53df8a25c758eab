import { isIP } from 'node:net';
import type { Headers } from '../../dialects/dialect.ts';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Call } from '../../providers/call.ts';
import { createCall } from '../../providers/http-call.ts';
import { hostOf, isLoopback, type Environment } from '../../providers/proxy-choice.ts';
import type { Fetched, FetchPage, FetchProblem, PageRequest, Validators } from './fetch-page.ts';
import { headProblem, transportProblem } from './no-payload.ts';

export interface PageFetcher {
  fetchPage: FetchPage;
  close(): Promise<void>;
}

export interface PageFetcherOptions {
  clock: Clock;
  /** For `HTTPS_PROXY` and its like. */
  environment: Environment;
  /** Of Understudy. */
  version: string;
}

/** Milliseconds for the whole of it, redirects included (research/status.md, 1.4). */
const PATIENCE = 10_000;
const CONNECT_TIMEOUT = 5000;
/**
 * Bytes after decompression. The longest of the pages is Google Cloud's incidents.json: 112 KB with four incidents in August 2026 (as measured by a
 * program that reads it), and dozens of times as many in other years.
 */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_REDIRECTS = 5;
/** A validator is a few dozen characters; what is longer would only be carried about. */
const LONGEST_VALIDATOR = 1024;
/** Never sent, whoever asks for it. */
const CREDENTIALS = /^(authorization|proxy-authorization|cookie2?)$/i;
/** What a path ends with that is never a page for people. */
const DATA = /\.(json|xml|rss|atom)$/i;

/** Reads pages over the house's HTTP client: its pools, its proxies, no cookies, no credentials. */
export function createPageFetcher({ clock, environment, version }: PageFetcherOptions): PageFetcher {
  const http = createCall({ environment });
  const userAgent = `understudy/${version} (reads status pages)`;
  return {
    fetchPage: (request, signal) => follow({ call: http.call, clock, userAgent }, request, signal),
    close: () => http.close(),
  };
}

interface Line {
  call: Call;
  clock: Clock;
  userAgent: string;
}

/** An answer whose body is here. */
interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
}

async function follow(line: Line, request: PageRequest, signal: AbortSignal): Promise<Result<Fetched, FetchProblem>> {
  const first = addressOf(request.url);
  if (!first) return err({ type: 'address', message: `${request.url} is no http or https address` });
  const deadline = line.clock.monotonic() + PATIENCE;
  const seen = new Set<string>();
  let url = first;
  let { method, body } = request;

  for (;;) {
    if (seen.has(url.href)) return err({ type: 'redirects', message: `${first.host} leads in a circle of redirects` });
    seen.add(url.href);
    // What is meant for one host is not for another.
    const headers = url.origin === first.origin ? request.headers : undefined;
    const patience = deadline - line.clock.monotonic();
    const answer = await ask(line, { ...request, url: url.href, method, headers, body }, patience, signal);
    if (!answer.ok) return answer;
    const { status } = answer.value;
    if (!isRedirect(status)) return judge(line, request, first, url, answer.value);

    const next = addressOf(answer.value.headers['location'] ?? '', url);
    if (!next) return err({ type: 'redirects', message: `${url.host} leads (${status}) to nowhere on the web` });
    if (isPrivate(next) && !isPrivate(first)) {
      const message = `${url.host} leads to ${next.host}, which is in this network: it may want a login first`;
      return err({ type: 'captive-portal', message });
    }
    if (seen.size > MOST_REDIRECTS)
      return err({ type: 'redirects', message: `${first.host} leads on and on: ${MOST_REDIRECTS} redirects` });
    // RFC 9110, 15.4: after these a POST becomes a GET.
    if (method === 'POST' && status !== 307 && status !== 308) [method, body] = [undefined, undefined];
    url = next;
  }
}

function judge(line: Line, request: PageRequest, first: URL, url: URL, answer: Answer): Result<Fetched, FetchProblem> {
  const { status, headers, bytes } = answer;
  const { etag, lastModified } = request.validators ?? {};
  if (status === 304 && (etag ?? lastModified) !== undefined) return ok({ type: 'unchanged' });
  const problem = headProblem(url.host, status, headers, line.clock.now());
  if (problem) return err(problem);
  const contentType = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (contentType === 'text/html' && url.host !== first.host && DATA.test(first.pathname)) {
    const message = `instead of ${first.host} a web page of ${url.host} answered: this network may want a login first`;
    return err({ type: 'captive-portal', message });
  }
  return ok({ type: 'payload', payload: { url: url.href, contentType, bytes }, validators: validatorsOf(headers) });
}

type Asked = Omit<PageRequest, 'method' | 'headers' | 'body'> & {
  method: PageRequest['method'] | undefined;
  headers: PageRequest['headers'] | undefined;
  body: string | undefined;
};

/** One request, to the end of its body. */
function ask(line: Line, request: Asked, patience: number, signal: AbortSignal): Promise<Result<Answer, FetchProblem>> {
  const { origin, host, pathname, search } = new URL(request.url);
  const cancelled: FetchProblem = { type: 'cancelled', message: `${host} was not waited for` };
  if (signal.aborted) return Promise.resolve(err(cancelled));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let head: { status: number; headers: Headers } | undefined;
    let size = 0;
    let over = false;

    function settle(result: Result<Answer, FetchProblem>): void {
      if (over) return;
      over = true;
      stopClock();
      signal.removeEventListener('abort', abort);
      if (!result.ok) cancel();
      resolve(result);
    }
    const abort = (): void => settle(err(cancelled));
    const stopClock = line.clock.after(Math.max(0, patience), () =>
      settle(err({ type: 'timeout', message: `${host} had not answered in full after ${PATIENCE / 1000} s` })),
    );
    signal.addEventListener('abort', abort);

    const cancel = line.call(
      {
        method: request.method ?? 'GET',
        origin,
        path: pathname + search,
        headers: headersOf(request, line.userAgent),
        body: Buffer.from(request.body ?? ''),
        connectTimeout: CONNECT_TIMEOUT,
        fresh: false,
      },
      {
        headers(status, headers) {
          head = { status, headers };
          if (Number(headers['content-length'] ?? 0) > MOST_BYTES) return settle(err(tooBig(host)));
          // What such an answer says besides is not read, however long it takes over it.
          if (status < 400) return;
          settle(ok({ ...head, bytes: Buffer.alloc(0) }));
          cancel();
        },
        data(chunk) {
          size += chunk.length;
          if (size > MOST_BYTES) return settle(err(tooBig(host)));
          chunks.push(chunk);
        },
        end: () => settle(ok({ ...head!, bytes: Buffer.concat(chunks) })),
        error: (error) => settle(err(transportProblem(host, error))),
      },
    );
  });
}

function tooBig(host: string): FetchProblem {
  return { type: 'too-big', message: `${host} sent more than ${MOST_BYTES / 1024 / 1024} MiB` };
}

function headersOf({ method, headers = {}, validators }: Asked, userAgent: string): [string, string][] {
  const own: [string, string][] = [
    ['accept', 'application/json, application/xml;q=0.9, */*;q=0.8'],
    ['accept-encoding', 'gzip, br, zstd'],
    ['user-agent', userAgent],
  ];
  if (validators?.etag !== undefined) own.push(['if-none-match', validators.etag]);
  if (validators?.lastModified !== undefined) own.push(['if-modified-since', validators.lastModified]);
  if (method === 'POST' && !named(headers, 'content-type')) own.push(['content-type', 'application/json']);
  const given = Object.entries(headers).filter(([name]) => !CREDENTIALS.test(name) && !/^user-agent$/i.test(name));
  return [...own.filter(([name]) => name === 'user-agent' || !named(headers, name)), ...given];
}

function named(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((given) => given.toLowerCase() === name);
}

function validatorsOf(headers: Headers): Validators {
  const etag = headers['etag'];
  const lastModified = headers['last-modified'];
  return { ...(usable(etag) && { etag }), ...(usable(lastModified) && { lastModified }) };
}

function usable(validator: string | undefined): validator is string {
  // oxlint-disable-next-line no-control-regex -- such a header could not be sent back
  return validator !== undefined && validator.length <= LONGEST_VALIDATOR && /^[\x20-\x7e]+$/.test(validator);
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Without what is only for whoever shows it, and without a user's name and password. */
function addressOf(text: string, base?: URL): URL | undefined {
  if (text === '' || !URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.hash = url.username = url.password = '';
  return url;
}

/** This machine, or an address that no public name should lead to (RFC 1918, RFC 3927, RFC 4193, RFC 4291, RFC 6598). */
function isPrivate(url: URL): boolean {
  const host = hostOf(url.href);
  if (isLoopback(host)) return true;
  if (isIP(host) === 4) return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(host);
  return isIP(host) === 6 && /^(::$|::ffff:|f[cd]|fe[89ab])/i.test(host);
}
