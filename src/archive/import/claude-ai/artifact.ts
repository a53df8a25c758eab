import type { JsonObject } from '../../../exchange/json.ts';
import type { ArchivedMessage, FilePart } from '../../conversation.ts';
import type { Place } from '../items.ts';
import { fieldsOf, found, objectsIn, some, timeIn, wordsIn } from '../loose.ts';
import { Unreadable } from '../reader.ts';
import type { ReadContext, SourceFile, Told } from '../reader.ts';
import { wholeText } from '../utf8.ts';
import { inARow } from './project.ts';

/** Larger ones are kept as files, and not searched. */
const MOST_TEXT = 4 * 2 ** 20;

/** `artifacts/<id>/artifact.json` with its versions beside it: `versions/<version>.html`, or a folder of files for each. */
export async function* artifactTold(value: JsonObject, { where }: Place, file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  const id = wordsIn(value, 'id');
  if (id === undefined) return yield { type: 'unreadable', where, reason: 'an artifact without id', found: found(value) };
  const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
  const messages: ArchivedMessage[] = [];
  for (const version of objectsIn(value, 'versions')) {
    const name = wordsIn(version, 'id') ?? `version ${messages.length + 1}`;
    const beside = context.files.filter(({ path, container }) => {
      const inner =
        container === file.container && path.startsWith(`${folder}versions/`) ? path.slice(folder.length + 'versions/'.length) : '';
      return inner.startsWith(`${name}.`) || inner.startsWith(`${name}/`);
    });
    const parts: FilePart[] = [];
    for (const one of beside) parts.push(await versionOf(one, context));
    if (beside.length === 0) parts.push({ type: 'file', name, content: { type: 'missing', reason: "not among the export's files" } });
    const description = wordsIn(version, 'description');
    messages.push({
      key: name,
      role: 'assistant',
      ...some('at', timeIn(version, 'created_at')),
      parts: [...(description === undefined ? [] : [{ type: 'text' as const, text: description }]), ...parts],
      producer: { provider: 'anthropic' },
      status: 'complete',
    });
  }
  const active =
    objectsIn(value, 'versions').find((version) => version['id'] === value['active_version']) ?? objectsIn(value, 'versions').at(-1);
  yield {
    type: 'conversation',
    where,
    head: {
      source: 'claude-ai',
      key: `artifact:${id}`,
      ...some('title', wordsIn(active, 'title')),
      ...some('updatedAt', timeIn(value, 'updated_at')),
      extras: {
        kind: 'artifact',
        ...fieldsOf(value, ['kind', 'visibility', 'active_version']),
        ...some('artifactKind', wordsIn(value, 'kind')),
      },
    },
    messages: inARow(messages),
  };
}

async function versionOf(file: SourceFile, context: ReadContext): Promise<FilePart> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const mediaType = /\.html?$/i.test(name) ? 'text/html' : /\.md$/i.test(name) ? 'text/markdown' : undefined;
  const facts = { name, ...some('mediaType', mediaType) };
  // Kept as it came in any case; what is text is searched, too.
  const stored = await context.keep(file, facts);
  if (mediaType === undefined || file.size > MOST_TEXT) return { type: 'file', ...facts, content: stored };
  try {
    return { type: 'file', ...facts, content: { type: 'text', text: await wholeText(file.open(), MOST_TEXT) } };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { type: 'file', ...facts, content: stored };
  }
}
