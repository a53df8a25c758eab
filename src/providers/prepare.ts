import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import type { UpstreamRequest } from './call.ts';
import { vendorOfDialect } from './catalogue.ts';
import type { Credential, Provider } from './provider.ts';

export interface PrepareInput {
  provider: Provider;
  /** The target speaks the client's dialect and gets the client's own bytes. */
  native: boolean;
  /** From the dialect, relative to the base URL: `/v1/messages`. */
  endpoint: string;
  /** As the provider calls it: for services that have it in their addresses. */
  model: string;
  /** Path and query as the client asked. */
  clientPath: string;
  clientHeaders: readonly (readonly [name: string, value: string])[];
  /** What the dialect needs besides auth: `anthropic-version`. */
  dialectHeaders: Readonly<Record<string, string>>;
  body: Buffer;
  stream: boolean;
  /** Milliseconds. */
  connectTimeout: number;
  fresh: boolean;
}

/** Of one connection only (RFC 9110, 7.6.1), or about a body that is ours now. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'content-encoding',
];
/** Whoever sent them meant us, not the provider. The trace goes on where `telemetry.propagate` says so. */
const OURS = [
  'cookie',
  'cookie2',
  'accept-encoding',
  'origin',
  'referer',
  'forwarded',
  'x-real-ip',
  'via',
  'traceparent',
  'tracestate',
  'baggage',
];
const CREDENTIALS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'];
/** Where a vendor's clients put their credential. */
const CLIENT_CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['authorization', 'x-api-key'],
  openai: ['authorization', 'api-key'],
  google: ['authorization', 'x-goog-api-key'],
};
const DROPPED: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...OURS, ...CREDENTIALS]);
const DROPPED_PREFIXES = /^(?:x-understudy-|x-forwarded-|proxy-)/;

/** Headers that say who the client is to one vendor; no other gets them. `anthropic-version` and `anthropic-beta` belong to the dialect. */
const VENDOR_HEADERS: readonly { vendor: string; names: RegExp }[] = [
  { vendor: 'anthropic', names: /^(?:anthropic-(?!version$|beta$)|x-claude-)/ },
  { vendor: 'openai', names: /^(?:openai-|chatgpt-|x-openai-|x-codex-)/ },
  { vendor: 'google', names: /^(?:x-goog-|x-gemini-)/ },
];

const USER_AGENT = 'understudy';

/** Addresses an upstream request. Fails when the target needs the client's own credential and must not or cannot have it. */
export function prepareRequest(input: PrepareInput): Result<UpstreamRequest, string> {
  const { provider } = input;
  const credential = credentialHeaders(input);
  if (!credential.ok) return credential;
  const base = splitBase(provider.baseUrl);
  const headers = input.native ? nativeHeaders(input) : foreignHeaders(input);
  const { hosting } = provider;
  const { model, endpoint, stream, body } = input;
  const usual = { path: input.native ? withQuery(endpoint, input.clientPath) : endpoint, body, headers };
  const shaped = hosting?.shape?.({ model, endpoint: usual.path, stream, body, headers }) ?? ok(usual);
  if (!shaped.ok) return err(`${provider.name}: ${shaped.error}`);
  for (const name in provider.headers) replace(shaped.value.headers, name, provider.headers[name]!);
  shaped.value.headers.push(...credential.value);
  return ok({
    method: 'POST',
    origin: base.origin,
    path: base.path + shaped.value.path,
    headers: shaped.value.headers,
    body: shaped.value.body,
    connectTimeout: input.connectTimeout,
    fresh: input.fresh,
    ...(hosting?.sign ? { sign: hosting.sign } : {}),
    ...(hosting?.reframe ? { reframe: hosting.reframe } : {}),
  });
}

function nativeHeaders(input: PrepareInput): [string, string][] {
  const { provider } = input;
  const alsoDropped = namedInConnection(input.clientHeaders);
  const headers: [string, string][] = [];
  for (const [name, value] of input.clientHeaders) {
    const lower = name.toLowerCase();
    if (DROPPED.has(lower) || DROPPED_PREFIXES.test(lower) || alsoDropped?.has(lower)) continue;
    if (lower === 'idempotency-key' && !isVendorOfDialect(provider)) continue;
    if (VENDOR_HEADERS.some(({ vendor, names }) => vendor !== provider.vendor && names.test(lower))) continue;
    headers.push([name, value]);
  }
  for (const name in input.dialectHeaders) {
    if (!headers.some(([present]) => present.toLowerCase() === name)) headers.push([name, input.dialectHeaders[name]!]);
  }
  headers.push(['accept-encoding', 'identity']);
  return headers;
}

function foreignHeaders(input: PrepareInput): [string, string][] {
  return [
    ['content-type', 'application/json'],
    ['accept', input.stream ? 'text/event-stream' : 'application/json'],
    ['accept-encoding', 'identity'],
    ['user-agent', USER_AGENT],
    ...Object.entries(input.dialectHeaders),
  ];
}

function credentialHeaders(input: PrepareInput): Result<[string, string][], string> {
  const { provider, native } = input;
  switch (provider.credential.type) {
    case 'none':
    // Shown when the request goes, by `sign`.
    case 'identity':
      return ok([]);
    case 'key':
      return ok([keyHeader(provider.credential)]);
    case 'client': {
      if (!native || !isVendorOfDialect(provider)) {
        return err(
          `${provider.name} has no key of its own, and this client's credential may not go there; set apiKey for ${provider.name}`,
        );
      }
      const theirs = CLIENT_CREDENTIALS[provider.vendor] ?? [];
      const own = input.clientHeaders.filter(([name]) => theirs.includes(name.toLowerCase()));
      // Google's clients may put it into the query, which is no place for it to travel on in.
      const inQuery = own.length === 0 && provider.vendor === 'google' ? queryKey(input.clientPath) : undefined;
      if (inQuery !== undefined) return ok([['x-goog-api-key', inQuery]]);
      if (own.length === 0) return err(`no key for ${provider.name}: set its apiKey in the configuration, or let the client send its own`);
      return ok(own.map(([name, value]) => [name, value]));
    }
  }
}

/** The header that shows a provider its key. */
export function keyHeader(credential: Credential & { type: 'key' }): [string, string] {
  return credential.scheme === 'bearer' ? ['authorization', `Bearer ${credential.value}`] : [credential.scheme, credential.value];
}

function isVendorOfDialect(provider: Provider): boolean {
  return provider.vendor === vendorOfDialect(provider.dialect);
}

function namedInConnection(headers: PrepareInput['clientHeaders']): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    names ??= new Set();
    for (const listed of value.split(',')) names.add(listed.trim().toLowerCase());
  }
  return names;
}

function replace(headers: [string, string][], name: string, value: string): void {
  const lower = name.toLowerCase();
  const at = headers.findIndex(([present]) => present.toLowerCase() === lower);
  if (at < 0) headers.push([name, value]);
  else headers[at] = [name, value];
}

function splitBase(baseUrl: string): { origin: string; path: string } {
  const slash = baseUrl.indexOf('/', baseUrl.indexOf('://') + 3);
  if (slash < 0) return { origin: baseUrl, path: '' };
  return { origin: baseUrl.slice(0, slash), path: baseUrl.slice(slash).replace(/\/+$/, '') };
}

/** With the client's query, except `key`, where Google's clients put theirs, and what the endpoint itself says. Nothing else in it is touched. */
function withQuery(endpoint: string, clientPath: string): string {
  const mark = clientPath.indexOf('?');
  if (mark < 0) return endpoint;
  const [path, own] = endpoint.split('?', 2) as [string, string?];
  const said = new Set((own ?? '').split('&').map(parameter));
  const query = clientPath.slice(mark + 1).split('#', 1)[0]!;
  const kept = query.split('&').filter((pair) => pair !== '' && parameter(pair) !== 'key' && !said.has(parameter(pair)));
  const all = own === undefined ? kept : [own, ...kept];
  return all.length === 0 ? path : `${path}?${all.join('&')}`;
}

/** `?key=`; nothing where it is empty or no header could carry it. */
function queryKey(clientPath: string): string | undefined {
  const mark = clientPath.indexOf('?');
  const key = mark < 0 ? null : new URLSearchParams(clientPath.slice(mark + 1).split('#', 1)[0]).get('key');
  return key !== null && /^[\u0021-\u007e]+$/.test(key) ? key : undefined;
}

function parameter(pair: string): string {
  return pair.split('=', 1)[0]!;
}
