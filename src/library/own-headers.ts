import { vendorOf } from './maker.ts';

type Headers = Record<string, string | undefined>;

/** Whoever may read them may use them: a model's package has its own. */
const CREDENTIALS = /^(authorization|proxy-authorization|cookie|x-api-key|x-goog-api-key|api-key)$/;
/** Headers of one vendor's own, by their beginnings. */
const OF_VENDORS: readonly [vendor: RegExp, header: RegExp][] = [
  [/^anthropic/, /^(anthropic-|x-claude-)/],
  [/openai|^azure/, /^(openai-|x-openai-)/],
  [/^(google|vertex)/, /^(x-goog-|x-gemini-)/],
];

/**
 * A call's own headers (`headers` of generateText) for one of the models: credentials go to none of them, since it is not said whose they
 * are, and a vendor's headers to no other.
 */
export function headersFor(headers: Headers | undefined, provider: string): Headers | undefined {
  if (!headers) return undefined;
  const vendor = vendorOf(provider);
  return Object.fromEntries(
    Object.entries(headers).filter(([given]) => {
      const name = given.toLowerCase();
      return !CREDENTIALS.test(name) && OF_VENDORS.every(([whose, header]) => !header.test(name) || whose.test(vendor));
    }),
  );
}

export function credentialsIn(headers: Headers | undefined): string[] {
  return Object.keys(headers ?? {}).filter((name) => CREDENTIALS.test(name.toLowerCase()));
}
