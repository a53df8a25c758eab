import { createHash } from 'node:crypto';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage, ArchivedPart, ConversationHead, FilePart } from '../../conversation.ts';
import type { Place } from '../items.ts';
import { fieldsOf, found, listIn, objectIn, objectsIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { ReadContext, SourceFile, Told } from '../reader.ts';
import { isFileBlock, NOT_EXPORTED, partsOf, plainText } from './blocks.ts';

/** Parent of messages that have none. */
const NOBODY = /^0{8}-0{4}-4?0{3,4}-8?0{3,4}-0{12}$/;

/** `{uuid, name, created_at, updated_at, account, chat_messages}`. */
export async function* conversationTold(value: JsonObject, { where }: Place, context: ReadContext): AsyncGenerator<Told> {
  const given = value['chat_messages'];
  if (!Array.isArray(given)) {
    yield { type: 'unreadable', where, reason: 'a conversation without chat_messages', found: found(value) };
    return;
  }
  const messages: ArchivedMessage[] = [];
  let previous: string | undefined;
  for (const [index, each] of given.entries()) {
    const place = `${where}.chat_messages[${index}]`;
    if (!isObject(each)) {
      yield { type: 'unreadable', where: place, reason: 'it should be a message', found: found(each) };
      continue;
    }
    const { message, note } = await messageOf(each, previous, context);
    if (note !== undefined) yield { type: 'noted', where: place, reason: note };
    messages.push(message);
    previous = message.key;
  }
  const key = wordsIn(value, 'uuid');
  if (key === undefined) yield { type: 'noted', where, reason: 'it has no uuid; its name in the archive is made of its beginning' };
  yield { type: 'conversation', where, head: headOf(value, key ?? nameFor(value, messages), context), messages };
}

function headOf(value: JsonObject, key: string, { memory }: ReadContext): ConversationHead {
  const account = textIn(objectIn(value, 'account'), 'uuid');
  const project = objectIn(value, 'project');
  const projectId = wordsIn(value, 'project_uuid') ?? wordsIn(project, 'uuid');
  const projectName = wordsIn(project, 'name') ?? (projectId === undefined ? undefined : (memory.get(`project/${projectId}`) ?? projectId));
  const extras = fieldsOf(value, ['summary', 'is_starred', 'is_temporary', 'model', 'platform', 'settings', 'project_uuid']);
  return {
    source: 'claude-ai',
    key,
    ...some('title', wordsIn(value, 'name')),
    ...some('createdAt', timeIn(value, 'created_at')),
    ...some('updatedAt', timeIn(value, 'updated_at')),
    ...some('project', projectName),
    ...some('account', account === undefined ? undefined : (memory.get(`account/${account}`) ?? account)),
    ...some('current', wordsIn(value, 'current_leaf_message_uuid')),
    ...(Object.keys(extras).length > 0 ? { extras } : {}),
  };
}

async function messageOf(
  value: JsonObject,
  previous: string | undefined,
  context: ReadContext,
): Promise<{ message: ArchivedMessage; note?: string }> {
  const { blocks, note } = blocksOf(value['content']);
  const files = [...objectsIn(value, 'files'), ...(value['files'] === undefined ? objectsIn(value, 'files_v2') : [])];
  const named = new Set(files.map((file) => textIn(file, 'file_uuid')));
  // An image that is shown in the text and listed as a file is one file.
  const own = blocks.filter((block) => !(isObject(block) && isFileBlock(block) && named.has(textIn(block, 'file_uuid') ?? '')));
  const parts: ArchivedPart[] = partsOf(own);
  const text = plainText(textIn(value, 'text') ?? '');
  if (text !== undefined && !parts.some((part) => part.type === 'text' && part.text.trim() !== '')) parts.unshift({ type: 'text', text });
  for (const attachment of objectsIn(value, 'attachments')) parts.push(attachmentOf(attachment));
  for (const file of files) parts.push(await fileOf(file, context));

  const sender = textIn(value, 'sender') ?? textIn(value, 'role');
  const role = roleOf(sender);
  const parent = 'parent_message_uuid' in value ? wordsIn(value, 'parent_message_uuid') : previous;
  const stopped = textIn(value, 'stop_reason');
  const isCut = value['truncated'] === true || stopped === 'user_canceled' || stopped === 'max_tokens';
  const extras = fieldsOf(value, ['stop_reason', 'feedback', 'chat_feedback', 'input_mode', 'metadata']);
  return {
    message: {
      key: wordsIn(value, 'uuid') ?? hashOf(role, value['created_at'] ?? '', value['text'] ?? '', JSON.stringify(blocks)),
      ...(parent === undefined || NOBODY.test(parent) ? {} : { parent }),
      role,
      ...some('at', timeIn(value, 'created_at')),
      parts,
      ...(role === 'assistant' ? { producer: { provider: 'anthropic', ...some('model', wordsIn(value, 'model')) } } : {}),
      status: isCut ? 'partial' : 'complete',
      ...(Object.keys(extras).length > 0 ? { extras } : {}),
    },
    ...(note !== undefined
      ? { note }
      : role === 'system' && sender !== 'system'
        ? { note: `its sender is ${String(sender)}, which is not known` }
        : {}),
  };
}

/** Blocks; some exports have them as JSON in a string. */
function blocksOf(content: Json | undefined): { blocks: Json[]; note?: string } {
  if (Array.isArray(content)) return { blocks: content };
  if (typeof content !== 'string') return { blocks: isObject(content) ? [content] : [] };
  if (!/^\s*[[{]/.test(content)) return { blocks: content === '' ? [] : [content] };
  try {
    const inner = JSON.parse(content) as Json;
    return { blocks: Array.isArray(inner) ? inner : [inner] };
  } catch {
    return { blocks: [content], note: 'its content is text that looks like JSON and is none; kept as text' };
  }
}

function roleOf(sender: string | undefined): ArchivedMessage['role'] {
  if (sender === 'human' || sender === 'user') return 'user';
  return sender === 'assistant' || sender === 'tool' ? sender : 'system';
}

function attachmentOf(value: JsonObject): FilePart {
  const text = wordsIn(value, 'extracted_content');
  return {
    type: 'file',
    ...some('name', wordsIn(value, 'file_name')),
    ...some('mediaType', wordsIn(value, 'file_type') ?? wordsIn(value, 'mime_type')),
    content: text === undefined ? { type: 'missing', reason: NOT_EXPORTED } : { type: 'text', text },
  };
}

async function fileOf(value: JsonObject, { files, keep }: ReadContext): Promise<FilePart> {
  const id = wordsIn(value, 'file_uuid');
  const name = wordsIn(value, 'file_name') ?? id;
  const beside = id === undefined ? undefined : files.find((file: SourceFile) => file.path.includes(id));
  const content: FilePart['content'] = beside ? await keep(beside, { ...some('name', name) }) : { type: 'missing', reason: NOT_EXPORTED };
  return { type: 'file', ...some('name', name), content };
}

function nameFor(value: JsonObject, messages: readonly ArchivedMessage[]): string {
  return `unnamed-${hashOf(value['created_at'] ?? '', messages[0]?.key ?? '', listIn(value, 'chat_messages').length === 0 ? (textIn(value, 'name') ?? '') : '')}`;
}

function hashOf(...told: Json[]): string {
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 24);
}
