import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dialectOf } from '../../../dialects/all.ts';
import type { TargetFacts } from '../../../dialects/target-facts.ts';
import type { DialectName } from '../../../exchange/dialect-name.ts';
import type { AnswerEvent } from '../../../exchange/event.ts';
import { exchangeId } from '../../../exchange/ids.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import type { Part } from '../../../exchange/part.ts';
import type { Message, Request } from '../../../exchange/request.ts';
import type { Entry, ExchangeOutcome, Opening } from '../../../journal/entry.ts';
import type { ArchivedMessage } from '../../conversation.ts';
import { openArchive, type Archive } from '../../store/open.ts';
import { putInto } from '../../store/put.ts';
import { inTransaction } from '../../store/transaction.ts';
import { keptIn } from '../kept.ts';
import { nodesIn } from '../nodes.ts';
import { takeInto } from '../take.ts';
import { threadsIn } from '../threads.ts';

const BASE = { model: 'm', prefill: false, systemRole: 'system', fixedSampling: false } as const;
const FACTS: Record<DialectName, TargetFacts> = {
  'anthropic-messages': { ...BASE, vendor: 'anthropic', reasoning: 'adaptive', maxTokensField: 'max_tokens', systemInside: true },
  'openai-chat': { ...BASE, vendor: 'openai', reasoning: 'effort', maxTokensField: 'max_completion_tokens' },
  'openai-responses': { ...BASE, vendor: 'openai', reasoning: 'none', maxTokensField: 'max_completion_tokens', systemRole: 'developer' },
  gemini: { ...BASE, vendor: 'google', reasoning: 'none', maxTokensField: 'max_tokens' },
};

export const TOOL = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } } as const;

export function requestOf(messages: Message[], more: Partial<Request> = {}): Request {
  return { model: 'm', stream: true, system: [], messages, tools: [TOOL], output: { type: 'text' }, sampling: {}, stop: [], ...more };
}

export const user = (...parts: (Part | string)[]): Message => ({ role: 'user', parts: parts.map(text) });
export const assistant = (...parts: (Part | string)[]): Message => ({ role: 'assistant', parts: parts.map(text) });
function text(part: Part | string): Part {
  return typeof part === 'string' ? { type: 'text', text: part } : part;
}

/** What an answer says, as a stream of events. */
export function eventsOf(parts: readonly Part[]): AnswerEvent[] {
  const events: AnswerEvent[] = [{ type: 'start', id: 'msg_1', model: 'm' }];
  for (const [index, part] of parts.entries()) {
    if (part.type === 'text') {
      events.push({ type: 'part-start', index, part: { type: 'text' } });
      events.push({ type: 'part-delta', index, delta: { type: 'text', text: part.text } }, { type: 'part-end', index });
    } else if (part.type === 'tool-call') {
      const { id, name } = part;
      events.push({ type: 'part-start', index, part: { type: 'tool-call', id, name } });
      events.push({ type: 'part-delta', index, delta: { type: 'arguments', json: part.arguments } }, { type: 'part-end', index });
    } else if (part.type === 'reasoning') {
      events.push({ type: 'part-start', index, part: { type: 'reasoning', producer: part.producer } });
      events.push({ type: 'part-delta', index, delta: { type: 'text', text: part.text } }, { type: 'part-end', index });
    }
  }
  return [...events, { type: 'usage', usage: { input: 10, output: 5 } }, { type: 'finish', reason: 'stop' }];
}

export interface Asking extends Partial<Opening> {
  /** How the body is changed after it was encoded. */
  body?: (body: JsonObject) => JsonObject;
  /** Absent: complete. */
  outcome?: ExchangeOutcome;
  state?: string;
  /** Instead of one target that says it all. */
  entries?: Entry[];
}

export interface Talk extends Disposable {
  archive: Archive;
  folder: string;
  /** One exchange: a request, as its dialect writes it, and its answer in the target's own bytes. Returns its id. */
  ask(dialect: DialectName, request: Request, answer: readonly Part[], asking?: Asking): string;
  /** Milliseconds pass. */
  wait(span: number): void;
}

/** An archive, and exchanges that are taken into it one after another. */
export function talk(): Talk {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-exchanges-'));
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const kept = keptIn(archive);
  const { take } = takeInto({
    archive,
    put: putInto(archive),
    nodes: nodesIn(archive),
    threads: threadsIn(archive),
    kept,
    dialect: dialectOf,
  });
  let now = Date.UTC(2026, 5, 2, 6, 5);
  let count = 0;

  return {
    archive,
    folder,
    ask(name, request, answer, { body: change = (given: JsonObject) => given, outcome, state, entries: given, ...more } = {}) {
      now += 1000;
      count += 1;
      const id = exchangeId(now, (bytes) => bytes.fill(count % 256));
      const dialect = dialectOf(name);
      const body = change(JSON.parse(JSON.stringify(dialect.encodeRequest(request, FACTS[name]).body)) as JsonObject);
      const opening: Opening = {
        id,
        at: now,
        dialect: name,
        model: 'm',
        route: 'default',
        stream: request.stream,
        principal: 'local',
        save: true,
        ...more,
      };
      const entries = given ?? nativeAnswer(name, id, answer, outcome ?? { type: 'complete', finish: 'stop' });
      const stateNow = state ?? outcome?.type ?? 'complete';
      now += 500;
      inTransaction(archive.database, () =>
        take({
          opening,
          state: stateNow,
          request: Buffer.from(JSON.stringify(body)),
          entries: () => entries.map((entry, seq) => ({ seq, at: now, entry })),
        }),
      );
      return id;
    },
    wait: (span) => (now += span),
    [Symbol.dispose]() {
      archive.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** One target's own bytes, and what its dialect reads in them. */
function nativeAnswer(name: DialectName, id: string, parts: readonly Part[], outcome: ExchangeOutcome): Entry[] {
  const dialect = dialectOf(name);
  const target = { provider: 'lead', model: 'm-1', credential: 'key', dialect: name, vendor: 'lead' };
  const start: Entry = { type: 'attempt', ordinal: 0, kind: 'first', target, native: true, losses: [], edits: [] };
  const over: Entry = { type: 'attempt-end', ordinal: 0, outcome: { type: 'whole', mended: false }, took: 5, cost: 0.01 };
  const end: Entry = { type: 'end', outcome, usage: { input: 10, output: 5 } };
  if (parts.length === 0) return [start, over, end];
  const encoder = dialect.encoder({ exchange: id, head: { model: 'm', stream: true, includeUsage: true }, created: 9 });
  const events = outcome.type === 'complete' ? eventsOf(parts) : eventsOf(parts).slice(0, -2);
  const bytes = Buffer.from(encoder.encode(events) + (outcome.type === 'complete' ? encoder.end(false) : ''));
  const decoder = dialect.decoder();
  const read = decoder.push(bytes).flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
  return [start, { type: 'bytes', attempt: 0, bytes, events: read, terminated: true }, over, end];
}

/** What a person would see of a message. */
export function seen({ parts }: Pick<ArchivedMessage, 'parts'>): string {
  return parts
    .map((part) => {
      if (part.type === 'text' || part.type === 'refusal') return part.text;
      if (part.type === 'tool-call') return `${part.name}(${part.arguments})`;
      if (part.type === 'tool-result') return part.content.map((each) => (each.type === 'text' ? each.text : each.type)).join('');
      return part.type === 'reasoning' ? '' : part.type;
    })
    .filter((each) => each !== '')
    .join(' ');
}
