import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { ToolResultPart } from '../../exchange/part.ts';
import type { PartWriter } from './encode-parts.ts';
import type { LossLog } from '../losses.ts';

/** The result of one call, and what of it has to stand beside the results because the model takes no media in them. */
export interface WrittenResult {
  part: JsonObject;
  beside: JsonObject[];
}

/** For a call whose result the client never sent: Gemini demands as many results as calls. */
export const NO_RESULT = 'No result of this call was recorded.';

/**
 * A `functionResponse`. Gemini 3 takes media in it (`Multimodal function responses are not supported`, say the ones before), as bytes only:
 * what lies behind an address goes beside the results, as all media do for older models.
 */
export function encodeResult(
  part: ToolResultPart,
  name: string,
  at: string,
  mediaInside: boolean,
  write: PartWriter,
  losses: LossLog,
): WrittenResult {
  const texts: string[] = [];
  const inside: JsonObject[] = [];
  const beside: JsonObject[] = [];
  for (const [index, content] of part.content.entries()) {
    const place = `${at}.content[${index}]`;
    if (content.type === 'text') {
      losses.own(content.extras, place);
      texts.push(content.text);
      continue;
    }
    for (const piece of write(content, place)) {
      if (typeof piece.text === 'string') {
        texts.push(piece.text);
      } else if (content.type === 'opaque' || (mediaInside && piece.inlineData !== undefined)) {
        inside.push(piece);
      } else {
        if (beside.length === 0) beside.push({ text: `From the result of ${name} (${part.callId}):` });
        beside.push(piece);
        losses.lose(place, 'moved behind the results, labelled with its call: this model takes no such media in them. Nothing is lost');
      }
    }
  }
  if (beside.length > 0) texts.push('[What else belongs to this result follows after the results.]');
  const { functionResponse: more, ...outside } = losses.own(part.extras, at);
  return {
    part: {
      functionResponse: {
        id: part.callId,
        name,
        response: responseOf(texts, part.isError),
        ...(inside.length > 0 && { parts: inside }),
        ...(more as JsonObject | undefined),
      },
      ...outside,
    },
    beside,
  };
}

export function missingResult(id: string, name: string): JsonObject {
  return { functionResponse: { id, name, response: { error: NO_RESULT } } };
}

/**
 * `output` and `error` are what Google's reference asks for. A text that is a JSON object goes as that object, unless it says one of those
 * words itself, or `$ref`, which Gemini takes for a reference to attached media and refuses (NousResearch/hermes-agent#93014).
 */
function responseOf(texts: readonly string[], isError: boolean): JsonObject {
  if (texts.length > 1) return { [isError ? 'error' : 'output']: [...texts] };
  const [text] = texts;
  if (text === undefined) return isError ? { error: '' } : {};
  const object = text.startsWith('{') && !text.includes('"$ref"') ? parseObject(text) : undefined;
  const exact = object !== undefined && Object.keys(object).length > 0 && JSON.stringify(object) === text;
  if (isError) return { error: exact ? object : text };
  return exact && object.output === undefined && object.error === undefined ? object : { output: text };
}
