import type { ArchivedMessage, ArchivedPart, ConversationHead } from '../../conversation.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Producer } from '../../../exchange/part.ts';
import { fieldIn, known, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import type { PendingFile, ToldConversation } from '../book.ts';
import { countIn, type LineCounts } from '../line-reader.ts';

/** A message of opencode's with its parts, as both its database and its older files hold them. */
export interface StoredMessage {
  id: string;
  data: JsonObject;
  parts: { id: string; data: JsonObject }[];
}

const PRODUCER: Producer = { dialect: 'openai-chat', vendor: 'opencode' };
/** Parts that are marks of its own work. */
const LEFT = new Set(['step-start', 'step-finish', 'snapshot', 'patch', 'retry', 'compaction', 'agent']);

/** `session`: the row, with the field names of its files (`parentID`, `time`). Messages in their order. */
export function tellSession(session: JsonObject, messages: readonly StoredMessage[], counts: LineCounts): ToldConversation {
  const key = textIn(session, 'id') ?? '';
  const parent = textIn(session, 'parentID');
  const title = textIn(session, 'title');
  const head: ConversationHead = {
    source: 'opencode',
    key,
    session: key,
    ...(title === undefined || /^(New|Child) session - \d{4}-/.test(title) ? {} : { title }),
    ...known('createdAt', timeIn(session, 'time', 'created')),
    ...known('updatedAt', timeIn(session, 'time', 'updated')),
    ...known('project', textIn(session, 'directory')),
    ...(parent === undefined || parent === '' ? {} : { startedBy: { key: parent } }),
    extras: { ...known('version', textIn(session, 'version')) },
  };
  const files: PendingFile[] = [];
  const told: ArchivedMessage[] = [];
  let last: string | undefined;
  for (const message of messages) {
    const [main, results] = tellMessage(message, last, files, counts);
    told.push(main, ...(results ? [results] : []));
    last = results?.key ?? main.key;
  }
  return { head, messages: told, files };
}

/** opencode keeps a call and its result in one part; here they are two messages. */
function tellMessage(
  { id, data, parts }: StoredMessage,
  parent: string | undefined,
  files: PendingFile[],
  counts: LineCounts,
): [ArchivedMessage, ArchivedMessage?] {
  const isAnswer = textIn(data, 'role') === 'assistant';
  const model = textIn(data, 'modelID');
  const producer: Producer = { ...PRODUCER, ...known('vendor', textIn(data, 'providerID')), ...known('model', model) };
  const read: ArchivedPart[] = [];
  const results: ArchivedPart[] = [];
  for (const { data: part } of parts) {
    const type = textIn(part, 'type') ?? 'without a type';
    if (type === 'text') read.push({ type: 'text', text: textIn(part, 'text') ?? '' });
    else if (type === 'reasoning') read.push({ type: 'reasoning', text: textIn(part, 'text') ?? '', producer });
    else if (type === 'tool') {
      const callId = textIn(part, 'callID') ?? '';
      read.push({
        type: 'tool-call',
        id: callId,
        name: textIn(part, 'tool') ?? '',
        arguments: JSON.stringify(fieldIn(part, 'state', 'input') ?? {}),
      });
      const failed = textIn(part, 'state', 'status') === 'error';
      const output = textIn(part, 'state', 'output') ?? textIn(part, 'state', 'error');
      if (output !== undefined) results.push({ type: 'tool-result', callId, content: [{ type: 'text', text: output }], isError: failed });
    } else if (type === 'file') read.push(filePart(part, files));
    else if (type === 'subtask') read.push({ type: 'text', text: textIn(part, 'prompt') ?? textIn(part, 'description') ?? '' });
    else if (LEFT.has(type)) countIn(counts.left, `part ${type}`);
    else {
      countIn(counts.unknown, `part ${type}`);
      read.push({ type: 'opaque', producer, value: part });
    }
  }
  const tokens = objectIn(data, 'tokens');
  const cut =
    isAnswer &&
    (objectIn(data, 'error') !== undefined || (fieldIn(data, 'time', 'completed') === undefined && textIn(data, 'finish') === undefined));
  const main: ArchivedMessage = {
    key: id,
    ...known('parent', parent),
    role: isAnswer ? 'assistant' : 'user',
    ...known('at', timeIn(data, 'time', 'created')),
    parts: read,
    ...(isAnswer ? { producer: { ...known('provider', textIn(data, 'providerID')), ...known('model', model) } } : {}),
    status: cut ? 'interrupted' : 'complete',
    ...(!isAnswer && parts.length > 0 && parts.every(({ data: part }) => part['synthetic'] === true) ? { hidden: true } : {}),
    ...(tokens && isAnswer ? { usage: usageOf(tokens) } : {}),
    ...(isAnswer ? known('cost', numberIn(data, 'cost')) : {}),
  };
  if (results.length === 0) return [main];
  return [main, { key: `${id}/results`, parent: id, role: 'tool', ...known('at', main.at), parts: results, status: 'complete' }];
}

function filePart(part: Json, files: PendingFile[]): ArchivedPart {
  const url = textIn(part, 'url') ?? '';
  const facts = { ...known('name', textIn(part, 'filename')), ...known('mediaType', textIn(part, 'mime')) };
  const [, data] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? [];
  if (data === undefined) return { type: 'file', ...facts, content: { type: 'link', url } };
  const file = { type: 'file' as const, ...facts, content: { type: 'missing' as const, reason: 'its bytes were not kept' } };
  const pending: PendingFile = { part: file, bytes: Buffer.from(data, 'base64'), ...known('mediaType', facts.mediaType) };
  files.push(pending);
  return pending.part;
}

function usageOf(tokens: JsonObject) {
  const cacheRead = numberIn(tokens, 'cache', 'read') ?? 0;
  const cacheWrite = numberIn(tokens, 'cache', 'write') ?? 0;
  const reasoning = numberIn(tokens, 'reasoning') ?? 0;
  return {
    input: (numberIn(tokens, 'input') ?? 0) + cacheRead + cacheWrite,
    output: (numberIn(tokens, 'output') ?? 0) + reasoning,
    ...(cacheRead > 0 ? { cacheRead } : {}),
    ...(cacheWrite > 0 ? { cacheWrite } : {}),
    ...(reasoning > 0 ? { reasoning } : {}),
  };
}
