import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage, ConversationHead } from '../../conversation.ts';
import type { Place } from '../items.ts';
import { fieldsOf, found, objectIn, objectsIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { ReadContext, Told } from '../reader.ts';

/** Key of the conversation that holds a project's instructions, documents and memory, so that they are found and handed over. */
export function projectKey(uuid: string): string {
  return `project:${uuid}`;
}

/** `{uuid, name, description, prompt_template, docs[{uuid, filename, content}]}`. */
export function* projectTold(value: JsonObject, { where }: Place, { memory }: ReadContext): Generator<Told> {
  const uuid = wordsIn(value, 'uuid');
  if (uuid === undefined) return yield { type: 'unreadable', where, reason: 'a project without uuid', found: found(value) };
  const name = wordsIn(value, 'name');
  if (name !== undefined) memory.set(`project/${uuid}`, name);
  const messages: ArchivedMessage[] = [];
  const createdAt = timeIn(value, 'created_at');
  const described = (key: string, text: string | undefined): void => {
    if (text !== undefined)
      messages.push({ key, role: 'system', ...some('at', createdAt), parts: [{ type: 'text', text }], status: 'complete' });
  };
  described('description', wordsIn(value, 'description'));
  described('instructions', wordsIn(value, 'prompt_template'));
  for (const [index, doc] of objectsIn(value, 'docs').entries()) {
    const text = textIn(doc, 'content');
    messages.push({
      key: wordsIn(doc, 'uuid') ?? `doc-${index}`,
      role: 'user',
      ...some('at', timeIn(doc, 'created_at')),
      parts: [
        {
          type: 'file',
          ...some('name', wordsIn(doc, 'filename')),
          content: text === undefined ? { type: 'missing', reason: 'the export names it without its text' } : { type: 'text', text },
        },
      ],
      status: 'complete',
    });
  }
  const creator = objectIn(value, 'creator');
  const account = textIn(creator, 'uuid');
  const head: ConversationHead = {
    source: 'claude-ai',
    key: projectKey(uuid),
    ...some('title', name),
    ...some('createdAt', createdAt),
    ...some('updatedAt', timeIn(value, 'updated_at')),
    ...some('project', name),
    ...some('account', account === undefined ? undefined : (memory.get(`account/${account}`) ?? account)),
    extras: { kind: 'project', ...fieldsOf(value, ['is_private', 'is_starter_project']) },
  };
  yield { type: 'conversation', where, head, messages: inARow(messages) };
}

/** What has no order of its own stands one after the other. */
export function inARow(messages: readonly ArchivedMessage[]): ArchivedMessage[] {
  return messages.map((message, index) => (index === 0 ? message : { ...message, parent: messages[index - 1]!.key }));
}
