import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { CallKind, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { LossLog } from '../losses.ts';
import { wireName } from '../openai-names.ts';
import { ERROR_MARK } from '../tool-results.ts';
import { flatName, freeText } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeParts, inputText } from './encode-content.ts';
import { takesOwnTools } from './own-tools.ts';
import { CALL_ITEMS } from './wire.ts';

/** A call as an item of its kind, where the target knows that; otherwise as a function's. `id` is the one to be written. */
export function encodeCall(part: ToolCallPart, id: string, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const own = losses.own(part.extras, where);
  const kind = takesOwnTools(facts) ? part.kind : undefined;
  const { type, field } = CALL_ITEMS[kind ?? 'function'];
  if (kind === undefined || kind === 'custom') {
    const said = kind ? { input: freeText(part.arguments) } : { arguments: part.arguments === '' ? '{}' : part.arguments };
    return { ...own, type, call_id: id, ...wireTool(part, facts), ...said };
  }
  const action = parseObject(part.arguments);
  if (!action) losses.lose(`${where}.arguments`, 'they are not a JSON object, which calls of this kind are made of');
  return { status: 'completed', ...own, type, call_id: id, [field]: action ?? {} };
}

/** A tool's name and namespace: one flat name where namespaces are not known. */
export function wireTool(
  { name, namespace }: { name: string; namespace?: string },
  facts: TargetFacts,
): { name: string; namespace?: string } {
  if (namespace === undefined) return { name: wireName(name) };
  return takesOwnTools(facts) ? { name: wireName(name), namespace } : { name: wireName(flatName({ name, namespace })) };
}

/** A result; `kind` is that of the call, which it has to fit. */
export function encodeResult(
  part: ToolResultPart,
  id: string,
  kind: CallKind | undefined,
  where: string,
  facts: TargetFacts,
  losses: LossLog,
): JsonObject {
  const own = losses.own(part.extras, where);
  const known = takesOwnTools(facts) ? kind : undefined;
  const content = encodeParts(part.content, `${where}.content`, facts, losses);
  const type = `${CALL_ITEMS[known ?? 'function'].type}_output`;
  switch (known) {
    case undefined:
    case 'custom':
      return { ...own, type, call_id: id, output: output(part.isError ? marked(content) : content) };
    case 'local-shell':
      return { ...own, type, call_id: id, output: words(part.isError ? marked(content) : content, where, losses) };
    case 'shell':
      return { ...own, type, call_id: id, output: printed(words(content, where, losses), part.isError) };
    case 'apply-patch':
      return { ...own, type, call_id: id, status: part.isError ? 'failed' : 'completed', output: words(content, where, losses) };
  }
}

/** There is no flag for a tool that failed; the model is told in the text. */
function marked(content: JsonObject[]): JsonObject[] {
  const [first, ...rest] = content;
  if (first?.type !== 'input_text') return [inputText(ERROR_MARK), ...content];
  return [{ ...first, text: ERROR_MARK + String(first.text) }, ...rest];
}

/** One plain text is a string, which every service understands; more is a list. */
function output(content: JsonObject[]): Json {
  const only = content[0];
  if (content.length === 0) return '';
  if (content.length === 1 && only?.type === 'input_text' && Object.keys(only).length === 2) return only.text as string;
  return content;
}

function words(content: JsonObject[], where: string, losses: LossLog): string {
  const texts = content.flatMap(({ type, text }) => (type === 'input_text' && typeof text === 'string' ? [text] : []));
  if (texts.length < content.length) losses.lose(`${where}.content`, 'results of this kind are text');
  return texts.join('\n');
}

/** What `shellOutput` in decode-calls.ts read; from elsewhere it is text, as the standard output of one command. */
function printed(text: string, isError: boolean): Json {
  try {
    const list = JSON.parse(text) as unknown;
    if (Array.isArray(list) && list.every((entry) => isObject(entry) && isObject(entry.outcome))) return list as Json;
  } catch {
    // Plain text.
  }
  return text === '' ? [] : [{ stdout: text, stderr: '', outcome: { type: 'exit', exit_code: isError ? 1 : 0 } }];
}
