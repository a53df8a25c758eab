import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { VendorError } from '../errors.ts';
import { isOwnSignature } from '../signature.ts';

/** Models up to 4.5 carry a trailing assistant turn on; later ones refuse it (research/dialects.md 3.1). */
const TAKES_PREFILL = /^claude-(2|3|instant|(opus|sonnet|haiku)-4(-[015])?(-\d{8})?$)|prefill$/;

/** What the Messages API answers 400 to, in its own words; `undefined`: the request is in order. */
export function strictAnthropic(body: JsonObject): VendorError | undefined {
  const message = problem(body);
  return message === undefined ? undefined : { status: 400, type: 'invalid_request_error', message };
}

function problem(body: JsonObject): string | undefined {
  if (typeof body.model !== 'string' || body.model === '') return 'model: Field required';
  if (typeof body.max_tokens !== 'number') return 'max_tokens: Field required';
  if (!Number.isInteger(body.max_tokens) || body.max_tokens < 1) return 'max_tokens: Input should be greater than or equal to 1';
  if (!Array.isArray(body.messages)) return 'messages: Field required';
  if (body.messages.length === 0) return 'messages: at least one message is required';
  const messages: JsonObject[] = [];
  for (const [index, message] of body.messages.entries()) {
    if (!isObject(message)) return `messages.${index}: Input should be an object`;
    const wrong = messageProblem(message, index);
    if (wrong !== undefined) return wrong;
    messages.push(message);
  }
  return thinkingProblem(body) ?? toolsProblem(body) ?? orderProblem(messages, body.model) ?? thoughtlessProblem(body, messages);
}

function messageProblem(message: JsonObject, index: number): string | undefined {
  const at = `messages.${index}`;
  if (message.role !== 'user' && message.role !== 'assistant' && message.role !== 'system') {
    return `${at}.role: Input should be 'user' or 'assistant'`;
  }
  if (typeof message.content === 'string') {
    return message.content === ''
      ? `${at}: all messages must have non-empty content except for the optional final assistant message`
      : undefined;
  }
  if (!Array.isArray(message.content)) return `${at}.content: Field required`;
  if (message.content.length === 0)
    return `${at}: all messages must have non-empty content except for the optional final assistant message`;
  for (const [place, block] of message.content.entries()) {
    const wrong = isObject(block) ? blockProblem(block, message.role) : 'Input should be an object';
    if (wrong !== undefined) return `${at}.content.${place}${wrong.startsWith(':') || wrong.startsWith('.') ? '' : ': '}${wrong}`;
  }
  return undefined;
}

function blockProblem(block: JsonObject, role: string): string | undefined {
  switch (block.type) {
    case 'text':
      if (typeof block.text !== 'string') return '.text.text: Field required';
      return block.text === '' ? 'text content blocks must be non-empty' : undefined;
    case 'thinking':
      if (role !== 'assistant') return 'thinking blocks may only be in assistant messages';
      return typeof block.signature === 'string' && isOwnSignature('anthropic-messages', block.signature)
        ? undefined
        : 'Invalid `signature` in `thinking` block';
    case 'redacted_thinking':
      return typeof block.data === 'string' && isOwnSignature('anthropic-messages', block.data)
        ? undefined
        : 'Invalid `data` in `redacted_thinking` block';
    case 'server_tool_use':
      return typeof block.id === 'string' && /^srvtoolu_[a-zA-Z0-9_]+$/.test(block.id)
        ? undefined
        : ".server_tool_use.id: String should match pattern '^srvtoolu_[a-zA-Z0-9_]+$'";
    case 'tool_use':
      if (typeof block.id !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(block.id))
        return ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
      if (typeof block.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(block.name)) {
        return ".tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
      }
      return isObject(block.input) ? undefined : '.tool_use.input: Input should be a valid dictionary';
    case 'tool_result':
      if (role === 'assistant') return 'unexpected `tool_result` block in an assistant message';
      if (typeof block.tool_use_id !== 'string') return '.tool_result.tool_use_id: Field required';
      return /^[a-zA-Z0-9_-]+$/.test(block.tool_use_id)
        ? undefined
        : ".tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'";
    case undefined:
      return '.type: Field required';
    default:
      return undefined;
  }
}

function thinkingProblem(body: JsonObject): string | undefined {
  const thinking = isObject(body.thinking) ? body.thinking : {};
  if (thinking.type !== 'enabled') return undefined;
  if (typeof thinking.budget_tokens !== 'number') return 'thinking.enabled.budget_tokens: Field required';
  if (thinking.budget_tokens < 1024) return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  if (thinking.budget_tokens >= (body.max_tokens as number)) return '`max_tokens` must be greater than `thinking.budget_tokens`.';
  const choice = isObject(body.tool_choice) ? body.tool_choice.type : undefined;
  return choice === 'any' || choice === 'tool' ? 'Thinking may not be enabled when tool_choice forces tool use.' : undefined;
}

function toolsProblem(body: JsonObject): string | undefined {
  const names = new Set<string>();
  for (const [index, tool] of (Array.isArray(body.tools) ? body.tools : []).entries()) {
    if (!isObject(tool)) return `tools.${index}: Input should be an object`;
    if (typeof tool.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) {
      return `tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    }
    if (names.has(tool.name)) return 'tools: Tool names must be unique.';
    names.add(tool.name);
    if ((tool.type === undefined || tool.type === 'custom') && !isObject(tool.input_schema))
      return `tools.${index}.custom.input_schema: Field required`;
  }
  return undefined;
}

/** Pairing: each `tool_use` is answered in the very next user message, first of all, and nothing else is answered. */
function orderProblem(messages: readonly JsonObject[], model: string): string | undefined {
  const turns = messages.filter((message) => message.role !== 'system');
  if (turns[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  const last = turns.at(-1)!;
  if (last.role === 'assistant') {
    if (!TAKES_PREFILL.test(model)) {
      return 'This model does not support assistant message prefill. The conversation must end with a user message.';
    }
    if (/\s$/.test(textOf(last.content))) return 'messages: final assistant content cannot end with trailing whitespace';
  }
  let owed: string[] = [];
  const called = new Set<string>();
  for (const [index, message] of turns.entries()) {
    const blocks = Array.isArray(message.content) ? message.content.filter(isObject) : [];
    const answered = blocks.flatMap((block) => (block.type === 'tool_result' ? [String(block.tool_use_id)] : []));
    const missing = owed.filter((id) => !answered.includes(id));
    if (message.role === 'user' && missing.length > 0) {
      return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    const stray = answered.find((id) => !owed.includes(id));
    if (stray !== undefined) {
      return `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const firstOther = blocks.findIndex((block) => block.type !== 'tool_result');
    if (answered.length > 0 && firstOther >= 0 && firstOther < blocks.findLastIndex((block) => block.type === 'tool_result')) {
      return `messages.${index}: \`tool_result\` blocks must come first in the message`;
    }
    const calls = blocks.flatMap((block) => (block.type === 'tool_use' ? [String(block.id)] : []));
    if (new Set(calls).size < calls.length || calls.some((id) => called.has(id)))
      return `messages.${index}: \`tool_use\` ids must be unique`;
    for (const id of calls) called.add(id);
    owed = message.role === 'assistant' ? [...(turns[index - 1]?.role === 'assistant' ? owed : []), ...calls] : [];
  }
  return undefined;
}

/**
 * With a thinking budget the turn that goes on begins with its thinking: the assistant's part of a tool loop that is open, and what
 * would be a prefill (docs.claude.com, "Extended thinking"; adaptive thinking has no such rule).
 */
function thoughtlessProblem(body: JsonObject, messages: readonly JsonObject[]): string | undefined {
  if (!isObject(body.thinking) || body.thinking.type !== 'enabled') return undefined;
  const asked = messages.findLastIndex((message) => message.role === 'user' && !hasBlock(message, 'tool_result'));
  const index = messages.findIndex((message, place) => place > asked && message.role === 'assistant');
  const turn = messages[index];
  if (!turn) return undefined;
  const first = Array.isArray(turn.content) ? turn.content[0] : { type: 'text' };
  const found = isObject(first) ? String(first.type) : 'text';
  const prefill = messages.at(-1)?.role === 'assistant';
  if (!prefill && (found === 'thinking' || found === 'redacted_thinking')) return undefined;
  return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${found}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). To avoid this requirement, disable \`thinking\`.`;
}

function hasBlock(message: JsonObject, type: string): boolean {
  return Array.isArray(message.content) && message.content.some((block) => isObject(block) && block.type === type);
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  const last = Array.isArray(content) ? content.at(-1) : undefined;
  return isObject(last) && typeof last.text === 'string' ? last.text : '';
}
