import { eachObject, wholeObject } from '../items.ts';
import { shapeOf } from '../head-keys.ts';
import { objectsIn, textIn, wordsIn } from '../loose.ts';
import type { ReadContext, Reader, SourceFile, Told } from '../reader.ts';
import { artifactTold } from './artifact.ts';
import { conversationTold } from './conversation.ts';
import { designChatTold } from './design-chat.ts';
import { manifestTold, missingParts } from './manifest.ts';
import { memoriesTold } from './memories.ts';
import { projectTold } from './project.ts';

/** Official data exports of Claude (claude.ai, the apps): research/archive.md 1.2. */
export const claudeAi: Reader = {
  source: 'claude-ai',
  version: 1,
  recognises,
  // Whose and which project's the conversations are is said in files of their own; the manifest says what all of them are.
  rank: (what) => ({ manifest: -3, users: -2, projects: -1, project: -1 })[what] ?? 0,
  // Its links are secrets, and work once: they are nowhere kept.
  keepsOriginals: (what) => what === 'manifest',
  read,
  end: missingParts,
};

function recognises(file: SourceFile): string | undefined {
  const shape = shapeOf(file);
  if (!shape) return undefined;
  const { top, keys, inner } = shape;
  const has = (...names: string[]): boolean => names.every((name) => keys.has(name));
  const many = top === 'list' ? 's' : '';
  if (has('chat_messages')) return `conversation${many}`;
  if (top === 'object' && has('conversations') && inner.has('chat_messages')) return 'conversations';
  if (top === 'object' && has('data_files') && (inner.has('export_url') || inner.has('category') || has('total_files'))) return 'manifest';
  if (has('docs', 'uuid') && (keys.has('prompt_template') || keys.has('description') || keys.has('is_private'))) return `project${many}`;
  if (keys.has('conversations_memory') || keys.has('project_memories') || has('account_uuid', 'memory_files')) return 'memories';
  if (has('versions', 'id') && ['active_version', 'owner_account', 'visibility'].some((name) => keys.has(name))) return 'artifact';
  if (has('messages', 'uuid') && keys.has('title') && !keys.has('mapping')) return `design chat${many}`;
  if (top === 'list' && has('uuid', 'full_name')) return 'users';
  if (has('login_events')) return 'login history';
  if (/(^|\/)reflections\/[^/]+\.json$/.test(file.path)) return 'feedback';
  if (/(^|\/)artifact_comments\.json$/.test(file.path)) return 'artifact comments';
  return undefined;
}

async function* read(file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  const { what } = context;
  const isList = shapeOf(file)?.top === 'list';
  const each = (convert: Parameters<typeof wholeObject>[2]): AsyncGenerator<Told> =>
    isList ? eachObject(file, context, convert) : wholeObject(file, context, convert);
  switch (what) {
    case 'conversations':
      return yield* eachObject(file, { ...context, lists: ['conversations'] }, (value, place) => conversationTold(value, place, context));
    case 'conversation':
      return yield* wholeObject(file, context, (value, place) => conversationTold(value, place, context));
    case 'manifest':
      return yield* wholeObject(file, context, (value, place) => manifestTold(value, place, context));
    case 'projects':
    case 'project':
      return yield* each((value, place) => projectTold(value, place, context));
    case 'memories':
      return yield* each((value, place) => memoriesTold(value, place, context));
    case 'design chats':
    case 'design chat':
      return yield* each((value, place) => designChatTold(value, place));
    case 'artifact':
      return yield* wholeObject(file, context, (value, place) => artifactTold(value, place, file, context));
    case 'users':
      return yield* eachObject(file, context, (value) => usersTold(value, context));
    case 'login history':
      return yield* wholeObject(file, context, (value, { where }) => [
        {
          type: 'skipped',
          where,
          reason: 'when you signed in; no conversation',
          found: `${objectsIn(value, 'login_events').length} events`,
        },
      ]);
    case 'feedback':
      return yield { type: 'skipped', where: file.where, reason: 'feedback that you gave to Anthropic; no conversation' };
    case 'artifact comments':
      return yield { type: 'skipped', where: file.where, reason: 'comments on artifacts are not taken; the original has them' };
  }
}

function* usersTold(value: Parameters<typeof wordsIn>[0], { memory }: ReadContext): Generator<Told> {
  const id = textIn(value, 'uuid');
  const label = wordsIn(value, 'email_address') ?? wordsIn(value, 'full_name');
  if (id === undefined || label === undefined) return;
  memory.set(`account/${id}`, label);
  yield { type: 'account', id, label };
}
