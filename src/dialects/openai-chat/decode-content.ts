import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { AudioPart, DocumentPart, Extras, ImagePart, Part, Source, TextPart } from '../../exchange/part.ts';
import { others, type Fields } from '../openai-fields.ts';

/** Chat wants a name with every file; this one stands for none. */
export const UNTITLED = 'document.pdf';

const KNOWN = {
  text: new Set(['type', 'text']),
  refusal: new Set(['type', 'refusal']),
  image_url: new Set(['type', 'image_url']),
  input_audio: new Set(['type', 'input_audio']),
  file: new Set(['type', 'file']),
};

/** Content of any message: text, or a list of parts. `null` and absence are no parts. */
export function decodeContent(message: JsonObject, path: string, fields: Fields): Part[] {
  const content = message.content;
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    fields.report(`${path}.content`, 'must be a string or a list of parts');
    return [];
  }
  return content.flatMap((part, index) => decodePart(part, `${path}.content[${index}]`, fields) ?? []);
}

/** For roles whose content can only be text: everything else rides along as it came. */
export function decodeText(message: JsonObject, path: string, fields: Fields): TextPart[] {
  const texts: TextPart[] = [];
  for (const [index, part] of decodeContent(message, path, fields).entries()) {
    if (part.type === 'text') texts.push(part);
    else fields.report(`${path}.content[${index}].type`, `only text can stand here, not ${part.type}`);
  }
  return texts;
}

function decodePart(part: Json, path: string, fields: Fields): Part | undefined {
  if (!isObject(part)) return fields.report(path, 'must be an object with a type');
  const type = fields.needString(part, 'type', path);
  switch (type) {
    case 'text':
      return { type: 'text', text: fields.needString(part, 'text', path), ...extras(part, KNOWN.text) };
    case 'refusal':
      return { type: 'refusal', text: fields.needString(part, 'refusal', path) };
    case 'image_url':
      return decodeImage(part, path, fields);
    case 'input_audio':
      return decodeAudio(part, path, fields);
    case 'file':
      return decodeFile(part, path, fields);
    case '':
      return undefined;
    default:
      return { type: 'opaque', producer: { dialect: 'openai-chat' }, value: part };
  }
}

function decodeImage(part: JsonObject, path: string, fields: Fields): ImagePart | undefined {
  // Mistral takes the bare URL.
  const image = typeof part.image_url === 'string' ? { url: part.image_url } : fields.needObject(part, 'image_url', path);
  if (!image) return undefined;
  const url = fields.needString(image, 'url', `${path}.image_url`);
  const detail = fields.string(image, 'detail', `${path}.image_url`);
  if (url.startsWith('data:') && !readDataUrl(url))
    return fields.report(`${path}.image_url.url`, 'a data: URL must be base64, as in data:image/png;base64,…');
  return {
    type: 'image',
    source: readDataUrl(url) ?? { type: 'url', url },
    ...(detail !== undefined && { detail }),
    ...extras(part, KNOWN.image_url),
  };
}

function decodeAudio(part: JsonObject, path: string, fields: Fields): AudioPart | undefined {
  const audio = fields.needObject(part, 'input_audio', path);
  if (!audio) return undefined;
  const data = fields.needString(audio, 'data', `${path}.input_audio`);
  const format = fields.needString(audio, 'format', `${path}.input_audio`);
  return { type: 'audio', source: { type: 'base64', mediaType: audioType(format), data }, format, ...extras(part, KNOWN.input_audio) };
}

function decodeFile(part: JsonObject, path: string, fields: Fields): DocumentPart | undefined {
  const file = fields.needObject(part, 'file', path);
  if (!file) return undefined;
  const at = `${path}.file`;
  const id = fields.string(file, 'file_id', at);
  const data = fields.string(file, 'file_data', at);
  const name = fields.string(file, 'filename', at);
  let source: Source;
  if (data !== undefined) {
    // OpenAI documents bare base64, its clients send data: URLs.
    if (/^https?:\/\//.test(data)) source = { type: 'url', url: data };
    else source = readDataUrl(data) ?? { type: 'base64', mediaType: 'application/pdf', data };
  } else if (id !== undefined) source = { type: 'file', id, producer: { dialect: 'openai-chat' } };
  else return fields.report(at, 'needs file_data or file_id');
  return { type: 'document', source, ...(name !== undefined && name !== UNTITLED && { title: name }), ...extras(part, KNOWN.file) };
}

function extras(part: JsonObject, known: ReadonlySet<string>): { extras?: Extras } {
  const found = others(part, known);
  return found ? { extras: { dialect: 'openai-chat', fields: found } } : {};
}

function readDataUrl(url: string): Source | undefined {
  const match = /^data:([^;,]*)(?:;[^;,]+)*;base64,/.exec(url);
  return match ? { type: 'base64', mediaType: match[1]! || 'application/octet-stream', data: url.slice(match[0].length) } : undefined;
}

function audioType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}
