import type { ArchivedPart, ArchivedResult, FilePart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Producer } from '../../../exchange/part.ts';
import type { PendingFile } from '../book.ts';
import { fieldIn, known, listIn, textIn } from '../fields.ts';

export const PRODUCER: Producer = { dialect: 'anthropic-messages', vendor: 'anthropic' };

export interface ReadBlocks {
  parts: ArchivedPart[];
  files: PendingFile[];
}

/** Content of a message of the Messages API: a string, or blocks. */
export function readContent(content: Json | undefined, model?: string): ReadBlocks {
  if (typeof content === 'string') return { parts: content === '' ? [] : [{ type: 'text', text: content }], files: [] };
  const read: ReadBlocks = { parts: [], files: [] };
  if (!Array.isArray(content)) return read;
  for (const block of content) {
    const { parts, files } = isObject(block) ? readBlock(block, model) : { parts: [opaque(block)], files: [] };
    read.parts.push(...parts);
    read.files.push(...files);
  }
  return read;
}

function readBlock(block: JsonObject, model: string | undefined): ReadBlocks {
  const producer: Producer = { ...PRODUCER, ...known('model', model) };
  const type = textIn(block, 'type');
  const only = (part: ArchivedPart): ReadBlocks => ({ parts: [part], files: [] });
  if (type === 'text') return only({ type: 'text', text: textIn(block, 'text') ?? '' });
  if (type === 'thinking')
    return only({ type: 'reasoning', text: textIn(block, 'thinking') ?? '', ...known('signature', textIn(block, 'signature')), producer });
  if (type === 'redacted_thinking') return only({ type: 'reasoning', text: '', ...known('redacted', textIn(block, 'data')), producer });
  if (type === 'tool_use') {
    const input = fieldIn(block, 'input');
    return only({
      type: 'tool-call',
      id: textIn(block, 'id') ?? '',
      name: textIn(block, 'name') ?? '',
      arguments: input === undefined ? '' : JSON.stringify(input),
    });
  }
  if (type === 'tool_result') return result(block);
  if (type === 'image' || type === 'document') {
    const file = fileOf(block, type);
    if (file) return { parts: [file.part], files: file.files };
  }
  return only(opaque(block));
}

function result(block: JsonObject): ReadBlocks {
  const within = readContent(fieldIn(block, 'content'));
  const content = within.parts.filter((part): part is ArchivedResult['content'][number] => ['text', 'file', 'opaque'].includes(part.type));
  return {
    parts: [{ type: 'tool-result', callId: textIn(block, 'tool_use_id') ?? '', content, isError: block['is_error'] === true }],
    files: within.files,
  };
}

/** An image or a document with its bytes in it. */
function fileOf(block: JsonObject, type: string): { part: FilePart; files: PendingFile[] } | undefined {
  const name = textIn(block, 'title');
  const mediaType = textIn(block, 'source', 'media_type');
  const data = textIn(block, 'source', 'data');
  const url = textIn(block, 'source', 'url');
  const facts = { ...known('name', name), ...known('mediaType', mediaType) };
  if (url !== undefined) return { part: { type: 'file', ...facts, content: { type: 'link', url } }, files: [] };
  if (data === undefined) return undefined;
  if (textIn(block, 'source', 'type') === 'text')
    return { part: { type: 'file', ...facts, content: { type: 'text', text: data } }, files: [] };
  const part: FilePart = { type: 'file', ...facts, content: { type: 'missing', reason: `the ${type}'s bytes were not kept` } };
  return { part, files: [{ part, bytes: Buffer.from(data, 'base64'), ...known('mediaType', mediaType) }] };
}

function opaque(value: Json): ArchivedPart {
  return { type: 'opaque', producer: PRODUCER, value };
}

/** All the text of a content, for looking at how it begins. */
export function plainText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return listIn({ content: content ?? null }, 'content')
    .map((block) => textIn(block, 'text') ?? '')
    .join('\n');
}
