import type { Headers } from '../dialects/dialect.ts';
import { isObject, type Json, parseObject } from '../exchange/json.ts';

/** `share`: a part of a plan's allowance, from 0 to 1. */
export type RoomKind = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'share';

/** What is left of one of an account's limits, as its provider told it. */
export interface Room {
  kind: RoomKind;
  /** The span that it is counted over, as the provider calls it (`minute`, `day`, `5h`), where it does. */
  window?: string;
  limit?: number;
  remaining: number;
  /** When it is full again, in UTC milliseconds, where that was said. */
  reset?: number;
  /** It fills up all the time (a token bucket), rather than at once at `reset`. */
  steady: boolean;
}

/**
 * The forms, by provider. Anthropic (docs.claude.com/en/api/rate-limits): `anthropic-ratelimit-<kind>-<limit|remaining|reset>`, RFC 3339 times;
 * its plans: `anthropic-ratelimit-unified-<window>-<status|utilization|reset>`, seconds since 1970. OpenAI, Azure, Groq, xAI, Fireworks:
 * `x-ratelimit-<field>-<kind>`, durations such as `6m0s` or `120ms`, Azure plain seconds. Cerebras and Mistral name the window behind that
 * (`-tokens-minute`, `-req-minute`); Mistral also has `x-ratelimitbysize-<field>-<window>`. OpenRouter: `x-ratelimit-<field>` alone, with
 * milliseconds since 1970. Together: `x-tokenlimit-<field>` beside it. ChatGPT's Codex: `x-codex-<window>-used-percent`. LiteLLM puts
 * `llm_provider-` before what it passes on. `ratelimit-<field>` is the IETF draft (draft-ietf-httpapi-ratelimit-headers), in seconds.
 */
const CLASSIC = /^anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)$/;
const UNIFIED = /^anthropic-ratelimit-unified-(?!overage|fallback|representative)(?:([\w-]+)-)?(status|utilization|reset)$/;
const USUAL = /^(?:x-)?(?:rate|token)limit(bysize)?-(limit|remaining|reset)(?:-([a-z-]+))?$/;
const CODEX = /^x-codex-(primary|secondary)-(used-percent|window-minutes|reset-at|reset-after-seconds)$/;
const PASSED_ON = 'llm_provider-';
const WINDOWS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
};
const KINDS: Readonly<Record<string, RoomKind>> = {
  requests: 'requests',
  req: 'requests',
  tokens: 'tokens',
  'input-tokens': 'input-tokens',
  'tokens-prompt': 'input-tokens',
  'output-tokens': 'output-tokens',
  'tokens-generated': 'output-tokens',
};
/** More than any provider sends; what a hostile one sends must not cost more. */
const MOST_ROOMS = 24;

interface Found {
  kind: RoomKind;
  window?: string;
  fields: Map<string, string>;
}

/**
 * The rooms that an answer's headers tell of, and its body where it is an error (Gemini has them nowhere else). `now`: UTC milliseconds. What
 * can't be read is left out; nothing is thrown.
 */
export function readRooms(headers: Headers, now: number, body?: string): Room[] {
  const found = new Map<string, Found>();
  for (const given in headers) {
    const value = headers[given];
    if (value === undefined || !(given.includes('limit') || given.includes('codex'))) continue;
    const name = given.startsWith(PASSED_ON) ? given.slice(PASSED_ON.length) : given;
    const place = placeOf(name);
    if (!place) continue;
    const key = `${place.kind} ${place.window ?? ''}`;
    const group = found.get(key) ?? { kind: place.kind, ...(place.window !== undefined && { window: place.window }), fields: new Map() };
    if (!found.has(key)) {
      if (found.size === MOST_ROOMS) continue;
      found.set(key, group);
    }
    group.fields.set(place.field, value);
  }
  // The provider's clock and ours differ; its own date tells by how much.
  const date = Date.parse(headers.date ?? '');
  const ahead = Number.isNaN(date) ? 0 : date - now;
  const paid = headers['x-codex-credits-has-credits'] === 'true' || headers['x-codex-credits-unlimited'] === 'true';
  const rooms = [...found.values()].flatMap((group) => roomOf(group, now, ahead, paid) ?? []);
  return body === undefined || body === '' ? rooms : [...rooms, ...quotasIn(body, now)];
}

function placeOf(name: string): { kind: RoomKind; window?: string; field: string } | undefined {
  const classic = CLASSIC.exec(name);
  if (classic) return { kind: KINDS[classic[1]!]!, field: classic[2]! };
  const unified = UNIFIED.exec(name);
  if (unified) return { kind: 'share', window: unified[1] ?? 'unified', field: unified[2]! };
  const codex = CODEX.exec(name);
  if (codex) return { kind: 'share', window: codex[1]!, field: codex[2]! };
  const usual = USUAL.exec(name);
  if (!usual) return undefined;
  const [, bySize, field, rest] = usual;
  const tokens = bySize !== undefined || name.includes('tokenlimit-');
  if (rest === undefined) return { kind: tokens ? 'tokens' : 'requests', field: field! };
  const parts = rest.split('-');
  const last = parts.at(-1)!;
  const window = Object.hasOwn(WINDOWS, last) ? last : undefined;
  const said = (window === undefined ? parts : parts.slice(0, -1)).join('-');
  const kind = said === '' ? (tokens ? 'tokens' : 'requests') : Object.hasOwn(KINDS, said) ? KINDS[said]! : undefined;
  return kind && { kind, ...(window !== undefined && { window }), field: field! };
}

/** `paid`: what goes beyond a plan's allowance is paid for otherwise. */
function roomOf({ kind, window, fields }: Found, now: number, ahead: number, paid: boolean): Room | undefined {
  const named = window === undefined ? {} : { window };
  if (kind === 'share') return shareOf(fields, named, now, ahead, paid);
  const remaining = numberIn(fields.get('remaining'));
  const limit = numberIn(fields.get('limit'));
  // A limit of nothing is how some say that there is none.
  if (remaining === undefined || limit === 0) return undefined;
  const said = fields.get('reset');
  const reset = said === undefined ? undefined : momentIn(said, now, ahead);
  return {
    kind,
    ...named,
    ...(limit !== undefined && { limit }),
    remaining: limit === undefined ? remaining : Math.min(remaining, limit),
    ...(reset !== undefined && { reset }),
    // Anthropic's and OpenAI's limits refill continuously, and what they call reset is the moment when all of it is there again.
    steady: window === undefined && limit !== undefined && said !== undefined && /[a-z]/i.test(said),
  };
}

function shareOf(fields: Map<string, string>, named: { window?: string }, now: number, ahead: number, paid: boolean): Room | undefined {
  const percent = numberIn(fields.get('used-percent'));
  const used = percent === undefined ? numberIn(fields.get('utilization')) : percent / 100;
  const status = fields.get('status');
  // Beyond its allowance an account may go on where it pays for that: only a refusal says that it may not.
  const refused = status === undefined ? used !== undefined && used >= 1 && !paid : status.startsWith('rejected');
  if (used === undefined && status === undefined) return undefined;
  const said = fields.get('reset') ?? fields.get('reset-at') ?? fields.get('reset-after-seconds');
  const reset = said === undefined ? undefined : momentIn(said, now, ahead);
  const left = used === undefined ? 1 : Math.max(0, 1 - used);
  const minutes = numberIn(fields.get('window-minutes'));
  return {
    kind: 'share',
    ...named,
    ...(minutes !== undefined && minutes > 0 && { window: minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m` }),
    limit: 1,
    remaining: refused ? 0 : Math.max(left, Number.EPSILON),
    ...(reset !== undefined && { reset }),
    steady: false,
  };
}

function numberIn(text: string | undefined): number | undefined {
  const match = text === undefined ? null : /^\s*(-?\d{1,15}(?:\.\d{1,9})?)/.exec(text);
  return match ? Math.max(0, Number(match[1])) : undefined;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SPAN = /^\s*(?:\d{1,12}(?:\.\d{1,9})?(?:ms|s|m|h|d))+\s*$/;
/** Smaller plain numbers are seconds from now; larger ones seconds since 1970 (2001 to 5138), and beyond that milliseconds. */
const FIRST_EPOCH_SECONDS = 1e9;
const FIRST_EPOCH_MILLISECONDS = 1e11;

/** A span, a plain number or a date as UTC milliseconds by our clock. */
function momentIn(text: string, now: number, ahead: number): number | undefined {
  if (SPAN.test(text)) return now + spanIn(text);
  const plain = /^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : undefined;
  if (plain === undefined) {
    const date = /\d{4}/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(date) ? undefined : date - ahead;
  }
  if (plain < FIRST_EPOCH_SECONDS) return now + plain * 1000;
  return (plain < FIRST_EPOCH_MILLISECONDS ? plain * 1000 : plain) - ahead;
}

function spanIn(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * UNITS[unit!]!;
  return total;
}

/** Larger bodies hold no error of Google's. */
const LARGEST_BODY = 64 * 1024;

/** Google's `QuotaFailure` (what is used up) and `RetryInfo` (for how long), in `error.details`. OpenRouter has headers in `error.metadata`. */
function quotasIn(body: string, now: number): Room[] {
  if (body.length > LARGEST_BODY || !(body.includes('violations') || body.includes('"headers"'))) return [];
  // A stream that fails without `alt=sse` answers with a list of one.
  const json = parseObject(body.replace(/^\s*\[/, '').replace(/\]\s*$/, ''));
  const error = isObject(json?.error) ? json.error : undefined;
  const metadata = isObject(error?.metadata) && isObject(error.metadata.headers) ? error.metadata.headers : undefined;
  if (metadata) return readRooms(lowered(metadata), now);
  const details = Array.isArray(error?.details) ? error.details.filter(isObject) : [];
  const delay = details.map(({ retryDelay }) => retryDelay).find((text): text is string => typeof text === 'string' && SPAN.test(text));
  const violations = details.flatMap((detail) => (Array.isArray(detail.violations) ? detail.violations.filter(isObject) : []));
  return violations.slice(0, MOST_ROOMS).flatMap((violation) => {
    const id = typeof violation.quotaId === 'string' ? violation.quotaId : '';
    const window = /Per(Second|Minute|Hour|Day|Month)/.exec(id)?.[1]?.toLowerCase();
    const metric = typeof violation.quotaMetric === 'string' ? violation.quotaMetric : '';
    if (id === '' && metric === '') return [];
    const limit = numberIn(typeof violation.quotaValue === 'number' ? String(violation.quotaValue) : asText(violation.quotaValue));
    // The delay that comes with a day's limit is one of seconds, and no use to anyone.
    const soon = window === undefined || window === 'second' || window === 'minute';
    return {
      kind: /input_token/.test(metric) ? 'input-tokens' : /token/.test(metric) ? 'tokens' : ('requests' as const),
      ...(window !== undefined && { window }),
      ...(limit !== undefined && limit > 0 && { limit }),
      remaining: 0,
      ...(delay !== undefined && soon && { reset: now + spanIn(delay) }),
      steady: false,
    };
  });
}

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lowered(headers: Record<string, Json | undefined>): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name.toLowerCase(), String(value)]] : [],
    ),
  );
}

/** How long a window lasts at most, in milliseconds, where its name says so. */
export function spanOf(window: string | undefined): number | undefined {
  return window !== undefined && Object.hasOwn(WINDOWS, window) ? WINDOWS[window] : undefined;
}
