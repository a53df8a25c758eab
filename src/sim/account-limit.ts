import type { Clock } from '../exchange/clock.ts';
import type { SimDialect } from './asked.ts';
import { usualError, type VendorError } from './errors.ts';

/** So many requests of each key in so many milliseconds; they come back one by one, as at Anthropic and OpenAI. */
export interface AccountLimit {
  requests: number;
  window: number;
}

/** What an account is told with its answer, and the refusal where nothing was left. */
export interface LimitTold {
  headers: Record<string, string>;
  refused?: VendorError;
}

/** Counts the requests of each key, and tells what is left in the words of each vendor. */
export function createAccountLimits(clock: Clock, { requests, window }: AccountLimit): (dialect: SimDialect, key: string) => LimitTold {
  const accounts = new Map<string, { left: number; at: number }>();

  return (dialect, key) => {
    const now = clock.now();
    const before = accounts.get(key) ?? { left: requests, at: now };
    const left = Math.min(requests, before.left + ((now - before.at) * requests) / window);
    const refused = left < 1;
    const after = refused ? left : left - 1;
    accounts.set(key, { left: after, at: now });
    const full = Math.ceil(((requests - after) * window) / requests);
    const wait = refused ? Math.ceil(((1 - left) * window) / requests) : 0;
    const headers = headersOf(dialect, requests, Math.floor(after), now, full);
    if (!refused) return { headers };
    const again = dialect === 'gemini' ? {} : { 'retry-after': String(Math.ceil(wait / 1000)) };
    const details = dialect === 'gemini' ? { details: { details: quotaFailure(requests, wait) } } : {};
    return { headers, refused: usualError(dialect, 'rate', 429, { headers: { ...headers, ...again }, ...details }) };
  };
}

function headersOf(dialect: SimDialect, limit: number, left: number, now: number, full: number): Record<string, string> {
  switch (dialect) {
    case 'anthropic-messages':
      return {
        'anthropic-ratelimit-requests-limit': String(limit),
        'anthropic-ratelimit-requests-remaining': String(left),
        'anthropic-ratelimit-requests-reset': new Date(now + full).toISOString(),
      };
    case 'openai-chat':
    case 'openai-responses':
      return {
        'x-ratelimit-limit-requests': String(limit),
        'x-ratelimit-remaining-requests': String(left),
        'x-ratelimit-reset-requests': full < 1000 ? `${full}ms` : `${Math.floor(full / 60_000)}m${(full % 60_000) / 1000}s`,
      };
    // Google says nothing of it before it is reached.
    case 'gemini':
      return {};
  }
}

function quotaFailure(limit: number, wait: number) {
  const quotaId = 'GenerateRequestsPerMinutePerProjectPerModel';
  const quotaMetric = 'generativelanguage.googleapis.com/generate_content_requests';
  return [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric, quotaId, quotaValue: String(limit) }] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.ceil(wait / 1000)}s` },
  ];
}
