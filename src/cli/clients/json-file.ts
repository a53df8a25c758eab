import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Situation } from './client.ts';

/** A client's JSON settings, comments allowed as its makers allow them; `undefined` where there is none or it cannot be read. */
export function readJson(situation: Pick<Situation, 'read'>, path: string): JsonObject | undefined {
  const text = situation.read(path);
  return text === undefined ? undefined : (parseObject(text) ?? parseObject(withoutComments(text)));
}

/** What `path` leads to in settings. */
export function at(settings: Json | undefined, ...path: readonly string[]): Json | undefined {
  let value = settings;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return value;
}

/** Objects are merged, everything else is replaced by what `over` says. */
export function merged(under: JsonObject, over: JsonObject): JsonObject {
  const all: JsonObject = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = all[key];
    all[key] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return all;
}

/** Takes `//` and block comments and trailing commas out, not those within strings. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string: string | undefined) => string ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_all, string: string | undefined) => string ?? '');
}
