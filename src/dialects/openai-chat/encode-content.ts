import type { ChatCompletionContentPart } from 'openai/resources/chat/completions';
import type { AudioPart, DocumentPart, ImagePart, Part, Source, TextPart } from '../../exchange/part.ts';
import type { TargetFacts } from '../target-facts.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { asJson } from './as-json.ts';
import { UNTITLED } from './decode-content.ts';
import type { LossLog } from '../losses.ts';

/**
 * A part of a user's message. What the target cannot take becomes a line of text that says so: the model should know that
 * something was there. `undefined`: nothing is left of it.
 */
export function encodePart(part: Part, where: string, facts: TargetFacts, losses: LossLog): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return withExtras({ type: 'text', text: part.text }, part, where, losses);
    case 'image':
      return encodeImage(part, where, facts, losses);
    case 'document':
      return encodeDocument(part, where, facts, losses);
    case 'audio':
      return encodeAudio(part, where, losses);
    case 'refusal':
      return asJson(text(part.text));
    case 'opaque':
      if (part.producer.dialect === 'openai-chat' && isObject(part.value) && typeof part.value.type === 'string') return part.value;
      losses.lose(where, `only ${part.producer.dialect} knows this part`);
      return undefined;
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      losses.lose(where, `a ${part.type} cannot stand in a user's message`);
      return undefined;
  }
}

function encodeImage(part: ImagePart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const url = sourceUrl(part.source);
  if (facts.images === false || url === undefined) {
    losses.lose(where, facts.images === false ? `${facts.model} takes no images` : 'chat has no ids of images');
    return asJson(text('[An image was here that cannot be shown to you.]'));
  }
  const image: JsonObject = { url };
  if (part.detail !== undefined) image.detail = part.detail;
  return withExtras({ type: 'image_url', image_url: image }, part, where, losses);
}

function encodeDocument(part: DocumentPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const { source, title } = part;
  if (source.type === 'text')
    return withExtras({ type: 'text', text: title ? `${title}\n\n${source.text}` : source.text }, part, where, losses);
  if (facts.documents === false) {
    losses.lose(where, `${facts.model} takes no documents`);
    return asJson(text(`[A document${title ? ` (${title})` : ''} was here that cannot be shown to you.]`));
  }
  if (source.type === 'base64') {
    const file = { filename: title ?? UNTITLED, file_data: `data:${source.mediaType};base64,${source.data}` };
    return withExtras({ type: 'file', file }, part, where, losses);
  }
  if (source.type === 'file' && isOurs(source.producer, facts)) {
    return withExtras({ type: 'file', file: { file_id: source.id, ...(title !== undefined && { filename: title }) } }, part, where, losses);
  }
  if (source.type === 'url') {
    losses.lose(where, 'chat takes no documents by URL; the model is told the address');
    return asJson(text(`[Document${title ? ` "${title}"` : ''}: ${source.url}]`));
  }
  losses.lose(where, 'the file lies with another provider');
  return asJson(text(`[A document${title ? ` (${title})` : ''} was here that cannot be shown to you.]`));
}

function encodeAudio(part: AudioPart, where: string, losses: LossLog): JsonObject {
  if (part.source.type !== 'base64') {
    losses.lose(where, 'chat takes audio only as data');
    return asJson(text('[An audio clip was here that cannot be played to you.]'));
  }
  const format = part.format ?? (part.source.mediaType === 'audio/mpeg' ? 'mp3' : part.source.mediaType.replace(/^audio\/(x-)?/, ''));
  return withExtras({ type: 'input_audio', input_audio: { data: part.source.data, format } }, part, where, losses);
}

/** Files and other ids belong to the vendor that issued them; chat clients do not say which that was. */
function isOurs(producer: { dialect: string; vendor?: string }, facts: TargetFacts): boolean {
  return producer.vendor === undefined ? producer.dialect === 'openai-chat' : producer.vendor === facts.vendor;
}

function sourceUrl(source: Source): string | undefined {
  switch (source.type) {
    case 'url':
      return source.url;
    case 'base64':
      return `data:${source.mediaType};base64,${source.data}`;
    case 'text':
      return `data:${source.mediaType};base64,${Buffer.from(source.text).toString('base64')}`;
    case 'file':
      return undefined;
  }
}

export function text(value: string): ChatCompletionContentPart & { type: 'text' } {
  return { type: 'text', text: value };
}

function withExtras(wire: JsonObject, part: TextPart | ImagePart | DocumentPart | AudioPart, where: string, losses: LossLog): JsonObject {
  return { ...wire, ...losses.own(part.extras, where) };
}

/** One plain text is a string, which every service understands; more is a list. */
export function plain(content: JsonObject[]): Json {
  const only = content[0];
  if (content.length === 0) return '';
  if (content.length === 1 && only?.type === 'text' && typeof only.text === 'string' && Object.keys(only).length === 2) return only.text;
  return content;
}
