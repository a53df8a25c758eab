import type { ArchivedMessage, ArchivedPart, ConversationHead } from '../../conversation.ts';
import { isObject, parseObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Producer } from '../../../exchange/part.ts';
import type { ToldConversation } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, type LineCounts } from '../line-reader.ts';

/** What a conversation of Cursor's windows is made of, besides what its own row says. */
export interface AroundComposer {
  /** The row of a message; `undefined`: it is not there, or says nothing. */
  bubble(id: string): JsonObject | undefined;
  /** What the list of conversations says of it. */
  head?: JsonObject;
  /** The one that started it. */
  parent?: string;
  counts: LineCounts;
}

const PRODUCER: Producer = { dialect: 'openai-chat', vendor: 'cursor' };
const USER = 1;
const ASSISTANT = 2;
/** Its last answer did not come to an end. */
const CUT = new Set(['aborted', 'error', 'generating']);
/** No model's name. */
const DEFAULT_MODEL = 'default';

/**
 * A conversation of Cursor's windows (`composerData:<id>`, its messages in `bubbleId:<id>:<message>`). Its vendor documents none of it; the shape is
 * what several programs that read it agree on (versions 3 to 10 of the row, 3 of a message). `undefined`: nothing was said in it, or its build is not known, which
 * is counted.
 */
export function tellComposer(id: string, composer: JsonObject, around: AroundComposer): ToldConversation | undefined {
  const { counts, head: listed, parent } = around;
  const bubbles = bubblesOf(composer, around);
  if (!bubbles) {
    countIn(counts.unknown, 'conversation without a list of its messages');
    return undefined;
  }
  const messages: ArchivedMessage[] = [];
  const usual = modelIn(composer, 'modelConfig', 'modelName');
  let model = usual;
  let above: string | undefined;
  for (const [key, bubble] of bubbles) {
    if (numberIn(bubble, 'type') === USER) model = modelIn(bubble, 'modelInfo', 'modelName') ?? usual;
    for (const message of messagesOf(key, bubble, modelIn(bubble, 'modelInfo', 'modelName') ?? model, counts)) {
      messages.push({ ...message, ...known('parent', above) });
      above = message.key;
    }
  }
  if (messages.length === 0) return undefined;
  const last = messages.at(-1)!;
  if (CUT.has(textIn(composer, 'status') ?? '') && last.role !== 'user') messages[messages.length - 1] = { ...last, status: 'partial' };
  const title = textIn(composer, 'name') ?? textIn(listed, 'name');
  const head: ConversationHead = {
    source: 'cursor',
    // Its transcript for agents, where there is one, has ids of its own for the same messages: `session` says that they are the same.
    key: `composer/${id}`,
    session: id,
    ...(title === undefined || title.trim() === '' ? {} : { title }),
    ...known('createdAt', timeIn(composer, 'createdAt')),
    ...known('updatedAt', timeIn(composer, 'lastUpdatedAt') ?? timeIn(composer, 'createdAt')),
    ...known('project', projectOf(composer, listed, bubbles)),
    ...known('branch', textIn(composer, 'createdOnBranch')),
    ...(parent === undefined ? {} : { startedBy: { key: `composer/${parent}` } }),
    extras: { ...known('version', numberIn(composer, '_v')), ...known('mode', textIn(composer, 'unifiedMode')) },
  };
  return { head, messages, files: [] };
}

/** In their order. `undefined`: nothing says which there are. */
function bubblesOf(composer: JsonObject, { bubble, counts }: AroundComposer): [key: string, bubble: JsonObject][] | undefined {
  const headers = listIn(composer, 'fullConversationHeadersOnly').filter(isObject);
  if (headers.length > 0) {
    return headers.flatMap((header): [string, JsonObject][] => {
      const id = textIn(header, 'bubbleId');
      const found = id === undefined ? undefined : bubble(id);
      if (id !== undefined && found) return [[id, found]];
      countIn(counts.unknown, 'message that the database lists and does not have');
      return [];
    });
  }
  // Before they had rows of their own, all stood in the conversation's.
  const map = objectIn(composer, 'conversationMap');
  const inline = listIn(composer, 'conversation');
  const within = inline.length > 0 ? inline : Object.values(map ?? {});
  const isKnown = ['fullConversationHeadersOnly', 'conversation'].some((name) => Array.isArray(composer[name])) || map !== undefined;
  if (!isKnown) return undefined;
  return within.filter(isObject).map((each, place) => [textIn(each, 'bubbleId') ?? `message-${place}`, each]);
}

/** A message; and the result of its tool, which Cursor keeps in the same row. */
function messagesOf(key: string, bubble: JsonObject, model: string | undefined, counts: LineCounts): ArchivedMessage[] {
  const type = numberIn(bubble, 'type');
  const at = timeIn(bubble, 'createdAt') ?? clockIn(bubble, 'clientEndTime') ?? clockIn(bubble, 'clientRpcSendTime');
  const base = { key, ...known('at', at), status: 'complete' as const };
  if (type === USER) return [{ ...base, role: 'user', parts: [...textOf(bubble), ...imagesOf(bubble)] }];
  if (type !== ASSISTANT) {
    countIn(counts.unknown, `message of type ${type ?? 'without a number'}`);
    return [{ ...base, role: 'system', hidden: true, parts: [{ type: 'opaque', producer: PRODUCER, value: bubble }] }];
  }
  const tool = objectIn(bubble, 'toolFormerData');
  const call = tool && callOf(tool, key);
  const thoughts = textIn(bubble, 'thinking', 'text') ?? '';
  const signature = textIn(bubble, 'thinking', 'signature');
  const parts: ArchivedPart[] = [
    ...(thoughts === ''
      ? []
      : [
          {
            type: 'reasoning' as const,
            text: thoughts,
            ...known('signature', signature),
            producer: { ...PRODUCER, ...known('model', model) },
          },
        ]),
    ...textOf(bubble),
    ...(call ? [call] : []),
  ];
  // Only a mark of the window's: where an answer begins, or what was checked.
  if (parts.length === 0) return [];
  const usage = usageOf(bubble);
  const answer: ArchivedMessage = {
    ...base,
    role: 'assistant',
    parts,
    ...(model === undefined ? {} : { producer: { model } }),
    ...(usage && { usage }),
  };
  const result = tool && call ? resultOf(tool, call.id) : undefined;
  return [answer, ...(result ? [{ ...base, key: `${key}/result`, role: 'tool' as const, parts: [result] }] : [])];
}

function textOf(bubble: JsonObject): ArchivedPart[] {
  const text = textIn(bubble, 'text') ?? '';
  if (text.trim() !== '') return [{ type: 'text', text }];
  // Where an answer is nothing but code, it stands beside the text.
  return listIn(bubble, 'codeBlocks').flatMap((block): ArchivedPart[] => {
    const code = textIn(block, 'content') ?? '';
    return code === '' ? [] : [{ type: 'text', text: `\`\`\`${textIn(block, 'languageId') ?? ''}\n${code}\n\`\`\`` }];
  });
}

function imagesOf(bubble: JsonObject): ArchivedPart[] {
  return listIn(bubble, 'images').map((image) => ({
    type: 'file',
    ...known('name', textIn(image, 'name') ?? textIn(image, 'path')),
    content: { type: 'missing', reason: 'Cursor keeps it elsewhere' },
  }));
}

function callOf(tool: JsonObject, key: string): Extract<ArchivedPart, { type: 'tool-call' }> {
  const number = numberIn(tool, 'tool');
  const name = textIn(tool, 'name') ?? (number === undefined ? 'tool' : `tool-${number}`);
  return { type: 'tool-call', id: textIn(tool, 'toolCallId') ?? key, name, arguments: argumentsOf(tool) };
}

/** As the model wrote them, else as Cursor has taken them. */
function argumentsOf(tool: JsonObject): string {
  for (const name of ['rawArgs', 'params']) {
    const value = fieldIn(tool, name);
    if (isObject(value)) return JSON.stringify(value);
    if (typeof value === 'string' && parseObject(value)) return value;
  }
  return textIn(tool, 'rawArgs') ?? '';
}

function resultOf(tool: JsonObject, callId: string): ArchivedPart | undefined {
  const result = fieldIn(tool, 'result');
  const status = textIn(tool, 'status') ?? '';
  const isRefused = textIn(tool, 'userDecision') === 'rejected' || ['rejected', 'cancelled', 'denied'].includes(status);
  const text = typeof result === 'string' ? result : result === undefined || result === null ? '' : JSON.stringify(result);
  if (text === '' && !isRefused && status !== 'error') return undefined;
  const said = text === '' ? (isRefused ? 'not allowed' : 'failed') : text;
  return { type: 'tool-result', callId, content: [{ type: 'text', text: said }], isError: isRefused || status === 'error' };
}

function usageOf(bubble: JsonObject): { input: number; output: number } | undefined {
  const input = numberIn(bubble, 'tokenCount', 'inputTokens') ?? 0;
  const output = numberIn(bubble, 'tokenCount', 'outputTokens') ?? 0;
  return input + output > 0 ? { input, output } : undefined;
}

function modelIn(value: JsonObject, ...path: string[]): string | undefined {
  const model = textIn(value, ...path);
  return model === undefined || model === '' || model === DEFAULT_MODEL ? undefined : model;
}

/** UTC milliseconds; some of these are counted from the window's start instead. */
function clockIn(bubble: JsonObject, name: string): number | undefined {
  const time = numberIn(bubble, 'timingInfo', name);
  return time !== undefined && time > Date.UTC(2020) ? Math.round(time) : undefined;
}

function projectOf(composer: JsonObject, listed: JsonObject | undefined, bubbles: readonly [string, JsonObject][]): string | undefined {
  for (const each of [composer, listed]) {
    const uri = objectIn(each, 'workspaceIdentifier', 'uri');
    const path = textIn(uri, 'fsPath') ?? textIn(uri, 'path');
    if (path !== undefined && path !== '') return path;
  }
  for (const [, bubble] of bubbles) {
    const [uri] = listIn(bubble, 'workspaceUris');
    if (typeof uri === 'string' && uri.startsWith('file:///')) return pathOf(uri);
  }
  return undefined;
}

/** `file:///home/ada/x` and `file:///c%3A/x`, as the editor writes them. */
function pathOf(uri: string): string {
  try {
    return decodeURIComponent(uri.slice('file://'.length)).replace(/^\/([A-Za-z]:)/, '$1');
  } catch {
    return uri;
  }
}

/** A row's JSON; it may be written as text in text. */
export function objectOf(value: unknown): JsonObject | undefined {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  if (typeof text !== 'string') return undefined;
  try {
    const parsed = JSON.parse(text) as Json;
    const inner = typeof parsed === 'string' ? (JSON.parse(parsed) as Json) : parsed;
    return isObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}
