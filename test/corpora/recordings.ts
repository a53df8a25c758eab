/** Answers that real services gave, from a folder that is no part of this repository (`UNDERSTUDY_CORPORA`). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { isObject, parseObject, type JsonObject } from '../../src/exchange/json.ts';

const CORPORA = process.env['UNDERSTUDY_CORPORA'] ?? '/work/shared/corpora';
const FIXTURES = join(CORPORA, 'vercel-ai-fixtures');
const CASSETTES = join(CORPORA, 'llm-anthropic-cassettes', 'anthropic.jsonl.gz');

/** One answer of one service. */
export interface Recording {
  /** Whose: the folder's name. */
  source: string;
  /** File, and ordinal where it holds several answers. */
  name: string;
  dialect: DialectName;
  said: { type: 'stream'; bytes: Buffer } | { type: 'body'; body: JsonObject };
}

/** A file that holds no answer in any of the four dialects. */
export interface Other {
  source: string;
  name: string;
  /** What it is; `undefined` where nobody has looked yet. */
  why: string | undefined;
}

/** A stream that is broken, most by hand: what our decoder has to end with. */
export interface Broken extends Recording {
  ends: 'malformed' | 'error';
}

export interface Corpora {
  recordings: Recording[];
  broken: Broken[];
  /** Errors as whole bodies, in a dialect. */
  errors: { source: string; name: string; dialect: DialectName; text: string }[];
  others: Other[];
}

/** Everything there is; empty where the corpora are not at hand. */
export function corpora(): Corpora {
  const all: Corpora = { recordings: cassettes(), broken: [], errors: [], others: [] };
  if (!existsSync(FIXTURES)) return all;
  for (const source of readdirSync(FIXTURES).toSorted()) {
    const folder = join(FIXTURES, source);
    if (source.endsWith('.md')) continue;
    for (const name of readdirSync(folder).toSorted()) sort(source, name, readFileSync(join(folder, name), 'utf8'), all);
  }
  return all;
}

function cassettes(): Recording[] {
  if (!existsSync(CASSETTES)) return [];
  const lines = gunzipSync(readFileSync(CASSETTES)).toString().trim().split('\n');
  return lines.flatMap((line, index) => {
    const { resp, src } = parseObject(line) ?? {};
    if (typeof resp !== 'string') return [];
    const name = `cassette ${index} ${String(src).split('/').at(-1)}`;
    return [
      {
        source: 'anthropic (cassettes)',
        name,
        dialect: 'anthropic-messages' as const,
        said: { type: 'stream' as const, bytes: Buffer.from(resp) },
      },
    ];
  });
}

function sort(source: string, name: string, text: string, all: Corpora): void {
  if (name.endsWith('.json')) return sortBody(source, name, text, all);
  if (name.endsWith('.sse')) {
    all.recordings.push({ source, name, dialect: 'openai-chat', said: { type: 'stream', bytes: Buffer.from(text) } });
    return;
  }
  const payloads = text.split('\n').filter((line) => line.trim() !== '');
  const dialect = dialectOf(payloads.map((line) => parseObject(line) ?? {}));
  if (!dialect) return void all.others.push({ source, name, why: reason(text) });
  const ends = BROKEN[name];
  if (ends) {
    const bytes = joined(named(payloads));
    return void all.broken.push({ source, name, dialect, said: { type: 'stream', bytes }, ends });
  }
  const streams = framed(dialect, payloads);
  if (streams.length === 0) all.others.push({ source, name, why: 'a fragment: it has no beginning or no end' });
  for (const [index, bytes] of streams.entries()) {
    const ordinal = streams.length > 1 ? ` #${index + 1}` : '';
    all.recordings.push({ source, name: name + ordinal, dialect, said: { type: 'stream', bytes } });
  }
}

function sortBody(source: string, name: string, text: string, all: Corpora): void {
  const body = parseObject(text);
  if (body && isObject(body.error) && body.object !== 'response') {
    return void all.errors.push({ source, name, dialect: source === 'google' ? 'gemini' : 'openai-responses', text });
  }
  const dialect = body && bodyDialect(body);
  if (body && dialect) all.recordings.push({ source, name, dialect, said: { type: 'body', body } });
  else all.others.push({ source, name, why: reason(text) });
}

function bodyDialect(body: JsonObject): DialectName | undefined {
  if (body.type === 'message' && Array.isArray(body.content)) return 'anthropic-messages';
  if (body.object === 'response' && Array.isArray(body.output)) return 'openai-responses';
  if (Array.isArray(body.candidates)) return 'gemini';
  const first = Array.isArray(body.choices) ? body.choices[0] : undefined;
  return isObject(first) && isObject(first.message) ? 'openai-chat' : undefined;
}

function dialectOf(payloads: readonly JsonObject[]): DialectName | undefined {
  if (payloads.every(({ candidates }) => Array.isArray(candidates))) return 'gemini';
  if (payloads.every(({ choices, object }) => Array.isArray(choices) && object !== 'text_completion')) return 'openai-chat';
  if (payloads.some(({ type }) => type === 'message_start')) return 'anthropic-messages';
  return payloads.some(({ type }) => type === 'response.created') ? 'openai-responses' : undefined;
}

/** As their services frame them. Files with the answers of several turns are cut apart. */
function framed(dialect: DialectName, payloads: readonly string[]): Buffer[] {
  switch (dialect) {
    case 'gemini':
      return [Buffer.from(payloads.map((line) => `data: ${line}\r\n\r\n`).join(''))];
    case 'openai-chat':
      return [Buffer.from(`${payloads.map((line) => `data: ${line}\n\n`).join('')}data: [DONE]\n\n`)];
    case 'anthropic-messages':
      return cut(named(payloads), 'message_start')
        .filter((events) => events.at(-1)!.type === 'message_stop')
        .map(joined);
    case 'openai-responses':
      return cut(named(payloads), 'response.created')
        .filter((events) => TERMINAL.test(events.at(-1)!.type))
        .map(joined);
  }
}

interface Named {
  type: string;
  text: string;
}

function named(payloads: readonly string[]): Named[] {
  return payloads.map((line) => {
    const type = String(parseObject(line)?.type ?? 'message');
    return { type, text: `event: ${type}\ndata: ${line}\n\n` };
  });
}

/** One list for each answer; what has no beginning is left out. */
function cut(events: readonly Named[], first: string): Named[][] {
  const answers: Named[][] = [];
  for (const event of events) {
    if (event.type === first) answers.push([]);
    answers.at(-1)?.push(event);
  }
  return answers;
}

const TERMINAL = /^response\.(completed|incomplete|failed)$/;

/** Two answers spliced as a naive failover would; one whose end does not repeat what came; OpenAI's own error in mid-stream. */
const BROKEN: Record<string, Broken['ends']> = {
  'duplicate-message-start.chunks.txt': 'malformed',
  'spliced-message-start.chunks.txt': 'malformed',
  'openai-shell-container.1.chunks.txt': 'malformed',
  'openai-error.1.chunks.txt': 'error',
};

function joined(events: readonly Named[]): Buffer {
  return Buffer.from(events.map(({ text }) => text).join(''));
}

/** What files that are no answers of ours are, by what they say. */
const OTHERS: [pattern: RegExp, why: string][] = [
  [/"resp_parallel"/, 'made by hand: two of its events are no JSON'],
  [
    /"contentBlock(Delta|Start|Stop)"|"stopReason"/,
    "Bedrock's Converse: spoken through the AI SDK (src/providers/bridge), no codec of ours reads it",
  ],
  [
    /"tool_plan"|"message-start"|"finish_reason": ?"[A-Z_]+"/,
    "Cohere's own chat: spoken through the AI SDK (src/providers/bridge), no codec of ours reads it",
  ],
  [/interaction/, "Google's Interactions API: another API than generateContent"],
  [/"embeddings?"|"object": ?"embedding"|embedding/i, 'embeddings: no answer of a model that talks'],
  [/relevance_?score/i, 'reranking: no answer of a model that talks'],
  [/"text_completion"/, 'the completions API before chat'],
  [/b64_json|"images?"/, 'the image API'],
  [/session\.|setupComplete|serverContent/, 'a realtime session'],
  [/transcri|Hello from the Versal|"segments"|"logprobs"/i, 'transcription'],
  [/"skill|"display_title"/, 'the skills API'],
  [/parent_tool_use_id/, "messages of Claude Code's own SDK"],
];

function reason(text: string): string | undefined {
  return OTHERS.find(([pattern]) => pattern.test(text))?.[1];
}
