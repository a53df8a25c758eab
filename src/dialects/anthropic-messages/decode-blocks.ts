import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Extras, OpaquePart, Part, ReasoningPart, ResultContent, Source, TextPart } from '../../exchange/part.ts';
import { unwrap } from '../envelope.ts';
import type { Fields } from '../fields.ts';
import { restore } from '../legal-names.ts';
import { DIALECT, extrasOf, PRODUCER } from './wire.ts';

const TEXT_FIELDS = new Set(['type', 'text']);
const SOURCE_FIELDS = new Set(['type', 'source']);
const DOCUMENT_FIELDS = new Set(['type', 'source', 'title']);
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input']);
const RESULT_FIELDS = new Set(['type', 'tool_use_id', 'content', 'is_error']);
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const REDACTED_FIELDS = new Set(['type', 'data']);

/** Content of a message: a string, or blocks. Blocks without a neutral word are opaque. */
export function decodeContent(content: Json | undefined, at: string, read: Fields): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return blocksOf(content, at, read).map(([block, place]) => decodeBlock(block, place, read));
}

/** Text blocks of a system prompt. */
export function decodeSystem(content: Json | undefined, at: string, read: Fields): (TextPart | OpaquePart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return blocksOf(content, at, read).map(([block, place]) => (block.type === 'text' ? textPart(block, place, read) : opaque(block)));
}

function blocksOf(content: Json | undefined, at: string, read: Fields): [JsonObject, string][] {
  if (!Array.isArray(content)) {
    read.wrong(
      at,
      content === undefined ? 'is missing; it must be a string or an array of blocks' : 'must be a string or an array of blocks',
    );
    return [];
  }
  return content.map((value, index) => {
    const place = `${at}[${index}]`;
    const block = read.object(value, place);
    if (isObject(value)) read.string(block.type, `${place}.type`);
    return [block, place];
  });
}

function decodeBlock(block: JsonObject, at: string, read: Fields): Part {
  switch (block.type) {
    case 'text':
      return textPart(block, at, read);
    case 'image':
    case 'document':
      return media(block, at, read);
    case 'tool_use':
      return {
        type: 'tool-call',
        id: restore(read.string(block.id, `${at}.id`)),
        name: restore(read.string(block.name, `${at}.name`)),
        arguments: JSON.stringify(read.object(block.input, `${at}.input`)),
        ...withExtras(extrasOf(block, CALL_FIELDS)),
      };
    case 'tool_result':
      return {
        type: 'tool-result',
        callId: restore(read.string(block.tool_use_id, `${at}.tool_use_id`)),
        content: resultContent(block.content, `${at}.content`, read),
        isError: block.is_error === undefined ? false : read.boolean(block.is_error, `${at}.is_error`),
        ...withExtras(extrasOf(block, RESULT_FIELDS)),
      };
    case 'thinking':
      return thinking(block, at, read);
    case 'redacted_thinking':
      return redacted(block, at, read);
    default:
      return opaque(block);
  }
}

function textPart(block: JsonObject, at: string, read: Fields): TextPart {
  return { type: 'text', text: read.string(block.text, `${at}.text`), ...withExtras(extrasOf(block, TEXT_FIELDS)) };
}

function media(block: JsonObject, at: string, read: Fields): Part & ResultContent {
  const source = decodeSource(read.object(block.source, `${at}.source`), `${at}.source`, read);
  if (source === undefined) return opaque(block);
  if (block.type === 'image') return { type: 'image', source, ...withExtras(extrasOf(block, SOURCE_FIELDS)) };
  return {
    type: 'document',
    source,
    ...(typeof block.title === 'string' && { title: block.title }),
    ...withExtras(extrasOf(block, DOCUMENT_FIELDS)),
  };
}

/** `undefined` for sources without a neutral word: blocks within a document, or what is yet to be invented. */
function decodeSource(source: JsonObject, at: string, read: Fields): Source | undefined {
  switch (source.type) {
    case 'base64':
      return {
        type: 'base64',
        mediaType: read.string(source.media_type, `${at}.media_type`),
        data: read.string(source.data, `${at}.data`),
      };
    case 'url':
      return { type: 'url', url: read.string(source.url, `${at}.url`) };
    case 'text':
      return {
        type: 'text',
        mediaType: read.string(source.media_type, `${at}.media_type`),
        text: read.string(source.data, `${at}.data`),
      };
    case 'file':
      return { type: 'file', id: read.string(source.file_id, `${at}.file_id`), producer: PRODUCER };
    default:
      read.string(source.type, `${at}.type`);
      return undefined;
  }
}

function resultContent(content: Json | undefined, at: string, read: Fields): ResultContent[] {
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return blocksOf(content, at, read).map(([block, place]) => {
    if (block.type === 'text') return textPart(block, place, read);
    return block.type === 'image' || block.type === 'document' ? media(block, place, read) : opaque(block);
  });
}

/** A signature that is one of our envelopes belongs to somebody else's reasoning, which comes back as it was. */
function thinking(block: JsonObject, at: string, read: Fields): ReasoningPart {
  const text = read.string(block.thinking, `${at}.thinking`);
  const signature = block.signature === undefined ? '' : read.string(block.signature, `${at}.signature`);
  const envelope = unwrap(signature);
  const kept = envelope && isObject(envelope.value) ? envelope.value : undefined;
  if (envelope && kept) return { type: 'reasoning', text, producer: envelope.producer, ...keptSecrets(kept) };
  return {
    type: 'reasoning',
    text,
    producer: PRODUCER,
    ...(signature !== '' && { signature }),
    ...withExtras(extrasOf(block, THINKING_FIELDS)),
  };
}

function redacted(block: JsonObject, at: string, read: Fields): ReasoningPart {
  const data = read.string(block.data, `${at}.data`);
  const envelope = unwrap(data);
  const kept = envelope && isObject(envelope.value) ? envelope.value : undefined;
  if (envelope && kept) return { type: 'reasoning', text: '', producer: envelope.producer, ...keptSecrets(kept) };
  return { type: 'reasoning', text: '', redacted: data, producer: PRODUCER, ...withExtras(extrasOf(block, REDACTED_FIELDS)) };
}

/** What a reasoning envelope keeps: see `reasoningEnvelope` in encode-blocks.ts. */
function keptSecrets(kept: JsonObject): Pick<ReasoningPart, 'signature' | 'redacted' | 'extras'> {
  const extras = kept.extras;
  return {
    ...(typeof kept.signature === 'string' && { signature: kept.signature }),
    ...(typeof kept.redacted === 'string' && { redacted: kept.redacted }),
    ...(isObject(extras) && isObject(extras.fields) && { extras: { dialect: extras.dialect as Extras['dialect'], fields: extras.fields } }),
  };
}

function opaque(block: JsonObject): OpaquePart {
  return { type: 'opaque', producer: { dialect: DIALECT }, value: block };
}

function withExtras(extras: Extras | undefined): { extras?: Extras } {
  return extras ? { extras } : {};
}
