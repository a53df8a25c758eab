import { createHash } from 'node:crypto';
import type { ArchivedMessage, ArchivedPart, ArchivedResult, FilePart } from '../../conversation.ts';
import { isObject } from '../../../exchange/json.ts';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import type { Usage } from '../../../exchange/usage.ts';
import { openBook, type PendingFile } from '../book.ts';
import { fieldIn, known, listIn, numberIn, objectIn, textIn, timeIn } from '../fields.ts';
import { countIn, firstRecords, type LineFormat, type LineReader, stemOf } from '../line-reader.ts';

const PRODUCER = { dialect: 'openai-responses', vendor: 'openai' } as const;

/** What Codex puts into the history in the user's voice. */
const INJECTED =
  /^\s*(<(environment_context|user_instructions|turn_aborted|skill|permissions|collaboration_mode|subagent_notification)\b|# AGENTS\.md instructions)/;

/** Lines that tell again what the items say, or the program's own state. */
const LEFT_ITEMS = new Set(['additional_tools', 'ghost_snapshot', 'compaction', 'compaction_trigger', 'context_compaction', 'other']);

/**
 * Codex' rollouts, `sessions/YYYY/MM/DD/rollout-<time>-<uuid>.jsonl` (plain, or `.zst` once they are a week old), as 0.169 writes
 * them and earlier versions did. The same words stand in `response_item` and in `event_msg` lines; the items are read.
 */
export const codex: LineFormat = {
  source: 'codex',
  version: 1,
  what: 'Codex session',
  recognises(head, path) {
    if (path.endsWith('.jsonl.zst')) return stemOf(path).startsWith('rollout-');
    return (
      path.endsWith('.jsonl') &&
      firstRecords(head).some(
        (record) =>
          (record['type'] === 'session_meta' && objectIn(record, 'payload') !== undefined) ||
          (record['type'] === 'response_item' && objectIn(record, 'payload') !== undefined) ||
          (record['type'] === undefined && typeof record['id'] === 'string' && 'instructions' in record && 'timestamp' in record),
      )
    );
  },
  reader,
};

function reader(place: Parameters<LineFormat['reader']>[0], counts: Parameters<LineFormat['reader']>[1], state?: Json): LineReader {
  const saved = isObject(state) ? state : undefined;
  const named = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(stemOf(place.path))?.[0] ?? stemOf(place.path);
  const book = openBook({ source: 'codex', key: named, session: named }, saved?.['book']);
  let begun = saved?.['begun'] === true;
  let model = textIn(saved, 'model');
  let provider = textIn(saved, 'provider');
  /** The answer that items are added to; closed by what is not the model's, and by a count of its tokens. */
  let answer = textIn(saved, 'answer');
  let lastAnswer = textIn(saved, 'lastAnswer');

  function takeMeta(meta: JsonObject): void {
    // A fork tells its parent's history after its own first line, with its parent's.
    if (begun) return;
    begun = true;
    const id = textIn(meta, 'id');
    const parent =
      textIn(meta, 'source', 'subagent', 'thread_spawn', 'parent_thread_id') ??
      textIn(meta, 'parent_thread_id') ??
      textIn(meta, 'source', 'subagent', 'parent_thread_id');
    const forked = textIn(meta, 'forked_from_id');
    const version = textIn(meta, 'cli_version');
    provider = textIn(meta, 'model_provider');
    book.describe({
      ...(id === undefined ? {} : { key: id, session: id }),
      ...known('createdAt', timeIn(meta, 'timestamp')),
      ...known('project', textIn(meta, 'cwd') ?? place.project),
      ...known('branch', textIn(meta, 'git', 'branch')),
      ...(parent === undefined ? {} : { startedBy: { key: parent } }),
      extras: { ...known('version', version), ...known('forkedFrom', forked) },
    });
  }

  function put(message: Omit<ArchivedMessage, 'parent'>, files: PendingFile[] = []): void {
    const parent = book.last();
    book.put({ ...message, ...known('parent', parent === message.key ? undefined : parent) }, files);
    book.setLast(message.key);
  }

  /** The model's own: one answer until somebody else has the word. */
  function say(key: string, at: number | undefined, parts: ArchivedPart[]): void {
    const open = answer === undefined ? undefined : book.open(answer);
    if (open) {
      book.put({ ...open, parts: [...open.parts, ...parts] });
      return;
    }
    answer = key;
    lastAnswer = key;
    put({
      key,
      role: 'assistant',
      ...known('at', at),
      parts,
      producer: { provider: provider ?? 'openai', ...known('model', model) },
      status: 'complete',
    });
  }

  function takeItem(item: JsonObject, record: JsonObject, line: number): void {
    const type = textIn(item, 'type') ?? (Array.isArray(item['content']) && 'role' in item ? 'message' : 'without a type');
    const at = timeIn(record, 'timestamp');
    const key = keyOf(type, item, record, line);
    if (book.has(key) || book.standsFor(key)) return;
    if (type !== 'message') book.stands(key, key);
    if (type === 'message') {
      const role = textIn(item, 'role');
      const { parts, files } = readContent(listIn(item, 'content'));
      book.stands(key, key);
      if (role === 'assistant') {
        say(key, at, parts);
        return;
      }
      answer = undefined;
      const kinds = listIn(item, 'internal_chat_message_metadata_passthrough', 'content_item_kinds');
      const first = parts[0]?.type === 'text' ? parts[0].text : '';
      const hidden = role !== 'user' || (!kinds.includes('user.text') && INJECTED.test(first));
      put(
        {
          key,
          role: role === 'user' ? 'user' : 'system',
          ...known('at', at),
          parts,
          status: 'complete',
          ...(hidden ? { hidden: true } : {}),
        },
        files,
      );
    } else if (type === 'reasoning') {
      const texts = [...listIn(item, 'summary'), ...listIn(item, 'content')].map((each) => textIn(each, 'text') ?? '');
      const proof = textIn(item, 'encrypted_content');
      say(key, at, [
        { type: 'reasoning', text: texts.join('\n'), ...known('signature', proof), producer: { ...PRODUCER, ...known('model', model) } },
      ]);
    } else if (isCall(type)) say(key, at, [callOf(type, item)]);
    else if (type.endsWith('_output')) {
      answer = undefined;
      put({ key, role: 'tool', ...known('at', at), parts: [resultOf(item)], status: 'complete' });
    } else if (LEFT_ITEMS.has(type)) countIn(counts.left, `item ${type}`);
    else {
      countIn(counts.unknown, `item ${type}`);
      say(key, at, [{ type: 'opaque', producer: PRODUCER, value: item }]);
    }
  }

  function takeEvent(event: JsonObject): void {
    const type = textIn(event, 'type') ?? 'without a type';
    if (type === 'token_count') count(objectIn(event, 'info', 'last_token_usage'));
    else if (type === 'turn_aborted') {
      const open = lastAnswer === undefined ? undefined : book.open(lastAnswer);
      if (open) book.put({ ...open, status: 'interrupted' });
      answer = undefined;
    } else if (type === 'thread_name_updated') {
      const title = textIn(event, 'thread_name');
      if (title !== undefined) book.describe({ title });
    }
    countIn(counts.left, `event ${type}`);
  }

  function count(usage: JsonObject | undefined): void {
    const open = lastAnswer === undefined ? undefined : book.open(lastAnswer);
    if (usage && open) book.put({ ...open, usage: usageOf(usage) });
    answer = undefined;
  }

  return {
    take(record, line) {
      const type = textIn(record, 'type');
      const payload = objectIn(record, 'payload');
      if (type === 'session_meta' && payload) takeMeta(payload);
      else if (type === 'response_item' && payload) takeItem(payload, record, line);
      else if (type === 'event_msg' && payload) takeEvent(payload);
      else if (type === 'turn_context' && payload) {
        model = textIn(payload, 'model') ?? model;
        countIn(counts.left, type);
      } else if (type === 'token_usage_record' && payload) {
        count(objectIn(payload, 'usage'));
        countIn(counts.left, type);
      } else if (type === 'compacted' && payload) {
        const text = textIn(payload, 'message') ?? '';
        answer = undefined;
        const key = keyOf('compacted', { text }, record, line);
        if (text !== '' && !book.has(key))
          put({
            key,
            role: 'system',
            ...known('at', timeIn(record, 'timestamp')),
            parts: [{ type: 'text', text }],
            status: 'complete',
            hidden: true,
            extras: { compactSummary: true },
          });
        countIn(counts.left, type);
      } else if (type === 'world_state') countIn(counts.left, type);
      // Before September 2025 the items stood alone.
      else if (type === undefined && payload === undefined && typeof record['id'] === 'string' && 'timestamp' in record) takeMeta(record);
      else if (type === undefined && 'record_type' in record) countIn(counts.left, 'record_type');
      else if (
        payload === undefined &&
        type !== undefined &&
        (type === 'message' || type === 'reasoning' || isCall(type) || type.endsWith('_output'))
      )
        takeItem(record, record, line);
      else countIn(counts.unknown, type ?? 'without a type');
    },
    told() {
      const told = book.told();
      return told ? [told] : [];
    },
    reachesBack: () => book.reachesBack(),
    state: () => ({
      book: book.state(),
      begun,
      ...known('model', model),
      ...known('provider', provider),
      ...known('answer', answer),
      ...known('lastAnswer', lastAnswer),
    }),
  };
}

function isCall(type: string): boolean {
  return type.endsWith('_call') || type === 'function_call';
}

/** The item's own id; else made of what it is, so that a rollout that is written anew names it alike. */
function keyOf(type: string, item: JsonObject, record: JsonObject, line: number): string {
  const id = textIn(item, 'id');
  if (id !== undefined && id !== '') return id;
  const hash = createHash('sha256').update(JSON.stringify([type, record['timestamp'] ?? line, item]));
  return `${type}-${hash.digest('hex').slice(0, 20)}`;
}

function callOf(type: string, item: JsonObject): ArchivedPart {
  const id = textIn(item, 'call_id') ?? textIn(item, 'id') ?? '';
  if (type === 'custom_tool_call')
    return {
      type: 'tool-call',
      id,
      name: textIn(item, 'name') ?? '',
      kind: 'custom',
      arguments: JSON.stringify({ input: textIn(item, 'input') ?? '' }),
    };
  if (type === 'local_shell_call')
    return { type: 'tool-call', id, name: 'local_shell', kind: 'local-shell', arguments: JSON.stringify(fieldIn(item, 'action') ?? {}) };
  if (type === 'function_call') {
    const given = fieldIn(item, 'arguments');
    const text = typeof given === 'string' ? given : given === undefined ? '' : JSON.stringify(given);
    return { type: 'tool-call', id, name: textIn(item, 'name') ?? '', ...known('namespace', textIn(item, 'namespace')), arguments: text };
  }
  return { type: 'tool-call', id, name: type.replace(/_call$/, ''), arguments: JSON.stringify(fieldIn(item, 'action') ?? item) };
}

function resultOf(item: JsonObject): ArchivedResult {
  const output = fieldIn(item, 'output');
  const text = typeof output === 'string' ? output : textIn(item, 'output', 'content');
  const content: ArchivedResult['content'] =
    text === undefined
      ? Array.isArray(output)
        ? readContent(output).parts.filter((part): part is ArchivedResult['content'][number] =>
            ['text', 'file', 'opaque'].includes(part.type),
          )
        : [{ type: 'opaque', producer: PRODUCER, value: output ?? item }]
      : [{ type: 'text', text }];
  return { type: 'tool-result', callId: textIn(item, 'call_id') ?? '', content, isError: fieldIn(item, 'output', 'success') === false };
}

function readContent(content: readonly Json[]): { parts: ArchivedPart[]; files: PendingFile[] } {
  const files: PendingFile[] = [];
  const parts = content.map((each): ArchivedPart => {
    const text = textIn(each, 'text');
    if (text !== undefined) return { type: 'text', text };
    const url = textIn(each, 'image_url') ?? textIn(each, 'image_url', 'url');
    if (url === undefined)
      return textIn(each, 'type') === 'refusal'
        ? { type: 'refusal', text: textIn(each, 'refusal') ?? '' }
        : { type: 'opaque', producer: PRODUCER, value: each };
    const [, mediaType, data] = /^data:([^;,]*);base64,(.*)$/s.exec(url) ?? [];
    if (data === undefined) return { type: 'file', content: { type: 'link', url } };
    const part: FilePart = {
      type: 'file',
      ...known('mediaType', mediaType),
      content: { type: 'missing', reason: "the image's bytes were not kept" },
    };
    files.push({ part, bytes: Buffer.from(data, 'base64'), ...known('mediaType', mediaType) });
    return part;
  });
  return { parts, files };
}

function usageOf(usage: JsonObject): Partial<Usage> {
  return {
    input: numberIn(usage, 'input_tokens') ?? 0,
    output: numberIn(usage, 'output_tokens') ?? 0,
    ...known('cacheRead', numberIn(usage, 'cached_input_tokens')),
    ...known('cacheWrite', numberIn(usage, 'cache_write_input_tokens')),
    ...known('reasoning', numberIn(usage, 'reasoning_output_tokens')),
  };
}
