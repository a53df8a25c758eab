import type { Dialect } from '../dialect.ts';

/** `POST /responses/input_tokens`, whose body is that of a question. */
export const counting: NonNullable<Dialect['counting']> = {
  endpoint: () => '/responses/input_tokens',
  request: (body) => body,
  read: ({ input_tokens: tokens }) => (typeof tokens === 'number' ? tokens : undefined),
  estimate: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens, understudy_estimate: true }),
};
