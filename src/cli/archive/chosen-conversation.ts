import { realpathSync } from 'node:fs';
import { findConversation, listConversations } from '../../archive/store/read.ts';
import type { ConversationSummary } from '../../archive/store/read.ts';
import type { Archive } from '../../archive/store/open.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Context } from '../command.ts';

/** How a command is told which conversation is meant. */
export const CHOICE_ARGS = {
  last: { type: 'boolean', description: 'The newest conversation of all.' },
  cwd: { type: 'boolean', description: 'The newest conversation that was held in this folder.' },
} as const;

/** An id ends with 16 letters; its beginning is enough where it is the only one. */
const ID = /^c_[0-9a-z]{0,16}$/;

/** Conversations that an id's beginning is shown to fit. */
const SHOWN = 5;

/** The conversation that is meant; the error is a sentence that says what to do. */
export function chosenConversation(
  archive: Archive,
  { flags, deps }: Pick<Context, 'flags' | 'deps'>,
): Result<ConversationSummary, string> {
  const [word] = flags.words;
  if (word !== undefined && ID.test(word)) {
    const exact = findConversation(archive, word);
    const [found, ...others] = exact ? [exact] : beginningWith(archive, word);
    if (found === undefined)
      return err(`There is no conversation ${word}. Look for it with: understudy search WORDS, understudy conversations`);
    if (others.length === 0) return ok(found);
    const ids = [found, ...others].slice(0, SHOWN).map(({ id, title }) => `\n  ${id}  ${title === '' ? 'no title' : title.slice(0, 50)}`);
    return err(`Several conversations begin with ${word}; type more of it:${ids.join('')}${others.length >= SHOWN ? '\n  …' : ''}`);
  }
  if (word !== undefined) return err(`\`${word}\` is no conversation's id (c_…). Find one with: understudy search ${word}`);
  if (flags.on('cwd')) {
    const here = deps.surroundings.workingFolder;
    const [found] = [here, real(here)]
      .flatMap((project) => newest(archive, { project }) ?? [])
      .toSorted((one, other) => (other.updatedAt ?? 0) - (one.updatedAt ?? 0));
    return found
      ? ok(found)
      : err(`The archive has no conversation that was held in ${here}. Other tools' sessions get into it with: understudy protect`);
  }
  if (flags.on('last')) {
    const found = newest(archive, {});
    return found ? ok(found) : err('The archive is empty. Fill it with: understudy protect, understudy import');
  }
  return err('Which conversation? Give its id (understudy conversations lists them), --last or --cwd.');
}

/** Conversations that are looked at for one in which something was said: exports have some that were opened and left. */
const EMPTY = 100;

function newest(archive: Archive, where: { project?: string }): ConversationSummary | undefined {
  const known = listConversations(archive, { limit: EMPTY, ...where });
  return known.find(({ messages }) => messages > 0) ?? known[0];
}

/** One more than are shown. */
function beginningWith(archive: Archive, beginning: string): ConversationSummary[] {
  return archive.database
    .prepare('SELECT id FROM conversations WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
    .all(beginning, `${beginning}~`, SHOWN + 1)
    .flatMap(({ id }) => findConversation(archive, String(id)) ?? []);
}

/** Programs write down either name of a folder that a link leads to. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
