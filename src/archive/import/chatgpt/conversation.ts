import { createHash } from 'node:crypto';
import { isObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage, ConversationHead } from '../../conversation.ts';
import { fieldsOf, found, numberIn, objectIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { Told } from '../reader.ts';
import type { Assets } from './assets.ts';
import { contentOf } from './content.ts';
import type { CallsBefore } from './content.ts';

interface Node {
  id: string;
  parent?: string;
  message: JsonObject;
}

/** `{title, create_time, update_time, mapping{id: {id, parent, message}}, current_node, conversation_id}`. */
export async function* conversationTold(
  value: JsonObject,
  { where }: { where: string },
  { assets, account }: { assets: Assets; account: string | undefined },
): AsyncGenerator<Told> {
  const mapping = objectIn(value, 'mapping');
  if (!mapping) {
    yield { type: 'unreadable', where, reason: 'a conversation without mapping', found: found(value) };
    return;
  }
  const nodes: Node[] = [];
  for (const [id, node] of Object.entries(mapping)) {
    if (!isObject(node) || (node['message'] !== null && node['message'] !== undefined && !isObject(node['message'])))
      yield { type: 'unreadable', where: `${where}.mapping.${id}`, reason: 'it should be a node with a message', found: found(node) };
    else if (isObject(node['message'])) nodes.push({ id, ...some('parent', spokenParent(node, mapping)), message: node['message'] });
  }
  const ordered = inOrder(nodes);
  const messages: ArchivedMessage[] = [];
  const unknown = new Map<string, number>();
  const calls: CallsBefore = new Map();
  for (const node of ordered) {
    const { message, notKnown } = await messageOf(node, value, assets, calls);
    if (notKnown !== undefined) unknown.set(notKnown, (unknown.get(notKnown) ?? 0) + 1);
    messages.push(message);
  }
  for (const [type, count] of unknown)
    yield { type: 'noted', where, reason: `content of the type ${type}, which is not known (${count} times): kept as it came` };
  const key = wordsIn(value, 'conversation_id') ?? wordsIn(value, 'id');
  if (key === undefined) yield { type: 'noted', where, reason: 'it has no id; its name in the archive is made of its beginning' };
  const awaits = messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'file' && part.content.type === 'missing').length;
  yield { type: 'conversation', where, head: headOf(value, key ?? nameFor(value, mapping), account, mapping), messages, awaits };
}

/** The nearest node above that says something: roots and placeholders have no message. */
function spokenParent(node: JsonObject, mapping: JsonObject): string | undefined {
  const seen = new Set<string>();
  for (let parent = textIn(node, 'parent'); parent !== undefined && !seen.has(parent);) {
    seen.add(parent);
    const above = mapping[parent];
    if (!isObject(above)) return undefined;
    if (isObject(above['message'])) return parent;
    parent = textIn(above, 'parent');
  }
  return undefined;
}

/** Parents before children, branch by branch, children in the order in which they were made. Nodes in a ring come last. */
function inOrder(nodes: readonly Node[]): Node[] {
  const children = Map.groupBy(nodes, ({ parent }) => parent);
  const ordered: Node[] = [];
  const stack = (children.get(undefined) ?? []).toSorted(byTime).toReversed();
  for (let node = stack.pop(); node; node = stack.pop()) {
    ordered.push(node);
    stack.push(...(children.get(node.id) ?? []).toSorted(byTime).toReversed());
  }
  if (ordered.length === nodes.length) return ordered;
  const placed = new Set(ordered);
  return [...ordered, ...nodes.filter((node) => !placed.has(node))];
}

function byTime(left: Node, right: Node): number {
  return (numberIn(left.message, 'create_time') ?? 0) - (numberIn(right.message, 'create_time') ?? 0);
}

function headOf(value: JsonObject, key: string, account: string | undefined, mapping: JsonObject): ConversationHead {
  const shown = wordsIn(value, 'current_node');
  const node = shown === undefined ? undefined : mapping[shown];
  const current = isObject(node) ? (isObject(node['message']) ? shown : spokenParent(node, mapping)) : undefined;
  const extras = fieldsOf(value, [
    'gizmo_id',
    'conversation_template_id',
    'is_archived',
    'is_starred',
    'default_model_slug',
    'voice',
    'memory_scope',
    'is_study_mode',
  ]);
  return {
    source: 'chatgpt',
    key,
    ...some('title', wordsIn(value, 'title')),
    ...some('createdAt', timeIn(value, 'create_time')),
    ...some('updatedAt', timeIn(value, 'update_time')),
    // Projects' ids begin so; their names are nowhere in the export.
    ...some('project', (textIn(value, 'gizmo_id') ?? '').startsWith('g-p-') ? textIn(value, 'gizmo_id') : undefined),
    ...some('account', account),
    ...some('current', current),
    ...(Object.keys(extras).length > 0 ? { extras } : {}),
  };
}

async function messageOf(
  { id, parent, message }: Node,
  conversation: JsonObject,
  assets: Assets,
  calls: CallsBefore,
): Promise<{ message: ArchivedMessage; notKnown?: string }> {
  const metadata = objectIn(message, 'metadata') ?? {};
  const said = textIn(objectIn(message, 'author'), 'role');
  const role: ArchivedMessage['role'] = said === 'user' || said === 'assistant' || said === 'tool' ? said : 'system';
  const model = wordsIn(metadata, 'model_slug') ?? wordsIn(conversation, 'default_model_slug');
  const { parts, notKnown } = await contentOf({ id, ...some('parent', parent), role, message, metadata }, assets, calls);
  const status = textIn(message, 'status');
  const finish = textIn(objectIn(metadata, 'finish_details'), 'type');
  const isCut = status === 'finished_partial_completion' || finish === 'interrupted' || finish === 'max_tokens';
  const isHidden = metadata['is_visually_hidden_from_conversation'] === true || numberIn(message, 'weight') === 0;
  const extras = {
    ...fieldsOf(metadata, [
      'citations',
      'content_references',
      'search_result_groups',
      'canvas',
      'request_id',
      'reasoning_status',
      'finished_duration_sec',
    ]),
    ...fieldsOf(message, ['channel', 'recipient']),
  };
  if (extras['recipient'] === 'all') delete extras['recipient'];
  return {
    message: {
      key: id,
      ...some('parent', parent),
      role,
      ...some('at', timeIn(message, 'create_time')),
      parts,
      ...(role === 'assistant' ? { producer: { provider: 'openai', ...some('model', model) } } : {}),
      status: status === 'in_progress' ? 'interrupted' : isCut ? 'partial' : 'complete',
      ...(isHidden ? { hidden: true } : {}),
      ...(Object.keys(extras).length > 0 ? { extras } : {}),
    },
    ...some('notKnown', notKnown),
  };
}

function nameFor(value: JsonObject, mapping: JsonObject): string {
  const beginning = JSON.stringify([value['create_time'] ?? null, Object.keys(mapping)[0] ?? value['title'] ?? null]);
  return `unnamed-${createHash('sha256').update(beginning).digest('hex').slice(0, 24)}`;
}
