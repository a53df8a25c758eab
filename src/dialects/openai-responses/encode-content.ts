import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, ImagePart, OpaquePart, Part, Producer, Source } from '../../exchange/part.ts';
import { wireCallId } from './call-ids.ts';
import type { LossLog } from '../losses.ts';
import type { TargetFacts } from '../target-facts.ts';
import { UNTITLED } from './decode-content.ts';
import { isReadable } from './reasoning-item.ts';
import { VENDOR } from './wire.ts';

/**
 * A part of what the client says, or of what a tool gave. What the target cannot take becomes a line of text that says so: the model should
 * know that something was there. `undefined`: nothing is left of it.
 */
export function encodePart(part: Part, where: string, facts: TargetFacts, losses: LossLog): JsonObject | undefined {
  switch (part.type) {
    case 'text': {
      const { phase: _phase, item: _item, id: _id, ...own } = losses.own(part.extras, where);
      return { ...own, ...inputText(part.text) };
    }
    case 'image':
      return encodeImage(part, where, facts, losses);
    case 'document':
      return encodeDocument(part, where, facts, losses);
    case 'audio':
      return encodeAudio(part, where, facts, losses);
    case 'refusal':
      return inputText(part.text);
    case 'opaque': {
      const own = ownValue(part, facts);
      if (own && isObject(own.content)) return own.content;
      losses.lose(where, own ? 'it cannot stand inside of a message' : `only ${part.producer.dialect} knows this part`);
      return undefined;
    }
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      losses.lose(where, `a ${part.type} cannot stand in a user's message`);
      return undefined;
  }
}

/** Parts of a list that is called `where`. */
export function encodeParts(parts: readonly Part[], where: string, facts: TargetFacts, losses: LossLog): JsonObject[] {
  return parts.flatMap((part, index): JsonObject[] => {
    const piece = encodePart(part, `${where}[${index}]`, facts, losses);
    return piece ? [piece] : [];
  });
}

export function inputText(text: string): JsonObject {
  return { type: 'input_text', text };
}

/**
 * What this target's own dialect and vendor made; `undefined`: it is somebody else's. xAI's own tools are called under an empty id, which
 * OpenAI takes from nobody.
 */
export function ownValue(part: OpaquePart, facts: TargetFacts): JsonObject | undefined {
  if (!isReadable(part.producer, facts) || !isObject(part.value)) return undefined;
  const { value } = part;
  return typeof value.call_id === 'string' ? { ...value, call_id: wireCallId(value.call_id) } : value;
}

function encodeImage(part: ImagePart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const source = fileOrUrl(part.source, facts);
  const own = losses.own(part.extras, where);
  if (facts.images !== false && source) return { type: 'input_image', detail: part.detail ?? 'auto', ...source, ...own };
  losses.lose(where, facts.images === false ? `${facts.model} takes no images` : 'the file lies with another provider');
  return inputText('[An image was here that cannot be shown to you.]');
}

function fileOrUrl(source: Source, facts: TargetFacts): JsonObject | undefined {
  switch (source.type) {
    case 'url':
      return { image_url: source.url };
    case 'base64':
      return { image_url: `data:${source.mediaType};base64,${source.data}` };
    case 'text':
      return { image_url: `data:${source.mediaType};base64,${Buffer.from(source.text).toString('base64')}` };
    case 'file':
      return holdsFile(source.producer, facts) ? { file_id: source.id } : undefined;
  }
}

function encodeDocument(part: DocumentPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const { source, title } = part;
  const own = losses.own(part.extras, where);
  if (source.type === 'text') return { ...inputText(title ? `${title}\n\n${source.text}` : source.text), ...own };
  const name = title ? ` (${title})` : '';
  if (facts.documents === false) losses.lose(where, `${facts.model} takes no documents`);
  else if (source.type === 'base64')
    return { type: 'input_file', filename: title ?? UNTITLED, file_data: `data:${source.mediaType};base64,${source.data}`, ...own };
  else if (source.type === 'url')
    return { type: 'input_file', file_url: source.url, ...(title !== undefined && { filename: title }), ...own };
  else if (holdsFile(source.producer, facts))
    return { type: 'input_file', file_id: source.id, ...(title !== undefined && { filename: title }), ...own };
  else losses.lose(where, 'the file lies with another provider');
  return inputText(`[A document${name} was here that cannot be shown to you.]`);
}

function encodeAudio(part: AudioPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const own = losses.own(part.extras, where);
  if (facts.vendor !== VENDOR && part.source.type === 'base64') {
    const format = part.format ?? (part.source.mediaType === 'audio/mpeg' ? 'mp3' : part.source.mediaType.replace(/^audio\/(x-)?/, ''));
    return { type: 'input_audio', input_audio: { data: part.source.data, format }, ...own };
  }
  losses.lose(where, facts.vendor === VENDOR ? "OpenAI's Responses take no audio" : 'audio is taken only as data');
  return inputText('[An audio clip was here that cannot be played to you.]');
}

/** OpenAI's files have the same ids in both of its dialects. */
function holdsFile(producer: Producer, facts: TargetFacts): boolean {
  return isReadable(producer, facts) || (producer.dialect === 'openai-chat' && facts.vendor === VENDOR);
}
