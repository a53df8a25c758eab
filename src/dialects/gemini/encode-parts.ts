import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, ImagePart, Part, Source, ToolCallPart } from '../../exchange/part.ts';
import { flatName } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import type { LossLog } from '../losses.ts';
import { typeOfUrl } from './media.ts';
import { wireName } from './names.ts';
import { isOwn, signatureAt } from './own-signature.ts';

/** Writes a part that is neither reasoning nor a result; an empty list: there is nothing to write, and the log knows why. */
export type PartWriter = (part: Exclude<Part, { type: 'reasoning' | 'tool-result' }>, at: string) => JsonObject[];

export function partWriter(facts: TargetFacts, losses: LossLog): PartWriter {
  function media(part: ImagePart | DocumentPart | AudioPart, kind: string, at: string): JsonObject[] {
    const refused = (kind === 'image' && facts.images === false) || (kind === 'document' && facts.documents === false);
    const { inlineData, fileData, ...outside } = losses.own(part.extras, at);
    if (refused) {
      losses.lose(at, `${facts.model} does not take ${kind}s`);
      return omitted(kind);
    }
    const title = part.type === 'document' && part.title !== undefined ? { displayName: part.title } : {};
    const from = part.source;
    if (from.type === 'text' && part.type !== 'document') {
      losses.lose(at, `${kind === 'image' ? 'an image' : 'sound'} can not be text`);
      return omitted(kind);
    }
    if (from.type === 'base64' || from.type === 'text') {
      return [{ inlineData: { ...inline(from), ...title, ...objectOf(inlineData) }, ...outside }];
    }
    const uri = from.type === 'url' ? from.url : isOwn(from.producer, facts) ? from.id : undefined;
    if (uri === undefined) {
      losses.lose(at, 'the file lies with another provider');
      return omitted(kind);
    }
    const data = /^data:([^;,]+)[^,]*;base64,(.*)$/s.exec(uri);
    if (data) return [{ inlineData: { mimeType: data[1]!, data: data[2]!, ...title }, ...outside }];
    const mimeType = typeOfUrl(uri);
    return [{ fileData: { fileUri: uri, ...(mimeType !== undefined && { mimeType }), ...title, ...objectOf(fileData) }, ...outside }];
  }

  function call(part: ToolCallPart, at: string): JsonObject {
    const args = part.arguments.trim() === '' ? {} : parseObject(part.arguments);
    if (!args) losses.lose(`${at}.arguments`, 'they are not a JSON object; sent as text under "arguments"');
    const { functionCall: more, ...outside } = losses.own(part.extras, at);
    return {
      functionCall: { id: part.id, name: wireName(flatName(part)), args: args ?? { arguments: part.arguments }, ...objectOf(more) },
      ...outside,
    };
  }

  return (part, at) => {
    switch (part.type) {
      case 'text': {
        const own = losses.own(part.extras, at);
        return part.text === '' && Object.keys(own).length === 0 ? [] : [{ text: part.text, ...own }];
      }
      case 'tool-call':
        return [call(part, at)];
      case 'image':
        if (part.detail !== undefined) losses.lose(`${at}.detail`, 'Gemini has another scale of resolutions');
        return media(part, 'image', at);
      case 'document':
        return media(part, 'document', at);
      case 'audio':
        return media(part, 'audio', at);
      case 'refusal':
        losses.lose(at, 'Gemini has no refusal part; sent as text');
        return part.text === '' ? [] : [{ text: part.text }];
      case 'opaque':
        if (isOwn(part.producer, facts) && isObject(part.value)) return [withOwnSignature(part.value, facts)];
        losses.lose(at, `only ${part.producer.vendor ?? part.producer.dialect} understands it`);
        return [];
    }
  };
}

/** Parts without a neutral word keep their signatures themselves. */
function withOwnSignature(part: JsonObject, facts: TargetFacts): JsonObject {
  const { thoughtSignature, ...rest } = part;
  if (typeof thoughtSignature !== 'string') return { ...part };
  const found = signatureAt(thoughtSignature, facts);
  return 'own' in found ? { ...rest, thoughtSignature: found.own } : rest;
}

function inline(from: Extract<Source, { type: 'base64' | 'text' }>): JsonObject {
  const data = from.type === 'text' ? Buffer.from(from.text).toString('base64') : from.data;
  return { mimeType: from.mediaType, data };
}

function omitted(kind: string): JsonObject[] {
  return [{ text: `[${kind} omitted: it could not be shown to this model]` }];
}

function objectOf(value: JsonObject[string]): JsonObject {
  return isObject(value) ? value : {};
}
