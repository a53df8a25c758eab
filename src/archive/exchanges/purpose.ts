import type { Request } from '../../exchange/request.ts';
import { withoutInjected } from './injected.ts';

/** Programs that ask on their own account too: for a title, a check, a summary. */
const AGENTS = /claude-cli|claude-code|codex|gemini-?cli|opencode|qwen-?code|copilot|\bpi\b|pi-coding|understudy-handoff/i;

/**
 * What such requests say of themselves, in the system prompt or the last message, with what they are for. Taken from requests of Claude Code
 * 2.0-2.1, opencode 1.x, Gemini CLI 0.2x-0.6x, Qwen Code and Copilot CLI; those that are not among them are told by their form alone.
 */
const WORDS: readonly [purpose: string, words: RegExp][] = [
  [
    'title',
    /\btitle generator\b|generate a (?:concise|short|brief)[^.]{0,60}\btitle\b|(?:sentence-case|session|conversation|thread) title|write a \d+-\d+ word title|in under 50 characters/i,
  ],
  ['topic', /isNewTopic|indicates a new conversation topic/],
  ['command check', /extract(?:s)? (?:any )?(?:the )?(?:file paths|command prefix)|policy_spec|risk(?:s)? of command injection/i],
  ['next speaker', /\*?only\*? the content and structure of your immediately preceding response/i],
  ['suggestion', /^\[SUGGESTION MODE|suggest what the user (?:might|would) (?:naturally )?type next/i],
  [
    'summary',
    /tasked with summarizing conversations|your task is to create a detailed summary of the conversation|(?:generate|create)[^.]{0,40}<state_snapshot>|provide a detailed prompt for continuing our conversation/i,
  ],
];
/** Characters of a message that are looked at, from its beginning and its end: such requests quote much in between. */
const ENOUGH = 4000;

/** What a client has asked for its own use; `undefined`: somebody wants to read the answer. */
export function purposeOf(request: Request, client: string | undefined): string | undefined {
  const isAgent = client !== undefined && AGENTS.test(client);
  if (!isAgent) return undefined;
  // Claude Code looks whether it may ask at all: the one word `quota`, for one token of an answer.
  if (request.maxOutputTokens === 1) return 'check';
  const system = request.system.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const said = lastWords(request);
  const inWords = WORDS.find(([, words]) => words.test(said) || (request.tools.length === 0 && words.test(ends(system))));
  if (inWords && (request.tools.length === 0 || inWords[0] === 'summary' || inWords[0] === 'suggestion')) return inWords[0];
  const isAlone = !request.messages.some(({ role }) => role === 'assistant');
  return isAlone && request.tools.length === 0 && request.output.type === 'json-schema' ? 'helper' : undefined;
}

function lastWords({ messages }: Request): string {
  const last = messages.findLast(({ role }) => role === 'user');
  const text = (last?.parts ?? []).map((part) => (part.type === 'text' ? withoutInjected(part.text) : '')).join('\n');
  return ends(text.trim());
}

function ends(text: string): string {
  return text.length <= 2 * ENOUGH ? text : `${text.slice(0, ENOUGH)}\n${text.slice(-ENOUGH)}`;
}
