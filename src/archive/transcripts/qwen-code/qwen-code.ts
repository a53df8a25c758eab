import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Usage } from '../../../exchange/usage.ts';
import { openBook } from '../book.ts';
import { fieldIn, known, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { readParts } from '../gemini-cli/parts.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';

/** Qwen Code's sessions, `projects/<folder>/chats/<session>.jsonl`, as 0.24 writes them: lines as Claude Code's, parts as Gemini's. */
export const qwenCode: LineFormat = {
  source: 'qwen-code',
  version: 1,
  what: 'Qwen Code session',
  recognises: (head, path) =>
    path.endsWith('.jsonl') &&
    firstRecords(head).some(
      (record) =>
        typeof record['sessionId'] === 'string' &&
        typeof record['uuid'] === 'string' &&
        (Array.isArray(fieldIn(record, 'message', 'parts')) || 'systemPayload' in record),
    ),
  reader,
};

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const stem = stemOf(place.path);
  const book = openBook({ source: 'qwen-code', key: stem, session: stem, ...known('project', place.project) }, saved?.['book']);

  function takeMessage(record: JsonObject, role: 'user' | 'assistant' | 'tool', line: number): void {
    const id = textIn(record, 'uuid') ?? `line-${line}`;
    if (book.standsFor(id)) return;
    const { parts, files } = readParts(fieldIn(record, 'message', 'parts'));
    const failed = textIn(record, 'toolCallResult', 'status') === 'error';
    const usage = objectIn(record, 'usageMetadata');
    const model = textIn(record, 'model');
    const injected = role === 'user' && !['real_user', undefined].includes(textIn(record, 'provenance'));
    book.put(
      {
        key: id,
        ...known('parent', book.parentBy(record['parentUuid'])),
        role,
        ...known('at', timeIn(record, 'timestamp')),
        parts: failed ? parts.map((part) => (part.type === 'tool-result' ? { ...part, isError: true } : part)) : parts,
        // It talks to any service that is compatible, and does not say which.
        ...(role === 'assistant' && model !== undefined ? { producer: { model } } : {}),
        status: 'complete',
        ...(injected ? { hidden: true } : {}),
        ...(usage ? { usage: usageOf(usage) } : {}),
      },
      files,
    );
    book.stands(id, id);
    book.setLast(id);
  }

  return {
    take(record, line) {
      const type = textIn(record, 'type') ?? 'without a type';
      const session = textIn(record, 'sessionId');
      const cwd = textIn(record, 'cwd');
      const branch = textIn(record, 'gitBranch');
      book.describe({
        ...(session === undefined ? {} : { key: session, session }),
        ...(cwd !== undefined && book.head.project === undefined ? { project: cwd } : {}),
        ...known('branch', branch),
        ...(textIn(record, 'version') === undefined ? {} : { extras: { version: textIn(record, 'version') } }),
      });
      if (type === 'user') takeMessage(record, 'user', line);
      else if (type === 'assistant') takeMessage(record, 'assistant', line);
      else if (type === 'tool_result') takeMessage(record, 'tool', line);
      else {
        const title = textIn(record, 'systemPayload', 'customTitle') ?? textIn(record, 'systemPayload', 'title');
        if (title !== undefined && textIn(record, 'subtype')?.includes('title')) book.describe({ title });
        countIn(
          type === 'system' ? counts.left : counts.unknown,
          type === 'system' ? `system ${textIn(record, 'subtype') ?? ''}`.trimEnd() : type,
        );
        const id = textIn(record, 'uuid');
        if (id !== undefined && !book.standsFor(id)) book.stands(id, book.parentBy(record['parentUuid']));
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

function usageOf(usage: JsonObject): Partial<Usage> {
  const thoughts = numberIn(usage, 'thoughtsTokenCount') ?? 0;
  return {
    input: numberIn(usage, 'promptTokenCount') ?? 0,
    output: (numberIn(usage, 'candidatesTokenCount') ?? 0) + thoughts,
    ...known('cacheRead', numberIn(usage, 'cachedContentTokenCount')),
    ...(thoughts > 0 ? { reasoning: thoughts } : {}),
  };
}
