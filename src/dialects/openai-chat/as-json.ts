import type { JsonObject } from '../../exchange/json.ts';

/** The SDK's interfaces describe JSON but have no index signature; this says that a value built by them is JSON. */
export function asJson(value: object): JsonObject {
  return value as JsonObject;
}
