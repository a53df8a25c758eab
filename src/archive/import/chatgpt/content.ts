import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { OpaquePart, Producer, TextPart } from '../../../exchange/part.ts';
import type { ArchivedMessage, ArchivedPart, FilePart } from '../../conversation.ts';
import { fieldsOf, listIn, objectIn, objectsIn, some, textIn, wordsIn } from '../loose.ts';
import type { Assets } from './assets.ts';

/** Calls by the message that makes them, with the tool's name and the message before it: results name neither. */
export type CallsBefore = Map<string, { name?: string; parent?: string }>;

interface Spoken {
  id: string;
  parent?: string;
  role: ArchivedMessage['role'];
  message: JsonObject;
  metadata: JsonObject;
}

const PRODUCER: Producer = { dialect: 'openai-responses', vendor: 'openai' };

/** A message's content as parts; `notKnown`: a type that there is no word for, kept as it came. */
export async function contentOf(spoken: Spoken, assets: Assets, calls: CallsBefore): Promise<{ parts: ArchivedPart[]; notKnown?: string }> {
  const { id, parent, role, message, metadata } = spoken;
  const content = objectIn(message, 'content') ?? {};
  const recipient = wordsIn(message, 'recipient') ?? 'all';
  calls.set(id, some('parent', parent));
  const { parts, notKnown } = await partsOf(content, metadata, assets);
  for (const file of await attached(metadata, pointersIn(content), assets)) parts.push(file);
  if (role === 'assistant' && recipient !== 'all') {
    calls.set(id, { name: recipient, ...some('parent', parent) });
    return { parts: asCall(id, recipient, content, parts), ...some('notKnown', notKnown) };
  }
  if (role !== 'tool') return { parts, ...some('notKnown', notKnown) };
  const callId = callFor(spoken, calls);
  // A tool that nobody called: code that was shown, a page that was quoted.
  if (callId === undefined) return { parts, ...some('notKnown', notKnown) };
  const within = parts.filter((part) => part.type === 'text' || part.type === 'file' || part.type === 'opaque');
  const isError =
    content['content_type'] === 'system_error' ||
    textIn(objectIn(metadata, 'aggregate_result'), 'status') === 'failed_with_in_kernel_exception';
  return { parts: [{ type: 'tool-result', callId, content: within, isError }], ...some('notKnown', notKnown) };
}

/** The nearest call above by that tool's name (`python`; `browser.search` for `browser`), or the message right before if it is one. */
function callFor({ parent, message }: Spoken, calls: CallsBefore): string | undefined {
  const tool = wordsIn(objectIn(message, 'author'), 'name');
  const seen = new Set<string>();
  for (let at = parent; at !== undefined && !seen.has(at); at = calls.get(at)?.parent) {
    seen.add(at);
    const name = calls.get(at)?.name;
    if (name === undefined) continue;
    if (tool === undefined || name === tool || name.split('.')[0] === tool.split('.')[0]) return at;
  }
  return undefined;
}

function asCall(id: string, name: string, content: JsonObject, parts: readonly ArchivedPart[]): ArchivedPart[] {
  const typed =
    textIn(content, 'text') ??
    listIn(content, 'parts')
      .filter((part) => typeof part === 'string')
      .join('\n');
  const isData = /^\s*\{/.test(typed) && isParsable(typed);
  return [
    {
      type: 'tool-call',
      id,
      name,
      ...(isData ? {} : { kind: 'custom' as const }),
      arguments: isData ? typed : JSON.stringify({ input: typed }),
    },
    ...parts.filter((part) => part.type !== 'text'),
  ];
}

function isParsable(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

async function partsOf(content: JsonObject, metadata: JsonObject, assets: Assets): Promise<{ parts: ArchivedPart[]; notKnown?: string }> {
  const type = textIn(content, 'content_type');
  switch (type) {
    case 'text':
    case 'multimodal_text': {
      const parts: ArchivedPart[] = [];
      for (const part of listIn(content, 'parts')) parts.push(...(await partOf(part, assets)));
      return { parts };
    }
    case 'code': {
      const language = wordsIn(content, 'language');
      return { parts: texts(fenced(textIn(content, 'text') ?? '', language === 'unknown' ? '' : (language ?? ''))) };
    }
    case 'execution_output': {
      const parts: ArchivedPart[] = texts(textIn(content, 'text'));
      // Pictures that code has drawn.
      for (const one of objectsIn(objectIn(metadata, 'aggregate_result'), 'messages')) {
        const pointer = wordsIn(one, 'image_url');
        if (pointer !== undefined) parts.push(await assets.part(pointer, {}));
      }
      return { parts };
    }
    case 'thoughts': {
      const parts = objectsIn(content, 'thoughts').map((thought): ArchivedPart => {
        const text = [wordsIn(thought, 'summary'), wordsIn(thought, 'content')].filter((one) => one !== undefined).join('\n');
        return { type: 'reasoning', text, producer: PRODUCER };
      });
      return { parts };
    }
    case 'reasoning_recap':
      return { parts: [{ type: 'reasoning', text: textIn(content, 'content') ?? '', producer: PRODUCER }] };
    case 'tether_quote':
    case 'sonic_webpage':
      return { parts: texts(lines(content, ['title', 'url', 'text', 'snippet'])) };
    case 'tether_browsing_display':
      return { parts: texts(lines(content, ['result', 'summary'])) };
    case 'tether_browsing_code':
      return { parts: texts(lines(content, ['text', 'result'])) };
    case 'system_error':
      return { parts: texts(lines(content, ['name', 'text'])) };
    case 'user_editable_context':
      return { parts: texts(lines(content, ['user_profile', 'user_instructions'])) };
    case 'model_editable_context':
      return {
        parts: [...texts(lines(content, ['model_set_context', 'structured_context'])), ...rest(content, ['repository', 'repo_summary'])],
      };
    default:
      return {
        parts: Object.keys(content).length === 0 ? [] : [opaque(content)],
        ...(Object.keys(content).length > 0 ? { notKnown: type ?? '(none)' } : {}),
      };
  }
}

async function partOf(part: Json, assets: Assets): Promise<ArchivedPart[]> {
  if (typeof part === 'string') return texts(part);
  if (!isObject(part)) return part === null ? [] : [opaque(part)];
  const pointer = wordsIn(part, 'asset_pointer');
  switch (part['content_type']) {
    case 'image_asset_pointer':
    case 'audio_asset_pointer':
    case 'video_container_asset_pointer':
      return pointer === undefined ? [opaque(part)] : [await assets.part(pointer, some('mediaType', guess(part)))];
    case 'real_time_user_audio_video_asset_pointer': {
      const audio = wordsIn(objectIn(part, 'audio_asset_pointer'), 'asset_pointer');
      const files: FilePart[] = audio === undefined ? [] : [await assets.part(audio, { mediaType: 'audio/wav' })];
      for (const frame of objectsIn(part, 'frames_asset_pointers')) {
        const shown = wordsIn(frame, 'asset_pointer');
        if (shown !== undefined) files.push(await assets.part(shown, {}));
      }
      return files.length > 0 ? files : [opaque(part)];
    }
    case 'audio_transcription':
      return texts(textIn(part, 'text'));
    default:
      return typeof part['text'] === 'string'
        ? texts(part['text'])
        : pointer === undefined
          ? [opaque(part)]
          : [await assets.part(pointer, {})];
  }
}

function guess(part: JsonObject): string | undefined {
  const format = wordsIn(part, 'format');
  return part['content_type'] === 'audio_asset_pointer' ? `audio/${format ?? 'wav'}` : undefined;
}

/** Ids of files that the content shows itself. */
function pointersIn(content: JsonObject): Set<string> {
  const pointers = objectsIn(content, 'parts').flatMap((part) => [
    wordsIn(part, 'asset_pointer'),
    wordsIn(objectIn(part, 'audio_asset_pointer'), 'asset_pointer'),
  ]);
  return new Set(pointers.map((pointer) => pointer?.replace(/^[a-z-]+:\/\//, '') ?? ''));
}

/** Files that were uploaded with a message, besides those that it shows. */
async function attached(metadata: JsonObject, shown: ReadonlySet<string>, assets: Assets): Promise<FilePart[]> {
  const parts: FilePart[] = [];
  for (const file of objectsIn(metadata, 'attachments')) {
    const id = wordsIn(file, 'id') ?? wordsIn(file, 'file_id');
    if (id === undefined || shown.has(id)) continue;
    parts.push(
      await assets.part(id, {
        ...some('name', wordsIn(file, 'name')),
        ...some('mediaType', wordsIn(file, 'mime_type') ?? wordsIn(file, 'mimeType')),
      }),
    );
  }
  return parts;
}

function texts(text: string | undefined): TextPart[] {
  return text === undefined || text === '' ? [] : [{ type: 'text', text }];
}

function lines(content: JsonObject, names: readonly string[]): string {
  return names
    .map((name) => wordsIn(content, name))
    .filter((line) => line !== undefined)
    .join('\n');
}

function rest(content: JsonObject, names: readonly string[]): OpaquePart[] {
  const fields = fieldsOf(content, names);
  return Object.keys(fields).length > 0 ? [opaque(fields)] : [];
}

/** As Markdown, with a fence that is longer than any in it. */
function fenced(text: string, language: string): string {
  if (text === '') return '';
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function opaque(value: Json): OpaquePart {
  return { type: 'opaque', producer: PRODUCER, value };
}
