import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask } from '../ports.ts';

/** A request that says that it may have been made before. */
export type Repeated =
  /** By the client's own name for it. */
  | { by: 'key'; key: string }
  /** By an SDK that counts its retries and names nothing; 0 is the first time. */
  | { by: 'count'; count: number };

/**
 * `undefined` for most. OpenAI's and Anthropic's SDKs (made by Stainless) count in `x-stainless-retry-count` and send no Idempotency-Key by
 * themselves (openai 7.57.0, @anthropic-ai/sdk 1.12.0: neither names a header for its `idempotencyKey`); Google's and Vercel's send neither.
 */
export function repeatedBy(headers: IncomingHttpHeaders): Repeated | undefined {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key !== '') return { by: 'key', key };
  const count = headers['x-stainless-retry-count'];
  return typeof count === 'string' && /^\d{1,4}$/.test(count) ? { by: 'count', count: Number(count) } : undefined;
}

/** Characters of a key: more than any UUID, as much as Stripe takes. */
export const LONGEST_KEY = 255;

export function hashOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('base64url');
}

/** What was asked: of which place, by which route, with which body. Whether it is to be streamed is in one of these. */
export function questionHash({ path, route }: Pick<Ask, 'path' | 'route'>, body: Buffer): string {
  return hashOf(path, route ?? '', body);
}
