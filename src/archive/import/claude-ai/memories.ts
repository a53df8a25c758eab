import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage } from '../../conversation.ts';
import type { Place } from '../items.ts';
import { objectIn, objectsIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { ReadContext, Told } from '../reader.ts';
import { inARow, projectKey } from './project.ts';

/** `{account_uuid, conversations_memory, project_memories{uuid: text}, memory_files[{path, content, updated_at}]}`. */
export function* memoriesTold(value: JsonObject, { where }: Place, { memory }: ReadContext): Generator<Told> {
  const account = wordsIn(value, 'account_uuid');
  const messages: ArchivedMessage[] = [];
  const text = wordsIn(value, 'conversations_memory');
  // Rewritten from time to time: each state is kept.
  if (text !== undefined)
    messages.push({ key: stateKey('memory', text), role: 'system', parts: [{ type: 'text', text }], status: 'complete' });
  for (const [index, file] of objectsIn(value, 'memory_files').entries()) {
    const name = wordsIn(file, 'path');
    const content = textIn(file, 'content') ?? '';
    messages.push({
      key: stateKey(name ?? `file-${index}`, content),
      role: 'system',
      ...some('at', timeIn(file, 'updated_at')),
      parts: [{ type: 'file', ...some('name', name), content: { type: 'text', text: content } }],
      status: 'complete',
    });
  }
  const label = account === undefined ? undefined : (memory.get(`account/${account}`) ?? account);
  yield {
    type: 'conversation',
    where,
    head: {
      source: 'claude-ai',
      key: `memories:${account ?? ''}`,
      title: "Claude's memory",
      ...some('account', label),
      extras: { kind: 'memory' },
    },
    messages: inARow(messages),
  };
  for (const [uuid, said] of Object.entries(objectIn(value, 'project_memories') ?? {})) {
    const place = `${where}.project_memories.${uuid}`;
    if (typeof said !== 'string') yield { type: 'unreadable', where: place, reason: 'it should be text' };
    else if (said.trim() !== '') {
      yield {
        type: 'conversation',
        where: place,
        head: {
          source: 'claude-ai',
          key: projectKey(uuid),
          ...some('project', memory.get(`project/${uuid}`)),
          extras: { kind: 'project' },
        },
        messages: [{ key: stateKey('memory', said), role: 'system', parts: [{ type: 'text', text: said }], status: 'complete' }],
      };
    }
  }
}

function stateKey(name: string, content: string): string {
  return `${name}@${createHash('sha256').update(content).digest('hex').slice(0, 12)}`;
}
