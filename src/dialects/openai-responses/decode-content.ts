import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, Extras, ImagePart, Part, ResultContent, Source, TextPart } from '../../exchange/part.ts';
import { others, type Fields } from '../openai-fields.ts';
import { DIALECT, PRODUCER } from './wire.ts';

/** OpenAI wants a name with the data of a file; this one stands for none. */
export const UNTITLED = 'document.pdf';

const KNOWN = {
  text: new Set(['type', 'text', 'annotations', 'logprobs']),
  image: new Set(['type', 'image_url', 'file_id', 'detail']),
  file: new Set(['type', 'file_data', 'file_url', 'file_id', 'filename']),
  audio: new Set(['type', 'input_audio']),
};

/** Content of a message: text, or a list of parts. */
export function decodeContent(content: Json | undefined, path: string, fields: Fields): Part[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    fields.report(path, 'must be a string or a list of parts');
    return [];
  }
  return content.flatMap((part, index) => decodePart(part, `${path}[${index}]`, fields) ?? []);
}

/** What a tool gave: text, or a list of texts, images and files. */
export function decodeOutput(output: Json | undefined, path: string, fields: Fields): ResultContent[] {
  return decodeContent(output, path, fields).flatMap((part): ResultContent[] => {
    if (part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'opaque') return [part];
    fields.report(path, `a tool's output can't hold a part of type ${part.type}`);
    return [];
  });
}

function decodePart(part: Json, path: string, fields: Fields): Part | undefined {
  if (!isObject(part)) return fields.report(path, 'must be an object with a type');
  switch (fields.needString(part, 'type', path)) {
    case 'input_text':
    case 'output_text':
    // Some services' clients name it as chat does.
    case 'text':
      return decodeText(part, path, fields);
    case 'refusal':
      return { type: 'refusal', text: fields.needString(part, 'refusal', path) };
    case 'input_image':
      return decodeImage(part, path, fields);
    case 'input_file':
      return decodeFile(part, path, fields);
    case 'input_audio':
      return decodeAudio(part, path, fields);
    case '':
      return undefined;
    default:
      // Told from an unknown item by the field that it is under.
      return { type: 'opaque', producer: PRODUCER, value: { content: part } };
  }
}

function decodeText(part: JsonObject, path: string, fields: Fields): TextPart {
  const rest: JsonObject = { ...others(part, KNOWN.text) };
  for (const name of ['annotations', 'logprobs']) {
    const list = part[name];
    if (Array.isArray(list) && list.length > 0) rest[name] = list;
  }
  return { type: 'text', text: fields.needString(part, 'text', path), ...extras(rest) };
}

function decodeImage(part: JsonObject, path: string, fields: Fields): ImagePart | undefined {
  const url = fields.string(part, 'image_url', path);
  const id = fields.string(part, 'file_id', path);
  const detail = fields.string(part, 'detail', path);
  let source: Source;
  if (url !== undefined) {
    const data = readDataUrl(url);
    if (url.startsWith('data:') && !data)
      return fields.report(`${path}.image_url`, 'a data: URL must be base64, as in data:image/png;base64,…');
    source = data ?? { type: 'url', url };
  } else if (id !== undefined) source = { type: 'file', id, producer: PRODUCER };
  else return fields.report(path, 'needs image_url or file_id');
  // `auto` is what absence means.
  return { type: 'image', source, ...(detail !== undefined && detail !== 'auto' && { detail }), ...extras(others(part, KNOWN.image)) };
}

function decodeFile(part: JsonObject, path: string, fields: Fields): DocumentPart | undefined {
  const data = fields.string(part, 'file_data', path);
  const url = fields.string(part, 'file_url', path);
  const id = fields.string(part, 'file_id', path);
  const name = fields.string(part, 'filename', path);
  let source: Source;
  // OpenAI documents bare base64, its clients send data: URLs.
  if (data !== undefined) source = readDataUrl(data) ?? { type: 'base64', mediaType: 'application/pdf', data };
  else if (url !== undefined) source = { type: 'url', url };
  else if (id !== undefined) source = { type: 'file', id, producer: PRODUCER };
  else return fields.report(path, 'needs file_data, file_url or file_id');
  return { type: 'document', source, ...(name !== undefined && name !== UNTITLED && { title: name }), ...extras(others(part, KNOWN.file)) };
}

function decodeAudio(part: JsonObject, path: string, fields: Fields): AudioPart | undefined {
  const audio = fields.needObject(part, 'input_audio', path);
  if (!audio) return undefined;
  const data = fields.needString(audio, 'data', `${path}.input_audio`);
  const format = fields.needString(audio, 'format', `${path}.input_audio`);
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
  return { type: 'audio', source: { type: 'base64', mediaType, data }, format, ...extras(others(part, KNOWN.audio)) };
}

export function extras(found: JsonObject | undefined): { extras?: Extras } {
  return found && Object.keys(found).length > 0 ? { extras: { dialect: DIALECT, fields: found } } : {};
}

function readDataUrl(url: string): Source | undefined {
  const match = /^data:([^;,]*)(?:;[^;,]+)*;base64,/.exec(url);
  return match ? { type: 'base64', mediaType: match[1]! || 'application/octet-stream', data: url.slice(match[0].length) } : undefined;
}
