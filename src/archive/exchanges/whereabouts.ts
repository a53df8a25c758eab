import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { Opening } from '../../journal/entry.ts';
import { digest } from './form.ts';

/** What a request says of the conversation that it belongs to, besides its history. */
export interface Whereabouts {
  /** The client's own name of its session. */
  session?: string;
  /** Of its sub-agents the one that asks; and who started that: another one, or the session itself. */
  agent?: string;
  /** What the client's own transcript of the sub-agent is called, where that is not `session/agent`. */
  transcript?: string;
  startedBy?: string;
  /** OpenAI keeps the history under this name, and requests do not hold it. */
  kept?: string;
  /** Program, without its version. */
  client: string;
  /** Under which name the client shares a cache. */
  cacheKey?: string;
  /** How the system prompt begins, and whether there are tools: the same for all turns of a conversation. */
  voice: string;
  project?: string;
  branch?: string;
}

export function whereaboutsOf(opening: Opening, body: JsonObject, request: Request): Whereabouts {
  const cacheKey = body['prompt_cache_key'];
  const kept = keptAs(body);
  const about = surroundingText(request);
  const project = /(?:(?:primary )?working directory:|<cwd>|working in the directory:?)\s*`?((?:\/|[A-Za-z]:\\)[^\n<`]+)/i
    .exec(about)?.[1]
    ?.trim();
  const branch = /^(?:current )?(?:git )?branch: *(\S+)$/im.exec(about)?.[1];
  return {
    ...sessionOf(opening, body),
    ...(kept !== undefined && { kept }),
    client: /^[^/\s(]+/.exec(opening.client ?? '')?.[0] ?? '',
    ...(typeof cacheKey === 'string' && cacheKey !== '' && { cacheKey }),
    voice: voiceOf(request),
    ...(project !== undefined && { project }),
    ...(branch !== undefined && { branch }),
  };
}

function sessionOf(opening: Opening, body: JsonObject): Pick<Whereabouts, 'session' | 'agent' | 'startedBy' | 'transcript'> {
  const { agent, parentAgent } = opening;
  const codex = codexThread(body);
  if (codex && codex.thread !== codex.session) {
    return {
      session: codex.session,
      agent: codex.thread,
      transcript: codex.thread,
      ...(codex.parent !== undefined && codex.parent !== codex.session && { startedBy: codex.parent }),
    };
  }
  const session = opening.session ?? claudeSession(body);
  return {
    ...(session !== undefined && { session }),
    ...(session !== undefined && agent !== undefined && { agent, ...(parentAgent !== undefined && { startedBy: parentAgent }) }),
  };
}

/** Before it had a header for that, Claude Code said its session in `metadata.user_id`: as JSON, or `user_…_account_…_session_<uuid>`. */
function claudeSession({ metadata }: JsonObject): string | undefined {
  const user = isObject(metadata) ? metadata['user_id'] : undefined;
  if (typeof user !== 'string') return undefined;
  const session = parseObject(user)?.['session_id'];
  if (typeof session === 'string' && session !== '') return session;
  return /_session_([0-9a-f]{8}-[0-9a-f-]{27})$/.exec(user)?.[1];
}

/** Codex: a thread is one of a session's agents. */
function codexThread({ client_metadata: about }: JsonObject): { session: string; thread: string; parent?: string } | undefined {
  if (!isObject(about)) return undefined;
  const turn = typeof about['x-codex-turn-metadata'] === 'string' ? parseObject(about['x-codex-turn-metadata']) : undefined;
  const told = (name: string): string | undefined =>
    [about[name], turn?.[name]].find((value) => typeof value === 'string' && value !== '') as string | undefined;
  const session = told('session_id');
  const thread = told('thread_id');
  const parent = told('parent_thread_id');
  return session === undefined || thread === undefined ? undefined : { session, thread, ...(parent !== undefined && { parent }) };
}

/** Responses: the history is OpenAI's, under a conversation's name. (What goes on from an answer of ours holds all of it: server/responses.) */
function keptAs({ conversation, previous_response_id: previous }: JsonObject): string | undefined {
  const id = isObject(conversation) ? conversation['id'] : conversation;
  if (typeof id === 'string' && id !== '') return id;
  return typeof previous === 'string' && previous !== '' ? previous : undefined;
}

/** Characters of the system prompt. What comes later (folder, date, git status) may change within a conversation. */
const BEGINNING = 400;
/** Claude Code's first block is for its maker's books, and differs from request to request. */
const BOOKS = /^x-anthropic-billing-header:[^\n]*\n?/;

function voiceOf({ system, tools }: Request): string {
  const text = system.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  return digest(`${text.replace(BOOKS, '').slice(0, BEGINNING).replace(/\d+/g, '0')}\n${tools.length > 0}`);
}

/** Where clients say in which folder they are: the system prompt, and the first messages. */
function surroundingText({ system, messages }: Request): string {
  const first = messages.slice(0, 3).flatMap(({ role, parts }) => (role === 'assistant' ? [] : parts));
  return [...system, ...first].map((part) => (part.type === 'text' ? part.text.slice(0, 50_000) : '')).join('\n');
}
