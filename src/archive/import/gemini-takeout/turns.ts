import { createHash } from 'node:crypto';
import { isObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage, ArchivedPart, FilePart } from '../../conversation.ts';
import { mediaTypeOf } from '../media-type.ts';
import { found, listIn, numberIn, objectIn, objectsIn, some, textIn, timeIn, wordsIn } from '../loose.ts';
import type { ReadContext, Told } from '../reader.ts';

/**
 * A conversation as Takeout of Workspace accounts has it ("Conversation History"): `{title, creation_time, last_modification_time,
 * conversation_turns[{user_turn{prompt, turn_index}} | {system_turn{text[], images[], model_thoughts[]}}]}`. A turn's index that comes
 * again is an edit or a retry.
 */
export async function* turnsTold(value: JsonObject, where: string, context: ReadContext): AsyncGenerator<Told> {
  const messages: ArchivedMessage[] = [];
  const before = new Map<string, { times: number; parent: string | undefined }>();
  for (const [place, turn] of listIn(value, 'conversation_turns').entries()) {
    const user = isObject(turn) ? objectIn(turn, 'user_turn') : undefined;
    const system = isObject(turn) ? objectIn(turn, 'system_turn') : undefined;
    if (!user && !system)
      yield {
        type: 'unreadable',
        where: `${where}.conversation_turns[${place}]`,
        reason: 'neither user_turn nor system_turn',
        found: found(turn),
      };
    for (const [role, said] of [
      ['user', user],
      ['assistant', system],
    ] as const) {
      if (!said) continue;
      const name = `${role}:${numberIn(said, 'turn_index') ?? place}`;
      const known = before.get(name) ?? { times: 0, parent: messages.at(-1)?.key };
      before.set(name, { ...known, times: known.times + 1 });
      messages.push({
        key: known.times === 0 ? name : `${name}:${known.times}`,
        ...some('parent', known.parent),
        role,
        ...some('at', timeIn(said, 'turn_last_modified')),
        parts: await partsOf(said, context),
        ...(role === 'assistant' ? { producer: { provider: 'google', ...some('model', wordsIn(said, 'model')) } } : {}),
        status: 'complete',
        ...(said['turn_deleted_time'] ? { extras: { deletedAt: said['turn_deleted_time'] } } : {}),
      });
    }
  }
  const created = wordsIn(value, 'creation_time');
  const key =
    created ??
    createHash('sha256')
      .update(JSON.stringify([value['title'] ?? null, messages[0]?.parts ?? null]))
      .digest('hex')
      .slice(0, 24);
  const awaits = messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'file' && part.content.type === 'missing').length;
  yield {
    type: 'conversation',
    where,
    head: {
      source: 'gemini-takeout',
      key: `turns:${key}`,
      ...some('title', wordsIn(value, 'title')),
      ...some('createdAt', timeIn(value, 'creation_time')),
      ...some('updatedAt', timeIn(value, 'last_modification_time')),
    },
    messages,
    awaits,
  };
}

async function partsOf(turn: JsonObject, { files, keep }: ReadContext): Promise<ArchivedPart[]> {
  const parts: ArchivedPart[] = objectsIn(turn, 'model_thoughts').map((thought) => ({
    type: 'reasoning',
    text: [wordsIn(thought, 'headline'), wordsIn(thought, 'description')].filter((one) => one !== undefined).join('\n'),
    producer: { dialect: 'gemini', vendor: 'google' },
  }));
  const said = [
    textIn(turn, 'prompt'),
    ...objectsIn(turn, 'text').flatMap((one) => [textIn(one, 'data'), ...objectsIn(one, 'cards').map((card) => textIn(card, 'content'))]),
  ];
  for (const text of said) if (text !== undefined && text !== '') parts.push({ type: 'text', text });
  for (const name of [...listIn(turn, 'images'), ...listIn(turn, 'attachments')]) {
    if (typeof name !== 'string') continue;
    const beside = files.find(({ path }) => path.slice(path.lastIndexOf('/') + 1).startsWith(name));
    const mediaType = beside && mediaTypeOf(beside.head);
    const content: FilePart['content'] = beside
      ? await keep(beside, { name, ...some('mediaType', mediaType) })
      : { type: 'missing', reason: 'not among the files of the Takeout' };
    parts.push({ type: 'file', name, ...some('mediaType', mediaType), content });
  }
  return parts;
}
