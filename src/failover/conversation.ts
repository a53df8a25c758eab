import { hash } from 'node:crypto';
import type { RequestHead } from '../dialects/dialect.ts';
import { elements, layoutOf, leadingElements, parseJson } from '../dialects/json-spans.ts';
import { isObject, type Json } from '../exchange/json.ts';

/** What a conversation is told by. */
export interface Spoken {
  head: Pick<RequestHead, 'model' | 'layout' | 'parsed'>;
  body: Buffer;
  headers: readonly [name: string, value: string][];
}

/**
 * Where clients put their own name for a conversation, the narrowest first (test/fixtures/requests): Codex (a thread is one of a session's
 * agents), opencode and pi, older Codex; Claude Code's is of a whole session, whose sub-agents have ids of their own.
 */
const SESSION_HEADERS = ['thread-id', 'session-id', 'session_id', 'conversation_id', 'x-claude-code-session-id'];
const AGENT_HEADER = 'x-claude-code-agent-id';
const PARENT_AGENT_HEADER = 'x-claude-code-parent-agent-id';
/** Members that hold the conversation, and those that hold what stands before it, in all dialects. */
const HISTORY = ['messages', 'input', 'contents'];
const BEFORE = ['prompt_cache_key', 'system', 'instructions', 'systemInstruction', 'system_instruction'];
/** Characters of each text that are looked at. What differs only after that is one conversation, and has one cache for a beginning. */
const ENOUGH = 8192;
/** A conversation that has not come to the user by then is told by what came before. */
const FURTHEST = 16;

/** The client's own name for its session, where it sends one. */
export function sessionName(headers: Spoken['headers']): string | undefined {
  let found: string | undefined;
  let rank = SESSION_HEADERS.length;
  for (const [given, value] of headers) {
    const place = SESSION_HEADERS.indexOf(given.toLowerCase());
    if (place < 0 || place >= rank || value === '') continue;
    rank = place;
    found = value;
  }
  return found;
}

/** The client's sub-agent that asks, and the one that started it. */
export function agentNames(headers: Spoken['headers']): { agent?: string; parentAgent?: string } {
  const named = (header: string): string | undefined => headers.find(([name, value]) => name.toLowerCase() === header && value !== '')?.[1];
  const agent = named(AGENT_HEADER);
  const parentAgent = named(PARENT_AGENT_HEADER);
  return { ...(agent !== undefined && { agent }), ...(agent !== undefined && parentAgent !== undefined && { parentAgent }) };
}

/** The session, and of its sub-agents the one that asks: each has a conversation of its own. */
export function sessionOf(headers: Spoken['headers']): string | undefined {
  const session = sessionName(headers);
  const agent = headers.find(([name]) => name.toLowerCase() === AGENT_HEADER)?.[1];
  return session === undefined || agent === undefined ? session : `${session} ${agent}`;
}

/**
 * What a conversation is known by: the client's own name for it, else its stable beginning: what the system says, up to the first words of the
 * user. Words, not bytes: clients move their cache marks about. An agent's sub-agents share the first of these, hardly ever the last.
 */
export function conversationKey(route: string, spoken: Spoken): string {
  const session = sessionOf(spoken.headers);
  const told = session === undefined ? beginningOf(spoken) : ['session', session];
  return hash('sha1', [route, spoken.head.model, ...told].join('\n'), 'base64');
}

function beginningOf(spoken: Spoken): string[] {
  const members = membersOf(spoken);
  const told = BEFORE.map((name) => wordsOf(members.value(name)).slice(0, ENOUGH));
  let looked = 0;
  for (const element of members.leading()) {
    const role = isObject(element) && typeof element.role === 'string' ? element.role : 'user';
    told.push(`${role} ${wordsOf(element).slice(0, ENOUGH)}`);
    if ((role === 'user' && kindOf(element) === 'words') || ++looked === FURTHEST) break;
  }
  return told;
}

/** Whether the request goes on with a turn under way: results of tools have come since the assistant spoke last. Looks through the whole body. */
export function isWithinTurn(spoken: Spoken): boolean {
  for (const element of membersOf(spoken).backwards()) {
    const kind = kindOf(element);
    if (kind !== 'words') return kind === 'result';
  }
  return false;
}

/** `words`: of the user or the system. */
function kindOf(element: Json): 'words' | 'result' | 'assistant' {
  if (!isObject(element)) return 'words';
  const { role, type } = element;
  if (role === 'tool' || role === 'function') return 'result';
  if (role === 'assistant' || role === 'model') return 'assistant';
  // Items of Responses: what is no message, no tools and no result was made by the model.
  if (typeof type === 'string' && type !== 'message' && type !== 'additional_tools')
    return type.endsWith('_output') || type.endsWith('_response') ? 'result' : 'assistant';
  const pieces = element.content ?? element.parts;
  return Array.isArray(pieces) && pieces.some(isResult) ? 'result' : 'words';
}

function isResult(piece: Json): boolean {
  if (!isObject(piece)) return false;
  if (typeof piece.type === 'string' && piece.type.endsWith('tool_result')) return true;
  return piece.functionResponse !== undefined || piece.function_response !== undefined;
}

function wordsOf(json: Json | undefined): string {
  if (typeof json === 'string') return json;
  if (Array.isArray(json)) return json.map(wordsOf).join('\n');
  return isObject(json) ? wordsOf(json.text ?? json.content ?? json.parts) : '';
}

interface Members {
  value(name: string): Json | undefined;
  /** The conversation from its beginning. */
  leading(): Iterable<Json>;
  /** The conversation from its end. */
  backwards(): Iterable<Json>;
}

/** From what has been parsed, or from no more of the bytes than is looked at. */
function membersOf({ head, body }: Spoken): Members {
  const json = head.parsed?.of === body ? head.parsed.look() : undefined;
  if (json) {
    const history = HISTORY.map((name) => json[name]).find((value) => value !== undefined && value !== null);
    const list = Array.isArray(history) ? history : history === undefined || history === null ? [] : [history];
    return { value: (name) => json[name], leading: () => list, backwards: () => list.toReversed() };
  }
  const layout = layoutOf(body, head.layout);
  const spans = layout.ok ? layout.value.members : new Map<string, never>();
  const history = HISTORY.map((name) => spans.get(name)).find((span) => span !== undefined);

  function parsed(span: { start: number; end: number } | undefined): Json | undefined {
    const value = span && parseJson(body, span.start, span.end);
    return value?.ok ? value.value : undefined;
  }
  const isList = history !== undefined && body[history.start] === OPEN_ARRAY;
  const alone = isList ? undefined : parsed(history);
  return {
    value: (name) => parsed(spans.get(name)),
    *leading() {
      if (!isList) return alone === undefined ? undefined : yield alone;
      for (const span of leadingElements(body, history.start, history.end)) yield parsed(span) ?? null;
    },
    *backwards() {
      if (!isList) return alone === undefined ? undefined : yield alone;
      const all = elements(body, history.start, history.end);
      if (all.ok) for (const span of all.value.toReversed()) yield parsed(span) ?? null;
    },
  };
}

const OPEN_ARRAY = 91;
