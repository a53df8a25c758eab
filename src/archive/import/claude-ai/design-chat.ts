import { isObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage } from '../../conversation.ts';
import type { Place } from '../items.ts';
import { found, listIn, objectIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { Told } from '../reader.ts';
import { partsOf } from './blocks.ts';
import { inARow } from './project.ts';

/** `{uuid, title, created_at, updated_at, project{uuid, name}, messages[{uuid, role, content, created_at}]}`; always linear. */
export function* designChatTold(value: JsonObject, { where }: Place): Generator<Told> {
  const uuid = wordsIn(value, 'uuid');
  if (uuid === undefined || !Array.isArray(value['messages']))
    return yield { type: 'unreadable', where, reason: 'a design chat without uuid or messages', found: found(value) };
  const messages: ArchivedMessage[] = [];
  for (const [index, each] of listIn(value, 'messages').entries()) {
    if (!isObject(each)) {
      yield { type: 'unreadable', where: `${where}.messages[${index}]`, reason: 'it should be a message', found: found(each) };
      continue;
    }
    const { content } = each;
    const role = textIn(each, 'role') === 'assistant' ? 'assistant' : textIn(each, 'role') === 'system' ? 'system' : 'user';
    messages.push({
      key: wordsIn(each, 'uuid') ?? `m${index}`,
      role,
      ...some('at', timeIn(each, 'created_at')),
      parts: partsOf(Array.isArray(content) ? content : content === undefined || content === null ? [] : [content]),
      ...(role === 'assistant' ? { producer: { provider: 'anthropic' } } : {}),
      status: 'complete',
    });
  }
  yield {
    type: 'conversation',
    where,
    head: {
      source: 'claude-ai',
      key: `design:${uuid}`,
      ...some('title', wordsIn(value, 'title')),
      ...some('createdAt', timeIn(value, 'created_at')),
      ...some('updatedAt', timeIn(value, 'updated_at')),
      ...some('project', wordsIn(objectIn(value, 'project'), 'name')),
      extras: { kind: 'design chat' },
    },
    messages: inARow(messages),
  };
}
