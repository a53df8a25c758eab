import type { ArchivedMessage, ArchivedPart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Usage } from '../../../exchange/usage.ts';
import { openBook } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';
import { readParts, readResults } from './parts.ts';

const PRODUCER = { dialect: 'gemini', vendor: 'google' } as const;

/** What it puts before the first question in the user's voice. */
const INJECTED = /^\s*<session_context>|^This is the Gemini CLI\. We are setting up the context/;

/**
 * Gemini CLI's recordings (chatRecordingService.ts of 0.61): `tmp/<project>/chats/session-<time>-<id>.jsonl`. A line with an id that
 * was there replaces it; `$rewindTo` takes that message and all after it back, here they stay as a branch; `$set.messages` says
 * what the history is from now on. Before, a session was one JSON object, which `readGeminiWhole` turns into such lines.
 */
export const geminiCli: LineFormat = {
  source: 'gemini-cli',
  version: 1,
  what: 'Gemini CLI session',
  recognises(head, path) {
    if (path.endsWith('.jsonl')) return firstRecords(head, 1).some((record) => isMetadata(record));
    return path.endsWith('.json') && /"sessionId"/.test(head) && /"projectHash"/.test(head) && /"messages"/.test(head);
  },
  reader,
};

function isMetadata(record: JsonObject): boolean {
  return typeof record['sessionId'] === 'string' && typeof record['projectHash'] === 'string' && record['type'] === undefined;
}

/** Lines of a session that is one object. */
export function linesOfWhole(session: JsonObject): JsonObject[] {
  const { messages, ...metadata } = session;
  return [metadata, ...(Array.isArray(messages) ? messages.filter(isObject) : [])];
}

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const stem = stemOf(place.path);
  const book = openBook({ source: 'gemini-cli', key: stem, session: stem, ...known('project', place.project) }, saved?.['book']);
  /** Ids of the history as it stands now. */
  let order = listIn(saved, 'order').map(String);
  /** Ids of messages whose results are told apart. */
  const tails = new Set(listIn(saved, 'tails').map(String));

  function describe(metadata: JsonObject): void {
    const key = textIn(metadata, 'sessionId');
    // A sub-agent's lies in a folder named after the session that started it.
    const above = /\/chats\/([^/]+)\/[^/]+$/.exec(place.path)?.[1];
    const summary = textIn(metadata, 'summary');
    const folder = listIn(metadata, 'directories')[0];
    book.describe({
      ...(key === undefined ? {} : { key, session: key }),
      ...(summary === undefined || summary === '' ? {} : { title: summary }),
      ...known('createdAt', timeIn(metadata, 'startTime')),
      ...(book.head.project === undefined && typeof folder === 'string' ? { project: folder } : {}),
      ...(textIn(metadata, 'kind') === 'subagent' && above !== undefined ? { startedBy: { key: above } } : {}),
    });
  }

  function tailOf(id: string | undefined): string | undefined {
    return id !== undefined && tails.has(id) ? `${id}/results` : id;
  }

  function take(record: JsonObject): void {
    const id = textIn(record, 'id');
    const type = textIn(record, 'type');
    if (id === undefined || type === undefined) {
      countIn(counts.unknown, type ?? 'without a type');
      return;
    }
    const before = book.open(id);
    const parent = before ? before.parent : tailOf(order.at(-1));
    if (!order.includes(id)) order.push(id);
    const at = timeIn(record, 'timestamp');
    const { parts, files } = readParts(fieldIn(record, 'content'));
    if (type === 'gemini') {
      takeAnswer(record, { id, at, parent, parts });
      return;
    }
    if (!['user', 'info', 'error', 'warning'].includes(type)) countIn(counts.unknown, `message ${type}`);
    const results = parts.filter((part) => part.type === 'tool-result');
    if (results.length > 0 && results.length === parts.length && !before) {
      // The same results stand in the calls of the answer before it.
      const told = book.open(parent ?? '');
      const toldCalls = told?.role === 'tool' ? told.parts.map((part) => (part.type === 'tool-result' ? part.callId : '')) : [];
      if (results.every(({ callId }) => toldCalls.includes(callId))) {
        countIn(counts.left, 'results told already');
        order.pop();
        return;
      }
    }
    const first = parts[0]?.type === 'text' ? parts[0].text : '';
    const isUsers = type === 'user';
    const hidden = !isUsers || INJECTED.test(first);
    book.put(
      {
        key: id,
        ...known('parent', parent),
        role: isUsers ? (results.length > 0 && results.length === parts.length ? 'tool' : 'user') : 'system',
        ...known('at', at),
        parts,
        status: 'complete',
        ...(hidden ? { hidden: true } : {}),
        ...(isUsers ? {} : { extras: { kind: type } }),
      },
      files,
    );
  }

  function takeAnswer(
    record: JsonObject,
    { id, at, parent, parts }: { id: string; at: number | undefined; parent: string | undefined; parts: ArchivedPart[] },
  ): void {
    const model = textIn(record, 'model');
    const calls = listIn(record, 'toolCalls');
    const thought = thoughtsOf(listIn(record, 'thoughts'));
    const tokens = objectIn(record, 'tokens');
    const answer: ArchivedMessage = {
      key: id,
      ...known('parent', parent),
      role: 'assistant',
      ...known('at', at),
      parts: [
        ...(thought === '' ? [] : [{ type: 'reasoning' as const, text: thought, producer: { ...PRODUCER, ...known('model', model) } }]),
        ...parts,
        ...calls.map((call, index): ArchivedPart => ({
          type: 'tool-call',
          id: callId(call, id, index),
          name: textIn(call, 'name') ?? '',
          arguments: JSON.stringify(fieldIn(call, 'args') ?? {}),
        })),
      ],
      producer: { provider: 'google', ...known('model', model) },
      status: 'complete',
      ...(tokens ? { usage: usageOf(tokens) } : {}),
    };
    book.put(answer);
    const results = calls.flatMap((call, index) =>
      readResults(fieldIn(call, 'result'), callId(call, id, index), ['error', 'cancelled'].includes(textIn(call, 'status') ?? '')),
    );
    if (results.length === 0) return;
    tails.add(id);
    book.put({ key: `${id}/results`, parent: id, role: 'tool', ...known('at', at), parts: results, status: 'complete' });
  }

  /** From now on the history is this one. */
  function checkpoint(messages: readonly Json[]): void {
    const kept = messages.filter(isObject);
    order = [];
    for (const message of kept) {
      const id = textIn(message, 'id');
      if (id !== undefined && book.has(id)) order.push(id);
      else take(message);
    }
  }

  return {
    take(record) {
      const rewindTo = textIn(record, '$rewindTo');
      const set = objectIn(record, '$set');
      if (rewindTo !== undefined) {
        const index = order.indexOf(rewindTo);
        order = index < 0 ? [] : order.slice(0, index);
      } else if (set) {
        describe(set);
        if (Array.isArray(set['messages'])) checkpoint(set['messages']);
      } else if (isMetadata(record) || (record['type'] === undefined && 'sessionId' in record)) {
        describe(record);
        if (Array.isArray(record['messages'])) checkpoint(record['messages']);
      } else take(record);
      const current = tailOf(order.at(-1));
      if (current !== undefined) book.describe({ current });
    },
    told() {
      const told = book.told();
      return told ? [told] : [];
    },
    reachesBack: () => book.reachesBack(),
    state: () => ({ book: book.state(), order, tails: [...tails] }),
  };
}

function callId(call: Json, message: string, index: number): string {
  return textIn(call, 'id') ?? `${message}/${index}`;
}

/** Pieces of a stream of thoughts have no subject; headed ones are paragraphs of their own. */
function thoughtsOf(thoughts: readonly Json[]): string {
  let text = '';
  for (const thought of thoughts) {
    const subject = textIn(thought, 'subject') ?? '';
    const said = textIn(thought, 'description') ?? '';
    text += subject === '' ? said : `${text === '' ? '' : '\n\n'}**${subject}**\n${said}`;
  }
  return text;
}

function usageOf(tokens: JsonObject): Partial<Usage> {
  const thoughts = numberIn(tokens, 'thoughts') ?? 0;
  return {
    input: (numberIn(tokens, 'input') ?? 0) + (numberIn(tokens, 'tool') ?? 0),
    output: (numberIn(tokens, 'output') ?? 0) + thoughts,
    ...known('cacheRead', numberIn(tokens, 'cached')),
    ...(thoughts > 0 ? { reasoning: thoughts } : {}),
  };
}
