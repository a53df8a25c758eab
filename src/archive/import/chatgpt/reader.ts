import { parseObject } from '../../../exchange/json.ts';
import type { JsonObject } from '../../../exchange/json.ts';
import { eachObject, wholeObject } from '../items.ts';
import { shapeOf } from '../head-keys.ts';
import { found, objectsIn, wordsIn } from '../loose.ts';
import type { ReadContext, Reader, SourceFile, Told } from '../reader.ts';
import { assetsAmong } from './assets.ts';
import { conversationTold } from './conversation.ts';

/** Official data exports of ChatGPT: research/archive.md 1.1. */
export const chatgpt: Reader = {
  source: 'chatgpt',
  version: 1,
  recognises,
  // What files are called is said in a file of its own.
  rank: (what) => ({ 'asset names': -2, 'export manifest': -1 })[what] ?? 0,
  read,
};

/** Files of an export that hold no conversations, by the only names that they have been seen with. */
const BESIDE: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)message_feedback(-\d+)?\.json$/, 'feedback that you gave to OpenAI; no conversation'],
  [/(^|\/)model_comparisons(-\d+)?\.json$/, 'which of two answers you preferred; the conversations themselves are told'],
  [/(^|\/)shared_conversations(-\d+)?\.json$/, 'links that you shared; the conversations behind them are told by themselves'],
  [/(^|\/)group_chats(-\d+)?\.json$/, 'group chats: their build is not known well enough to tell who said what; the original has them'],
  [/(^|\/)user_settings\.json$/, 'settings; no conversation'],
  [/(^|\/)(shopping|sora|library_files)(-\d+)?\.json$/, 'no conversations; the original has it'],
];

function recognises(file: SourceFile): string | undefined {
  const shape = shapeOf(file);
  if (!shape) return /(^|\/)chat\.html$/.test(file.path) && file.head.includes('jsonData') ? 'page' : pageOf(file);
  const { top, keys, inner } = shape;
  if (keys.has('mapping') && !keys.has('chat_messages')) return `conversation${top === 'list' ? 's' : ''}`;
  if (top === 'object' && keys.has('conversations') && inner.has('mapping')) return 'conversations';
  if (top === 'object' && keys.has('export_files')) return 'export manifest';
  if (top === 'object' && keys.has('email') && (keys.has('chatgpt_plus_user') || keys.has('phone_number'))) return 'user';
  if (/(^|\/)conversation_asset_file_names(-\d+)?\.json$/.test(file.path)) return 'asset names';
  return BESIDE.some(([name]) => name.test(file.path)) ? 'beside' : undefined;
}

/** The page that comes with the export and shows the same conversations. */
function pageOf({ head, path }: SourceFile): string | undefined {
  return /\.html?$/i.test(path) && /<title>\s*ChatGPT Data Export/i.test(head) ? 'page' : undefined;
}

async function* read(file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  const { where } = file;
  switch (context.what) {
    case 'conversations':
    case 'conversation': {
      const beside = { assets: assetsAmong(context), account: accountBeside(file, context) };
      const tell = (value: JsonObject, place: { where: string }): AsyncIterable<Told> => conversationTold(value, place, beside);
      if (context.what === 'conversation') return yield* wholeObject(file, context, tell);
      return yield* eachObject(file, { ...context, lists: ['conversations'] }, tell);
    }
    case 'export manifest':
      return yield* wholeObject(file, context, (value) => manifestTold(value, file, context));
    case 'user':
      // Read with the conversations beside it.
      return;
    case 'asset names':
      return yield* wholeObject(file, context, (value) => {
        context.memory.set('asset-names', JSON.stringify({ ...namesIn(context), ...value }));
        return [];
      });
    case 'page':
      return yield { type: 'skipped', where, reason: 'a page that shows the same conversations as conversations.json' };
    case 'beside':
      return yield { type: 'skipped', where, reason: BESIDE.find(([name]) => name.test(file.path))![1] };
  }
}

/** Of the `user.json` in the same export. */
function accountBeside({ container }: SourceFile, { files }: ReadContext): string | undefined {
  const user = files.find((file) => file.container === container && recognises(file) === 'user');
  const value = user && parseObject(user.head);
  return wordsIn(value, 'email') ?? wordsIn(value, 'name');
}

function namesIn({ memory }: Pick<ReadContext, 'memory'>): JsonObject {
  return JSON.parse(memory.get('asset-names') ?? '{}') as JsonObject;
}

/** `{export_files: [{path}]}`: what the export is made of. */
function* manifestTold(value: JsonObject, file: SourceFile, { files }: ReadContext): Generator<Told> {
  const names = new Set(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  const paths = listed(value);
  if (paths.length === 0)
    yield { type: 'noted', where: file.where, reason: 'it names no files: whether parts are missing is not known', found: found(value) };
  for (const path of paths) {
    if (names.has(path.slice(path.lastIndexOf('/') + 1))) continue;
    const reason = 'the export names it, and it is not among the files that were given';
    yield { type: 'missing', where: path, reason, found: found(file.where) };
  }
}

/** Paths, also of the files that one listed file is split into. */
function listed(value: JsonObject): string[] {
  return objectsIn(value, 'export_files').flatMap((entry) => {
    const shards = [...objectsIn(entry, 'shards'), ...objectsIn(entry, 'files'), ...objectsIn(entry, 'parts')];
    const paths = (shards.length > 0 ? shards : [entry]).map((one) => wordsIn(one, 'path') ?? wordsIn(one, 'filename'));
    return paths.filter((path) => path !== undefined);
  });
}
