import { isObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import { SOURCES } from '../../conversation.ts';
import type { ArchivedMessage, ArchivedPart, ConversationHead, FilePart } from '../../conversation.ts';
import { EXPORT_VERSION, ORIGINALS_FOLDER } from '../../export-format.ts';
import { jsonLines } from '../json-lines.ts';
import { found, numberIn, some } from '../loose.ts';
import type { ReadContext, Reader, SourceFile, Told } from '../reader.ts';
import { archivedMessage, conversationHead } from './checked.ts';

/** Understudy's own export (export-format.ts). Conversations keep the source that they came from. */
export const understudyExport: Reader = {
  source: 'understudy',
  version: 1,
  recognises: ({ head }) => (/^\s*\{\s*"understudy"\s*:\s*"archive"/.test(head) ? 'export' : undefined),
  read,
};

async function* read(file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  let head: ConversationHead | undefined;
  let place = file.where;
  let messages: ArchivedMessage[] = [];
  let end: JsonObject | undefined;
  const counts = { conversations: 0, messages: 0 };

  function* finished(): Generator<Told> {
    if (!head) return;
    const awaits = messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'file' && part.content.type === 'missing').length;
    yield { type: 'conversation', where: place, head, messages, awaits };
    head = undefined;
    messages = [];
  }

  for await (const { number, value, mended, isLast } of jsonLines(file, context.most)) {
    const where = `${file.where}:${number}`;
    if (mended !== undefined) yield { type: 'noted', where, reason: mended };
    if (!value.ok) {
      yield { type: 'unreadable', where, reason: isLast ? `the last line is torn (${value.error})` : value.error };
      continue;
    }
    const line = value.value;
    if (line['understudy'] === 'archive') {
      const version = numberIn(line, 'version') ?? 0;
      if (version > EXPORT_VERSION)
        yield {
          type: 'unreadable',
          where,
          reason: `it is of format ${version}, and this Understudy knows ${EXPORT_VERSION}; update Understudy`,
        };
      if (version > EXPORT_VERSION) return;
    } else if (isObject(line['conversation'])) {
      yield* finished();
      counts.conversations += 1;
      const checked = conversationHead(line['conversation'], SOURCES);
      if (checked) {
        head = checked;
        place = where;
      } else
        yield {
          type: 'unreadable',
          where,
          reason: 'a conversation without source or key; its messages are left out',
          found: found(line['conversation']),
        };
    } else if (isObject(line['message'])) {
      counts.messages += 1;
      const checked = archivedMessage(line['message']);
      if (!checked) yield { type: 'unreadable', where, reason: 'a message without key or role', found: found(line['message']) };
      else if (!head) yield { type: 'unreadable', where, reason: 'a message before any conversation', found: checked.key };
      else messages.push(await withFiles(checked, file, context));
    } else if (isObject(line['end'])) end = line['end'];
    else yield { type: 'noted', where, reason: 'a line of a kind that is not known; passed over', found: found(line) };
  }
  yield* finished();
  if (!end)
    yield { type: 'unreadable', where: file.where, reason: 'it has no last line: the export is torn, and what followed is not there' };
  else
    for (const kind of ['conversations', 'messages'] as const)
      if (numberIn(end, kind) !== counts[kind])
        yield {
          type: 'unreadable',
          where: file.where,
          reason: `it says that it has ${String(end[kind])} ${kind}, and ${counts[kind]} are there`,
        };
}

/** Its files come along, from the folder beside the export. */
async function withFiles(message: ArchivedMessage, file: SourceFile, context: ReadContext): Promise<ArchivedMessage> {
  const parts: ArchivedPart[] = [];
  for (const part of message.parts) {
    if (part.type === 'file') parts.push(await withBytes(part, file, context));
    else if (part.type === 'tool-result') {
      const content: typeof part.content = [];
      for (const one of part.content) content.push(one.type === 'file' ? await withBytes(one, file, context) : one);
      parts.push({ ...part, content });
    } else parts.push(part);
  }
  return { ...message, parts };
}

async function withBytes(part: FilePart, file: SourceFile, { files, keep }: ReadContext): Promise<FilePart> {
  if (part.content.type !== 'stored') return part;
  const { sha256 } = part.content;
  const beside =
    files.find(({ path, container }) => container === file.container && path.endsWith(`${ORIGINALS_FOLDER}/${sha256}`)) ??
    files.find(({ path }) => path.endsWith(sha256));
  if (!beside) return { ...part, content: { type: 'missing', reason: `not beside the export (${ORIGINALS_FOLDER}/${sha256})` } };
  const content = await keep(beside, { ...some('name', part.name), ...some('mediaType', part.mediaType) });
  const isOther = content.type === 'stored' && content.sha256 !== '' && content.sha256 !== sha256;
  return { ...part, content: isOther ? { type: 'missing', reason: `the file beside the export has other bytes than ${sha256}` } : content };
}
