import type { ArchivedMessage, ConversationHead } from '../../conversation.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Usage } from '../../../exchange/usage.ts';
import { type Book, openBook } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';
import { plainText, readContent } from './blocks.ts';

/**
 * Claude Code's sessions, `projects/<folder>/<session>.jsonl`, and its sub-agents', `<session>/subagents/agent-<id>.jsonl`, as 2.1.330
 * writes them and versions since 1.0 did. Its vendor calls the format internal, so what is not known is counted and told.
 * One answer comes as several lines with the same `message.id`; lines point to the line before them, which need not be a message.
 */
export const claudeCode: LineFormat = {
  source: 'claude-code',
  version: 2,
  what: 'Claude Code session',
  recognises(head, path) {
    if (!path.endsWith('.jsonl')) return false;
    return firstRecords(head).some(
      (record) =>
        ((record['type'] === 'user' || record['type'] === 'assistant' || record['type'] === 'attachment' || record['type'] === 'system') &&
          (typeof record['sessionId'] === 'string' ||
          objectIn(record, 'message', 'usage') !== undefined ||
          'cwd' in record ||
          'attachment' in record
            ? listIn(record, 'message', 'parts').length === 0
            : false)) ||
        (record['type'] === 'summary' && typeof record['leafUuid'] === 'string') ||
        (KNOWN.has(String(record['type'])) && typeof record['sessionId'] === 'string'),
    );
  },
  reader,
};

/** Lines that are no part of what was said: state of the program, and what is told again elsewhere. Sources: schema of 2.1.144, files of 2.1.330. */
const KNOWN = new Set([
  'file-history-snapshot',
  'queue-operation',
  'progress',
  'pr-link',
  'last-prompt',
  'permission-mode',
  'agent-setting',
  'bridge-session',
  'worktree-state',
  'continued-in',
  'mode',
  'atis-latch',
  'tools-used',
  'cost-state',
  'api-request',
  'api-request-shape',
  'api-request-blob',
]);

const INTERRUPTED = /^\s*\[Request interrupted by user/;

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const books = new Map<string, Book>();
  const titles = { custom: '', ai: '', summaries: {} as Record<string, string> };
  const stem = stemOf(place.path);
  let session = stem;
  if (isObject(state)) {
    session = textIn(state, 'session') ?? stem;
    Object.assign(titles, objectIn(state, 'titles'));
    for (const [key, saved] of Object.entries(objectIn(state, 'books') ?? {}))
      books.set(key, openBook({ source: 'claude-code', key }, saved));
  }

  /** The book that a line belongs to: the session's, or a sub-agent's. */
  function bookOf(record: JsonObject): Book {
    const own = textIn(record, 'sessionId');
    const agent = textIn(record, 'agentId');
    if (own !== undefined && session === stem && !UUID.test(stem)) session = own;
    const inAgentFile = stem.startsWith('agent-');
    const main = inAgentFile ? (own ?? session) : session;
    const side = record['isSidechain'] === true ? (agent === undefined ? sideOf(record) : `agent-${agent}`) : undefined;
    const key = side === undefined ? main : `${main}/${side}`;
    let book = books.get(key);
    if (!book) {
      const head: ConversationHead = { source: 'claude-code', key, ...known('project', place.project) };
      // A sub-agent's is called as its requests call it (exchanges/threads.ts), so that what went through here is known to be the same.
      book = openBook(
        side === undefined
          ? { ...head, session: main }
          : { ...head, ...(agent !== undefined && { session: `${main}/${agent}` }), startedBy: { key: main } },
      );
      books.set(key, book);
    }
    return book;
  }

  /** Before sub-agents had ids, theirs began with a line that follows nothing. */
  function sideOf(record: JsonObject): string {
    const parent = textIn(record, 'parentUuid');
    for (const [key, book] of books)
      if (parent !== undefined && key.includes('/side-') && book.standsFor(parent)) return key.slice(key.lastIndexOf('/') + 1);
    return `side-${textIn(record, 'uuid') ?? 'unnamed'}`;
  }

  function describe(record: JsonObject, book: Book): void {
    const cwd = textIn(record, 'cwd');
    const branch = textIn(record, 'gitBranch');
    const version = textIn(record, 'version');
    book.describe({
      // It may change folders in a session; what it was started in is where it is looked for.
      ...(cwd !== undefined && book.head.project === undefined ? { project: cwd } : {}),
      ...(branch !== undefined && branch !== '' && branch !== 'HEAD' ? { branch } : {}),
      ...(version === undefined ? {} : { extras: { ...book.head.extras, version } }),
    });
  }

  function parentOf(record: JsonObject, book: Book): string | undefined {
    const logical = textIn(record, 'logicalParentUuid');
    const parent = textIn(record, 'parentUuid');
    const found = [parent, logical].flatMap((id) => (id === undefined ? [] : [book.standsFor(id)])).find((each) => each !== undefined);
    if (found) return found.key;
    // Some lines are not written (hooks, progress): what follows them follows what came last. `null` is a beginning.
    return record['parentUuid'] === null && logical === undefined && record['isCompactSummary'] !== true ? undefined : book.last();
  }

  function takeUser(record: JsonObject, line: number): void {
    const book = bookOf(record);
    describe(record, book);
    const id = textIn(record, 'uuid') ?? `line-${line}`;
    if (book.standsFor(id)) return;
    const content = fieldIn(record, 'message', 'content');
    const { parts, files } = readContent(content);
    const parent = parentOf(record, book);
    const before = INTERRUPTED.test(plainText(content)) && parent !== undefined ? book.open(parent) : undefined;
    if (before?.role === 'assistant') book.put({ ...before, status: 'interrupted' });
    const isResult = parts.length > 0 && parts.every(({ type }) => type === 'tool-result');
    const hidden = record['isMeta'] === true || record['isCompactSummary'] === true || record['isVisibleInTranscriptOnly'] === true;
    book.put(
      {
        key: id,
        ...known('parent', parent),
        role: isResult ? 'tool' : 'user',
        ...known('at', timeIn(record, 'timestamp')),
        parts,
        status: 'complete',
        ...(hidden ? { hidden: true } : {}),
        ...(record['isCompactSummary'] === true ? { extras: { compactSummary: true } } : {}),
      },
      files,
    );
    book.stands(id, id);
    book.setLast(id);
  }

  function takeAnswer(record: JsonObject, line: number): void {
    const book = bookOf(record);
    describe(record, book);
    const id = textIn(record, 'uuid') ?? `line-${line}`;
    if (book.standsFor(id)) return;
    const message = objectIn(record, 'message') ?? {};
    const key = textIn(message, 'id') ?? id;
    const model = textIn(message, 'model');
    const { parts, files } = readContent(message['content'], model);
    const begun = book.open(key);
    const usage = usageOf(objectIn(message, 'usage'));
    const failed = record['isApiErrorMessage'] === true;
    const answer: ArchivedMessage = begun
      ? { ...begun, parts: [...begun.parts, ...parts] }
      : {
          key,
          ...known('parent', parentOf(record, book)),
          role: 'assistant',
          ...known('at', timeIn(record, 'timestamp')),
          parts,
          // What the client writes in the assistant's place has no model.
          ...(model === undefined || model === '<synthetic>' ? {} : { producer: { provider: 'anthropic', model } }),
          status: 'complete',
          ...(failed ? { extras: { apiError: fieldIn(record, 'error') ?? fieldIn(record, 'apiErrorStatus') ?? true } } : {}),
        };
    // The same usage stands in each line; while the answer streams its output grows.
    if (usage && (answer.usage?.output ?? -1) <= (usage.output ?? 0)) answer.usage = usage;
    book.put(answer, files);
    book.stands(id, key);
    book.setLast(key);
  }

  function takeAttachment(record: JsonObject, line: number): void {
    const book = bookOf(record);
    const kind = textIn(record, 'attachment', 'type') ?? 'unknown';
    const id = textIn(record, 'uuid') ?? `line-${line}`;
    const prompt = fieldIn(record, 'attachment', 'prompt');
    if (kind !== 'queued_command' || prompt === undefined) {
      countIn(counts.left, `attachment ${kind}`);
      pass(record, book);
      return;
    }
    if (book.standsFor(id)) return;
    describe(record, book);
    const { parts, files } = readContent(prompt);
    const told = fieldIn(record, 'attachment', 'commandMode') !== 'prompt' || plainText(prompt).trimStart().startsWith('<');
    book.put(
      {
        key: id,
        ...known('parent', parentOf(record, book)),
        role: 'user',
        ...known('at', timeIn(record, 'timestamp')),
        parts,
        status: 'complete',
        ...(told ? { hidden: true } : {}),
        extras: { queued: true },
      },
      files,
    );
    book.stands(id, id);
    book.setLast(id);
  }

  /** What follows this line follows what it follows. */
  function pass(record: JsonObject, book: Book): void {
    const id = textIn(record, 'uuid');
    if (id !== undefined && !book.standsFor(id)) book.stands(id, parentOf(record, book));
  }

  function takeTitle(name: 'custom' | 'ai', title: string | undefined): void {
    if (title !== undefined) titles[name] = title;
  }

  return {
    take(record, line) {
      const type = textIn(record, 'type') ?? 'without a type';
      if (type === 'user') takeUser(record, line);
      else if (type === 'assistant') takeAnswer(record, line);
      else if (type === 'attachment') takeAttachment(record, line);
      else if (type === 'system') {
        countIn(counts.left, `system ${textIn(record, 'subtype') ?? ''}`.trimEnd());
        pass(record, bookOf(record));
      } else if (type === 'custom-title') takeTitle('custom', textIn(record, 'customTitle'));
      else if (type === 'ai-title') takeTitle('ai', textIn(record, 'aiTitle'));
      else if (type === 'agent-name') takeTitle('custom', textIn(record, 'agentName'));
      else if (type === 'summary') titles.summaries[textIn(record, 'leafUuid') ?? ''] = textIn(record, 'summary') ?? '';
      else {
        countIn(KNOWN.has(type) ? counts.left : counts.unknown, type);
        // Newer kinds of lines may stand between two messages too.
        if (textIn(record, 'uuid') !== undefined && 'parentUuid' in record) pass(record, bookOf(record));
      }
    },
    told() {
      const main = books.get(session);
      if (main) {
        // Summaries at a file's beginning are mostly of other sessions.
        const summary = Object.entries(titles.summaries).findLast(([leaf]) => main.standsFor(leaf))?.[1];
        const title = [titles.custom, titles.ai, summary].find((each) => each !== undefined && each.trim() !== '');
        if (title !== undefined) main.describe({ title });
      }
      return [...books.values()].flatMap((book) => book.told() ?? []);
    },
    reachesBack: () => [...books.values()].some((book) => book.reachesBack()),
    state: () => ({ session, titles, books: Object.fromEntries([...books].map(([key, book]) => [key, book.state()])) }),
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function usageOf(usage: JsonObject | undefined): Partial<Usage> | undefined {
  if (!usage) return undefined;
  const cacheRead = numberIn(usage, 'cache_read_input_tokens');
  const cacheWrite = numberIn(usage, 'cache_creation_input_tokens');
  const reasoning = numberIn(usage, 'output_tokens_details', 'thinking_tokens');
  return {
    input: (numberIn(usage, 'input_tokens') ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: numberIn(usage, 'output_tokens') ?? 0,
    ...known('cacheRead', cacheRead),
    ...known('cacheWrite', cacheWrite),
    ...known('reasoning', reasoning === 0 ? undefined : reasoning),
  };
}
