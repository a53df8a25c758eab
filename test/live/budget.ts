import type { Service } from './services.ts';

/** What one request may take at most. The fault proxy lets nothing larger through, so what is said beforehand holds. */
export const MOST = {
  /** Bytes of a request body. */
  body: 16 * 1024,
  /** English text and JSON have more than two bytes a token. */
  inputTokens: 8 * 1024,
  outputTokens: 4000,
} as const;

/** Room for one retry of each request. */
const RETRIES = 2;

/** Requests that are let through to a service in all. */
export function mostCalls(planned: number): number {
  return planned * RETRIES;
}

/** Dollars; `undefined` where the price is not known. */
export function mostCost({ facts }: Service, planned: number): number | undefined {
  return facts.price && (mostCalls(planned) * (MOST.inputTokens * facts.price.input + MOST.outputTokens * facts.price.output)) / 1e6;
}

export function dollars(amount: number): string {
  return amount < 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`;
}
