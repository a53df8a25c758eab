import { isObject } from '../../exchange/json.ts';
import type { Dialect } from '../dialect.ts';
import { camel } from './camel.ts';
import { countEndpoint } from './path.ts';

/** `:countTokens`, whose body is `contents` alone, or a whole request under `generateContentRequest`. */
export const counting: NonNullable<Dialect['counting']> = {
  endpoint: countEndpoint,
  request(body) {
    const whole = camel(body).generateContentRequest;
    return isObject(whole) ? whole : body;
  },
  read(body) {
    const { totalTokens } = camel(body);
    return typeof totalTokens === 'number' ? totalTokens : undefined;
  },
  estimate: (tokens) => ({ totalTokens: tokens, understudy_estimate: true }),
};
