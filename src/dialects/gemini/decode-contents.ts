import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Extras, OpaquePart, Part, ReasoningPart, ResultContent, TextPart, ToolCallPart } from '../../exchange/part.ts';
import type { Message } from '../../exchange/request.ts';
import { unwrap } from '../envelope.ts';
import { camel } from './camel.ts';
import { decodeResponse } from './decode-response.ts';
import type { Fields } from './fields.ts';
import { inlineSource, mediaPart, typeOfUrl, unsaidType, uriSource } from './media.ts';
import { homeExtras } from './signature-home.ts';
import { isPlaceholder } from './step-signatures.ts';
import { DIALECT, PRODUCER } from './wire.ts';

/** Calls whose results have not come yet, oldest first: a result without an id belongs to the first of its name. */
type Open = Pick<ToolCallPart, 'id' | 'name'>[];

/** A conversation. One content alone, and a mere string, are taken as the API's lenient parser takes them. */
export function decodeContents(value: Json | undefined, at: string, read: Fields): Message[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' || isObject(value) ? [value] : read.list(value, at);
  const open: Open = [];
  const messages: Message[] = [];
  for (const [index, item] of list.entries()) {
    const place = `${at}[${index}]`;
    const content = typeof item === 'string' ? { parts: item } : read.message(item, place);
    const { role = 'user', parts: _parts, ...rest } = content;
    if (role !== 'user' && role !== 'model' && role !== 'function' && role !== '') read.wrong(`${place}.role`, 'must be "user" or "model"');
    const parts = decodeParts(content.parts, `${place}.parts`, `${index}`, open, read);
    const extras = extrasOf(rest);
    if (parts.length === 0 && !extras) continue;
    messages.push({ role: role === 'model' ? 'assistant' : 'user', parts, ...(extras && { extras }) });
  }
  return messages;
}

/** Instructions: a string, a content, or parts of one. */
export function decodeSystem(value: Json | undefined, at: string, read: Fields): (TextPart | OpaquePart)[] {
  if (value === undefined || value === null) return [];
  const content = typeof value === 'string' ? { parts: value } : Array.isArray(value) ? { parts: value } : read.message(value, at);
  const list = content.parts === undefined && typeof content.text === 'string' ? [content] : partList(content.parts, `${at}.parts`, read);
  return list.flatMap((item, index): (TextPart | OpaquePart)[] => {
    const part = typeof item === 'string' ? { text: item } : read.message(item, `${at}.parts[${index}]`);
    if (typeof part.text !== 'string') return [opaque(part)];
    const { text, ...rest } = part;
    const extras = extrasOf(rest);
    return text === '' && !extras ? [] : [{ type: 'text', text, ...(extras && { extras }) }];
  });
}

function partList(value: Json | undefined, at: string, read: Fields): Json[] {
  if (value === undefined) return [];
  return typeof value === 'string' || isObject(value) ? [value] : read.list(value, at);
}

function decodeParts(value: Json | undefined, at: string, content: string, open: Open, read: Fields): Part[] {
  const parts: Part[] = [];
  for (const [index, item] of partList(value, at, read).entries()) {
    const place = `${at}[${index}]`;
    const part = typeof item === 'string' ? { text: item } : read.message(item, place);
    if (part.thought === true && typeof part.text === 'string') {
      thought(part, part.text, parts);
      continue;
    }
    const decoded = decodePart(part, place, `${content}_${index}`, open, read);
    const signature = decoded?.type === 'opaque' ? undefined : part.thoughtSignature;
    if (typeof signature === 'string' && signature !== '' && !isPlaceholder(signature)) sign(signature, decoded === undefined, parts);
    if (decoded) parts.push(decoded);
  }
  return parts;
}

function thought(part: JsonObject, text: string, parts: Part[]): void {
  const { text: _text, thought: _thought, thoughtSignature: signature, ...rest } = part;
  if (typeof signature !== 'string' || signature === '' || isPlaceholder(signature)) {
    const extras = extrasOf(rest);
    parts.push({ type: 'reasoning', text, producer: PRODUCER, ...(extras && { extras }) });
    return;
  }
  const foreign = opened(signature, text);
  const extras: Extras = { dialect: DIALECT, fields: { ...rest, ...homeExtras('thought').fields } };
  parts.push(foreign ?? { type: 'reasoning', text, signature, producer: PRODUCER, extras });
}

/** A signature belongs to the thought before the part that bears it; the thoughts of most clients do not come back. */
function sign(signature: string, bare: boolean, parts: Part[]): void {
  const shown = parts.slice(parts.findLastIndex((part) => !isBareThought(part)) + 1).filter((part) => part.type === 'reasoning');
  const foreign = opened(signature, shown.map(({ text }) => text).join(''));
  if (foreign) {
    // Its words are in the envelope; a client that keeps a stream piece by piece has them before it as any number of thoughts.
    parts.splice(parts.length - shown.length, shown.length, foreign);
    return;
  }
  const before = shown.at(-1);
  if (before) parts.pop();
  const text = before?.text ?? '';
  parts.push({ type: 'reasoning', text, signature, producer: PRODUCER, ...(bare && { extras: homeExtras('empty') }) });
}

function isBareThought(part: Part): boolean {
  return part.type === 'reasoning' && part.signature === undefined && part.producer === PRODUCER && !part.extras;
}

/** Somebody else's reasoning in our envelope (see signatures.ts), as it was. */
function opened(signature: string, shown: string): ReasoningPart | undefined {
  const envelope = unwrap(signature);
  if (!envelope || !isObject(envelope.value)) return undefined;
  const { text, signature: proof, redacted, extras } = envelope.value;
  return {
    type: 'reasoning',
    text: typeof text === 'string' ? text : shown,
    producer: envelope.producer,
    ...(typeof proof === 'string' && { signature: proof }),
    ...(typeof redacted === 'string' && { redacted }),
    ...(isObject(extras) && isObject(extras.fields) && { extras: { dialect: extras.dialect as Extras['dialect'], fields: extras.fields } }),
  };
}

/** `undefined`: it has nothing to say, and may still bear a signature. */
function decodePart(part: JsonObject, at: string, place: string, open: Open, read: Fields): Part | undefined {
  const { thoughtSignature: _signature, ...said } = part;
  if (typeof part.text === 'string') {
    const { text, thought: _thought, ...rest } = said;
    const extras = extrasOf(rest);
    return text === '' && !extras ? undefined : { type: 'text', text: text as string, ...(extras && { extras }) };
  }
  if (part.functionCall !== undefined) {
    const { functionCall, ...rest } = said;
    return decodeCall(read.message(functionCall, `${at}.functionCall`), rest, `${at}.functionCall`, place, open, read);
  }
  if (part.functionResponse !== undefined) {
    const { functionResponse, ...rest } = said;
    const response = read.message(functionResponse, `${at}.functionResponse`);
    const asked = open.findIndex(({ id, name }) => (typeof response.id === 'string' ? id === response.id : name === response.name));
    const [call] = asked === -1 ? [] : open.splice(asked, 1);
    const id = typeof response.id === 'string' ? response.id : (call?.id ?? `result_${place}`);
    return decodeResponse(response, id, rest, `${at}.functionResponse`, (inner) => decodeMedia(camel(inner)), read);
  }
  if (Object.keys(said).length === 0) return undefined;
  return decodeMedia(said) ?? opaque(part);
}

/** Ids are optional. One that is made up says where the call stands, so that it stays the same while the conversation grows. */
function decodeCall(call: JsonObject, outside: JsonObject, at: string, place: string, open: Open, read: Fields): ToolCallPart {
  const { id, name, args, ...rest } = call;
  const part: ToolCallPart = {
    type: 'tool-call',
    id: typeof id === 'string' && id !== '' ? id : `call_${place}`,
    name: read.string(name, `${at}.name`),
    arguments: args === undefined ? '{}' : JSON.stringify(read.object(args, `${at}.args`)),
  };
  open.push(part);
  const extras = extrasOf({ ...outside, ...(Object.keys(rest).length > 0 && { functionCall: rest }) });
  return extras ? { ...part, extras } : part;
}

function decodeMedia(part: JsonObject): Exclude<ResultContent, TextPart | OpaquePart> | Extract<Part, { type: 'audio' }> | undefined {
  const { inlineData, fileData, ...rest } = part;
  if (isObject(inlineData)) {
    const { mimeType, data, displayName, ...more } = camel(inlineData);
    if (typeof mimeType !== 'string' || typeof data !== 'string') return undefined;
    const title = typeof displayName === 'string' ? displayName : undefined;
    const kept = title !== undefined && !isDocument(mimeType) ? { displayName: title } : {};
    return mediaPart(inlineSource(mimeType, data), mimeType, title, extrasOf({ ...rest, ...within('inlineData', { ...more, ...kept }) }));
  }
  if (isObject(fileData)) {
    const file = camel(fileData);
    const { fileUri: uri, mimeType, displayName, ...more } = file;
    if (typeof uri !== 'string') return undefined;
    const type = typeof mimeType === 'string' ? mimeType : typeOfUrl(uri);
    const title = typeof displayName === 'string' ? displayName : undefined;
    const unsaid = unsaidType(file, uri);
    const kept = {
      ...more,
      ...(unsaid !== undefined && { mimeType: unsaid }),
      ...(title !== undefined && !(type !== undefined && isDocument(type)) && { displayName: title }),
    };
    return mediaPart(uriSource(uri), type, title, extrasOf({ ...rest, ...within('fileData', kept) }));
  }
  return undefined;
}

function isDocument(mimeType: string): boolean {
  return mimeType.startsWith('text/') || mimeType === 'application/pdf';
}

function within(name: string, value: JsonObject): JsonObject {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}

export function extrasOf(rest: JsonObject): Extras | undefined {
  return Object.keys(rest).length === 0 ? undefined : { dialect: DIALECT, fields: rest };
}

function opaque(value: JsonObject): OpaquePart {
  return { type: 'opaque', producer: PRODUCER, value };
}
