import type { ArchivedMessage, ArchivedPart, ArchivedResult, FilePart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Producer } from '../../../exchange/part.ts';
import { openBook, type PendingFile } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';

/** Entries that set something and say nothing. */
const LEFT = new Set(['model_change', 'thinking_level_change', 'label', 'custom']);

/** pi's sessions, `agent/sessions/<folder>/<time>_<session>.jsonl` (version 3): a tree by `parentId`. */
export const pi: LineFormat = {
  source: 'pi',
  version: 1,
  what: 'pi session',
  recognises: (head, path) =>
    path.endsWith('.jsonl') &&
    firstRecords(head, 1).some((record) => record['type'] === 'session' && typeof record['id'] === 'string' && 'cwd' in record),
  reader,
};

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const stem = stemOf(place.path);
  const book = openBook({ source: 'pi', key: stem, session: stem, ...known('project', place.project) }, saved?.['book']);

  function add(record: JsonObject, line: number, message: Omit<ArchivedMessage, 'key' | 'parent' | 'at'>, files: PendingFile[] = []): void {
    const key = textIn(record, 'id') ?? `line-${line}`;
    if (book.standsFor(key)) return;
    book.put(
      { key, ...known('parent', book.parentBy(record['parentId'])), ...known('at', timeIn(record, 'timestamp')), ...message },
      files,
    );
    book.stands(key, key);
    book.setLast(key);
  }

  function takeMessage(record: JsonObject, line: number): void {
    const message = objectIn(record, 'message') ?? {};
    const role = textIn(message, 'role') ?? '';
    const { parts, files } = readContent(fieldIn(message, 'content'), message);
    if (role === 'user') add(record, line, { role: 'user', parts, status: 'complete' }, files);
    else if (role === 'assistant') {
      const usage = objectIn(message, 'usage');
      const cost = numberIn(usage, 'cost', 'total');
      const stopped = textIn(message, 'stopReason');
      add(record, line, {
        role: 'assistant',
        parts,
        producer: { ...known('provider', textIn(message, 'provider')), ...known('model', textIn(message, 'model')) },
        status: stopped === 'aborted' || stopped === 'error' ? 'interrupted' : 'complete',
        ...(usage ? { usage: usageOf(usage) } : {}),
        ...known('cost', cost),
      });
    } else if (role === 'toolResult') {
      const content = parts.filter((part): part is ArchivedResult['content'][number] => ['text', 'file', 'opaque'].includes(part.type));
      add(
        record,
        line,
        {
          role: 'tool',
          parts: [{ type: 'tool-result', callId: textIn(message, 'toolCallId') ?? '', content, isError: message['isError'] === true }],
          status: 'complete',
        },
        files,
      );
    } else if (role === 'bashExecution') {
      const text = `$ ${textIn(message, 'command') ?? ''}\n${textIn(message, 'output') ?? ''}`;
      add(record, line, { role: 'user', parts: [{ type: 'text', text }], status: 'complete', extras: { bash: true } });
    } else {
      if (!['custom', 'branchSummary', 'compactionSummary'].includes(role)) countIn(counts.unknown, `message ${role}`);
      add(record, line, { role: 'system', parts, status: 'complete', hidden: true });
    }
  }

  return {
    take(record, line) {
      const type = textIn(record, 'type') ?? 'without a type';
      if (type === 'session') {
        const id = textIn(record, 'id');
        book.describe({
          ...(id === undefined ? {} : { key: id, session: id }),
          ...known('createdAt', timeIn(record, 'timestamp')),
          ...known('project', textIn(record, 'cwd') ?? place.project),
          extras: { ...known('forkedFrom', textIn(record, 'parentSession') ?? textIn(record, 'branchedFrom')) },
        });
      } else if (type === 'message') takeMessage(record, line);
      else if (type === 'compaction' || type === 'branch_summary') {
        const text = textIn(record, 'summary') ?? '';
        add(record, line, {
          role: 'system',
          parts: [{ type: 'text', text }],
          status: 'complete',
          hidden: true,
          extras: { compactSummary: true },
        });
      } else if (type === 'custom_message') {
        const { parts, files } = readContent(fieldIn(record, 'content'), {});
        add(record, line, { role: 'user', parts, status: 'complete', hidden: true }, files);
      } else {
        const title = textIn(record, 'name');
        if (type === 'session_info' && title !== undefined) book.describe({ title });
        countIn(LEFT.has(type) || type === 'session_info' ? counts.left : counts.unknown, type);
        const id = textIn(record, 'id');
        if (id !== undefined && !book.standsFor(id)) book.stands(id, book.parentBy(record['parentId']));
      }
    },
    told() {
      const told = book.told();
      return told ? [told] : [];
    },
    reachesBack: () => book.reachesBack(),
    state: () => ({ book: book.state() }),
  };
}

function readContent(content: Json | undefined, message: JsonObject): { parts: ArchivedPart[]; files: PendingFile[] } {
  if (typeof content === 'string') return { parts: [{ type: 'text', text: content }], files: [] };
  const files: PendingFile[] = [];
  const producer: Producer = {
    dialect: dialectOf(textIn(message, 'api')),
    ...known('vendor', textIn(message, 'provider')),
    ...known('model', textIn(message, 'model')),
  };
  const parts = listIn({ content: content ?? null }, 'content').map((block): ArchivedPart => {
    const type = textIn(block, 'type');
    if (type === 'text') return { type: 'text', text: textIn(block, 'text') ?? '' };
    if (type === 'thinking')
      return {
        type: 'reasoning',
        text: textIn(block, 'thinking') ?? '',
        ...known('signature', textIn(block, 'thinkingSignature')),
        producer,
      };
    if (type === 'toolCall')
      return {
        type: 'tool-call',
        id: textIn(block, 'id') ?? '',
        name: textIn(block, 'name') ?? '',
        arguments: JSON.stringify(fieldIn(block, 'arguments') ?? {}),
      };
    const data = type === 'image' ? textIn(block, 'data') : undefined;
    if (data === undefined) return { type: 'opaque', producer, value: block };
    const mediaType = textIn(block, 'mimeType');
    const part: FilePart = {
      type: 'file',
      ...known('mediaType', mediaType),
      content: { type: 'missing', reason: "the image's bytes were not kept" },
    };
    files.push({ part, bytes: Buffer.from(data, 'base64'), ...known('mediaType', mediaType) });
    return part;
  });
  return { parts, files };
}

function dialectOf(api: string | undefined): Producer['dialect'] {
  if (api === 'anthropic-messages' || api === 'openai-responses') return api;
  return api?.startsWith('google') ? 'gemini' : api === undefined ? 'anthropic-messages' : 'openai-chat';
}

function usageOf(usage: JsonObject) {
  const cacheRead = numberIn(usage, 'cacheRead') ?? 0;
  const cacheWrite = numberIn(usage, 'cacheWrite') ?? 0;
  return {
    input: (numberIn(usage, 'input') ?? 0) + cacheRead + cacheWrite,
    output: numberIn(usage, 'output') ?? 0,
    ...(cacheRead > 0 ? { cacheRead } : {}),
    ...(cacheWrite > 0 ? { cacheWrite } : {}),
  };
}
