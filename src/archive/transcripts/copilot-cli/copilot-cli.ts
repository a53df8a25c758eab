import type { ArchivedMessage, ArchivedPart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Usage } from '../../../exchange/usage.ts';
import { type Book, openBook } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';

const PRODUCER = { dialect: 'openai-chat' } as const;

/** Events that are about the program, not of the conversation: everything of `session.`, `hook.`, `mcp.` … besides those read below. */
const ABOUT =
  /^(session|hook|mcp|mcp_app|permission|commands?|capabilities|elicitation|sampling|sandbox|skill|subagent|auto_mode_switch|exit_plan_mode|external_tool|human_response|model|pending_messages|prompt_cache_break|session_limits_exhausted|tool_search|ui|user_input|workflow|assistant|agent|tool|system)[._]/;

/**
 * GitHub Copilot CLI's sessions, `session-state/<session>/events.jsonl`, as 1.0 writes them (its `session-events.schema.json`). An event of
 * a sub-agent names it by `agentId`.
 */
export const copilotCli: LineFormat = {
  source: 'copilot-cli',
  version: 1,
  what: 'Copilot CLI session',
  recognises: (head, path) =>
    path.endsWith('.jsonl') &&
    firstRecords(head).some(
      (record) =>
        /^(session|user|assistant|tool|system)\./.test(String(record['type'])) && isObject(record['data']) && 'parentId' in record,
    ),
  reader,
};

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const named = /([^/\\]+)[/\\]events\.jsonl$/.exec(place.path)?.[1] ?? stemOf(place.path);
  let session = textIn(saved, 'session') ?? named;
  const books = new Map<string, Book>();
  for (const [key, book] of Object.entries(objectIn(saved, 'books') ?? {})) books.set(key, openBook({ source: 'copilot-cli', key }, book));
  /** Tokens of calls whose answer has not come yet. */
  const usages = new Map(Object.entries(objectIn(saved, 'usages') ?? {}));

  function bookOf(record: JsonObject): Book {
    const agent = textIn(record, 'agentId');
    const key = agent === undefined ? session : `${session}/agent-${agent}`;
    let book = books.get(key);
    if (!book) {
      const project = agent === undefined ? place.project : books.get(session)?.head.project;
      book = openBook({
        source: 'copilot-cli',
        key,
        ...known('project', project),
        ...(agent === undefined ? { session } : { startedBy: { key: session } }),
      });
      books.set(key, book);
    }
    return book;
  }

  function add(record: JsonObject, key: string, message: Omit<ArchivedMessage, 'key' | 'parent' | 'at' | 'status'>): void {
    const book = bookOf(record);
    const before = book.open(key);
    if (!before && book.has(key)) return;
    const parent = before ? before.parent : book.last();
    book.put({
      key,
      ...known('parent', parent),
      ...known('at', before?.at ?? timeIn(record, 'timestamp')),
      status: 'complete',
      ...message,
    });
    book.setLast(key);
  }

  function takeAnswer(record: JsonObject, data: JsonObject, key: string): void {
    const reasoning = textIn(data, 'reasoningText');
    const model = textIn(data, 'model');
    const content = textIn(data, 'content') ?? '';
    const call = textIn(data, 'apiCallId');
    const usage = call === undefined ? undefined : usages.get(call);
    if (call !== undefined) usages.delete(call);
    add(record, key, {
      role: 'assistant',
      parts: [
        ...(reasoning === undefined || reasoning === ''
          ? []
          : [{ type: 'reasoning' as const, text: reasoning, producer: { ...PRODUCER, ...known('model', model) } }]),
        ...(content === '' ? [] : [{ type: 'text' as const, text: content }]),
        ...listIn(data, 'toolRequests').map((request): ArchivedPart => {
          const given = fieldIn(request, 'arguments');
          const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
          return { type: 'tool-call', id: textIn(request, 'toolCallId') ?? '', name: textIn(request, 'name') ?? '', arguments: text };
        }),
      ],
      producer: { ...known('provider', textIn(data, 'providerId')), ...known('model', model) },
      ...(isObject(usage) ? { usage: usageOf(usage) } : {}),
    });
  }

  function takeResult(record: JsonObject, data: JsonObject, key: string): void {
    const text = textIn(data, 'result', 'content') ?? textIn(data, 'error', 'message') ?? '';
    add(record, key, {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          callId: textIn(data, 'toolCallId') ?? '',
          content: [{ type: 'text', text }],
          isError: data['success'] === false,
        },
      ],
    });
  }

  function takeStart(record: JsonObject, data: JsonObject): void {
    session = textIn(data, 'sessionId') ?? session;
    const cwd = textIn(data, 'context', 'cwd') ?? place.project;
    bookOf(record).describe({
      ...known('createdAt', timeIn(data, 'startTime')),
      ...known('project', cwd),
      ...known('branch', textIn(data, 'context', 'branch')),
      extras: { ...known('version', textIn(data, 'copilotVersion')) },
    });
  }

  return {
    take(record, line) {
      const type = textIn(record, 'type') ?? 'without a type';
      const data = objectIn(record, 'data') ?? {};
      const key = textIn(record, 'id') ?? `line-${line}`;
      if (type === 'session.start') takeStart(record, data);
      else if (type === 'user.message') {
        const text = textIn(data, 'content') ?? '';
        const injected = !['user', undefined].includes(textIn(data, 'source'));
        add(record, key, {
          role: 'user',
          parts: [{ type: 'text', text }, ...listIn(data, 'attachments').map((each): ArchivedPart => attachment(each))],
          ...(injected ? { hidden: true } : {}),
        });
      } else if (type === 'system.message')
        add(record, key, { role: 'system', parts: [{ type: 'text', text: textIn(data, 'content') ?? '' }], hidden: true });
      else if (type === 'assistant.message') takeAnswer(record, data, key);
      else if (type === 'tool.execution_complete') takeResult(record, data, key);
      else if (type === 'session.title_changed') {
        const title = textIn(data, 'title');
        if (title !== undefined) bookOf({}).describe({ title });
      } else if (type === 'session.usage_record' || type === 'assistant.usage') {
        const usage = objectIn(data, 'usage') ?? data;
        const call = textIn(usage, 'apiCallId');
        if (call !== undefined) usages.set(call, usage);
        countIn(counts.left, type);
      } else if (type === 'abort') {
        const book = bookOf(record);
        const last = book.open(book.last() ?? '');
        if (last?.role === 'assistant') book.put({ ...last, status: 'interrupted' });
        countIn(counts.left, type);
      } else countIn(ABOUT.test(type) ? counts.left : counts.unknown, type);
    },
    told: () => [...books.values()].flatMap((book) => book.told() ?? []),
    reachesBack: () => [...books.values()].some((book) => book.reachesBack()),
    state: () => ({
      session,
      usages: Object.fromEntries(usages),
      books: Object.fromEntries([...books].map(([key, book]) => [key, book.state()])),
    }),
  };
}

function attachment(value: Json): ArchivedPart {
  const name = textIn(value, 'displayName') ?? textIn(value, 'path');
  return { type: 'file', ...known('name', name), content: { type: 'missing', reason: 'the session names it and does not have its bytes' } };
}

function usageOf(usage: JsonObject): Partial<Usage> {
  return {
    input: numberIn(usage, 'inputTokens') ?? 0,
    output: numberIn(usage, 'outputTokens') ?? 0,
    ...known('cacheRead', numberIn(usage, 'cacheReadTokens')),
    ...known('cacheWrite', numberIn(usage, 'cacheWriteTokens')),
    ...known('reasoning', numberIn(usage, 'reasoningTokens')),
  };
}
