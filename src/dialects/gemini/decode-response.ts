import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Extras, Part, ResultContent, ToolResultPart } from '../../exchange/part.ts';
import type { Fields } from './fields.ts';
import { DIALECT, PRODUCER } from './wire.ts';

const RESPONSE_FIELDS: ReadonlySet<string> = new Set(['id', 'name', 'response', 'parts']);

/** `functionResponse`: its `response` is an object of which `output` and `error` have a meaning; what else it may say is one JSON text. */
export function decodeResponse(
  response: JsonObject,
  callId: string,
  outside: JsonObject,
  at: string,
  media: (part: JsonObject) => Part | undefined,
  read: Fields,
): ToolResultPart {
  read.string(response.name, `${at}.name`);
  const said = response.response === undefined ? {} : read.object(response.response, `${at}.response`);
  const attached = response.parts === undefined ? [] : read.list(response.parts, `${at}.parts`);
  const { texts, isError } = words(said);
  const content: ResultContent[] = texts.filter((text) => text !== '').map((text) => ({ type: 'text', text }));
  for (const value of attached) {
    if (!isObject(value)) continue;
    const part = media(value);
    content.push(part?.type === 'image' || part?.type === 'document' ? part : { type: 'opaque', producer: PRODUCER, value });
  }
  const rest: JsonObject = {};
  for (const name in response) if (!RESPONSE_FIELDS.has(name)) rest[name] = response[name];
  const fields: JsonObject = { ...outside, ...(Object.keys(rest).length > 0 && { functionResponse: rest }) };
  const extras: Extras | undefined = Object.keys(fields).length === 0 ? undefined : { dialect: DIALECT, fields };
  return { type: 'tool-result', callId, content, isError, ...(extras && { extras }) };
}

function words(said: JsonObject): { texts: string[]; isError: boolean } {
  const names = Object.keys(said);
  if (names.length === 0) return { texts: [], isError: false };
  if (names.length === 1 && said.error !== undefined) return { texts: strings(said.error), isError: true };
  if (names.length === 1 && (typeof said.output === 'string' || isTexts(said.output)))
    return { texts: strings(said.output), isError: false };
  return { texts: [JSON.stringify(said)], isError: false };
}

function strings(value: JsonObject[string]): string[] {
  if (typeof value === 'string') return [value];
  return isTexts(value) ? (value as string[]) : [JSON.stringify(value)];
}

/** Several texts, as encode-results.ts writes them. */
function isTexts(value: JsonObject[string]): boolean {
  return Array.isArray(value) && value.length > 1 && value.every((text) => typeof text === 'string');
}
