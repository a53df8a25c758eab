import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { OpaquePart, Producer, TextPart } from '../../../exchange/part.ts';
import type { ArchivedPart, FilePart } from '../../conversation.ts';
import { fieldsOf, listIn, objectsIn, some, textIn, wordsIn } from '../loose.ts';

/** Why bytes are missing. */
export const NOT_EXPORTED = "Claude's exports name uploaded files and do not contain them";

const PRODUCER: Producer = { dialect: 'anthropic-messages', vendor: 'anthropic' };
/** What `text` says in place of what it can't show; often fenced. */
const PLACEHOLDER = /(```\s*)?This block is not supported on your current device yet\.(\s*```)?/g;

/** Content blocks as parts. Blocks that there is no word for are kept as they are. */
export function partsOf(blocks: readonly Json[]): ArchivedPart[] {
  const parts: ArchivedPart[] = [];
  /** Calls without a result so far: older exports pair them by nothing but order and name. */
  const waiting: { id: string; name: string }[] = [];
  blocks.forEach((block, index) => {
    if (typeof block === 'string') {
      if (block !== '') parts.push({ type: 'text', text: block });
    } else if (!isObject(block)) parts.push(opaque(block));
    else if (block['type'] === 'tool_use') {
      const call = { id: wordsIn(block, 'id') ?? `call-${index}`, name: wordsIn(block, 'name') ?? 'tool' };
      waiting.push(call);
      parts.push({ type: 'tool-call', ...call, arguments: block['input'] === undefined ? '' : JSON.stringify(block['input']) });
      const besides = fieldsOf(block, ['message', 'display_content', 'integration_name', 'context', 'approval_options', 'approval_key']);
      if (Object.keys(besides).length > 0) parts.push(opaque({ type: 'tool_use_details', id: call.id, ...besides }));
    } else if (block['type'] === 'tool_result') {
      const name = textIn(block, 'name');
      const id = wordsIn(block, 'tool_use_id');
      const pair = id === undefined ? (waiting.find((call) => call.name === name) ?? waiting[0]) : waiting.find((call) => call.id === id);
      if (pair) waiting.splice(waiting.indexOf(pair), 1);
      parts.push({
        type: 'tool-result',
        callId: id ?? pair?.id ?? `call-of-${index}`,
        content: resultContent(block),
        isError: block['is_error'] === true,
      });
    } else parts.push(partOf(block));
  });
  return parts;
}

function partOf(block: JsonObject): ArchivedPart {
  switch (block['type']) {
    case 'text':
    case 'voice_note':
      return typeof block['text'] === 'string' ? textPart(block, block['text']) : opaque(block);
    case 'thinking': {
      const summaries = objectsIn(block, 'summaries').map((one) => textIn(one, 'summary') ?? '');
      const extra = fieldsOf(block, ['summaries', 'cut_off', 'truncated', 'hidden', 'thinking_hidden']);
      return {
        type: 'reasoning',
        text: wordsIn(block, 'thinking') ?? summaries.join('\n'),
        ...some('signature', wordsIn(block, 'signature')),
        producer: PRODUCER,
        ...(Object.keys(extra).length > 0 ? { extras: { dialect: 'anthropic-messages', fields: extra } } : {}),
      };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', ...some('redacted', wordsIn(block, 'data')), producer: PRODUCER };
    default:
      return isFileBlock(block) ? namedFile(block) : opaque(block);
  }
}

function textPart(block: JsonObject, text: string): TextPart {
  const citations = listIn(block, 'citations');
  return { type: 'text', text, ...(citations.length > 0 ? { extras: { dialect: 'anthropic-messages', fields: { citations } } } : {}) };
}

function resultContent(block: JsonObject): (TextPart | FilePart | OpaquePart)[] {
  const content = block['content'];
  const within = typeof content === 'string' ? [content] : Array.isArray(content) ? content : isObject(content) ? [content] : [];
  const parts = within.flatMap((each): (TextPart | FilePart | OpaquePart)[] => {
    if (typeof each === 'string') return each === '' ? [] : [{ type: 'text', text: each }];
    if (!isObject(each)) return [opaque(each)];
    if (each['type'] === 'text' && typeof each['text'] === 'string') return [textPart(each, each['text'])];
    return [isFileBlock(each) ? namedFile(each) : opaque(each)];
  });
  const besides = fieldsOf(block, ['structured_content', 'display_content', 'message', 'integration_name']);
  return Object.keys(besides).length > 0 ? [...parts, opaque({ type: 'tool_result_details', ...besides })] : parts;
}

/** Blocks that stand for a file: its bytes are elsewhere. */
export function isFileBlock(block: JsonObject): boolean {
  return ['image', 'document', 'local_resource', 'file'].includes(String(block['type'])) && !isObject(block['source']);
}

function namedFile(block: JsonObject): FilePart {
  const name = wordsIn(block, 'title') ?? wordsIn(block, 'file_name') ?? wordsIn(block, 'name') ?? wordsIn(block, 'file_path');
  const id = wordsIn(block, 'file_uuid') ?? wordsIn(block, 'uuid');
  return {
    type: 'file',
    ...some('name', name ?? id),
    ...some('mediaType', wordsIn(block, 'mime_type') ?? wordsIn(block, 'file_type')),
    content: { type: 'missing', reason: NOT_EXPORTED },
  };
}

export function opaque(value: Json): OpaquePart {
  return { type: 'opaque', producer: PRODUCER, value };
}

/** A message's `text` without what stands in it for blocks; it is worth something only where the blocks have no text. */
export function plainText(text: string): string | undefined {
  const said = text.replace(PLACEHOLDER, '');
  return said.trim() === '' ? undefined : said;
}
