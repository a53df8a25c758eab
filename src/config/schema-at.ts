import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';

/** Every schema that a value at a path may have to fit, choices taken apart: walks a JSON Schema down its properties and items. */
export function schemasAt(path: readonly PropertyKey[], schema: JsonObject): JsonObject[] {
  let places = alternatives(schema);
  for (const step of path) {
    places = places.flatMap((place) => {
      const next = below(place, step);
      return isObject(next) ? alternatives(next) : [];
    });
  }
  return places;
}

function below(place: JsonObject, step: PropertyKey): Json | undefined {
  if (typeof step === 'number') return place['items'];
  const properties = isObject(place['properties']) ? place['properties'] : {};
  return Object.hasOwn(properties, step) ? properties[String(step)] : place['additionalProperties'];
}

function alternatives(place: JsonObject): JsonObject[] {
  const choices = place['anyOf'];
  return Array.isArray(choices) ? choices.filter(isObject).flatMap(alternatives) : [place];
}
