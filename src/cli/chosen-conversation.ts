import { realpathSync } from 'node:fs';
import { findConversation, listConversations } from '../archive/store/read.ts';
import type { ConversationSummary } from '../archive/store/read.ts';
import type { Archive } from '../archive/store/open.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Context } from './command.ts';

/** How a command is told which conversation is meant. */
export const CHOICE_ARGS = {
  last: { type: 'boolean', description: 'The newest conversation of all.' },
  cwd: { type: 'boolean', description: 'The newest conversation that was held in this folder.' },
} as const;

/** An id ends with 16 letters; its beginning is enough where it is the only one. */
const ID = /^c_[0-9a-z]{1,16}$/;

/** The conversation that is meant; the error is a sentence that says what to do. */
export function chosenConversation(
  archive: Archive,
  { flags, deps }: Pick<Context, 'flags' | 'deps'>,
): Result<ConversationSummary, string> {
  const [word] = flags.words;
  if (word !== undefined && ID.test(word)) {
    const found = findConversation(archive, word) ?? only(archive, word);
    return found
      ? ok(found)
      : err(`There is no conversation ${word}, or several begin so. Look for it with: understudy search, understudy conversations`);
  }
  if (word !== undefined) return err(`\`${word}\` is no conversation's id (c_…). Find one with: understudy search ${word}`);
  if (flags.on('cwd')) {
    const here = deps.surroundings.workingFolder;
    const [found] = [here, real(here)]
      .flatMap((project) => listConversations(archive, { limit: 1, project }))
      .toSorted((one, other) => (other.updatedAt ?? 0) - (one.updatedAt ?? 0));
    return found
      ? ok(found)
      : err(`The archive has no conversation that was held in ${here}. Other tools' sessions get into it with: understudy protect`);
  }
  if (flags.on('last')) {
    const [found] = listConversations(archive, { limit: 1 });
    return found ? ok(found) : err('The archive is empty. Fill it with: understudy protect, understudy import');
  }
  return err('Which conversation? Give its id (understudy conversations lists them), --last or --cwd.');
}

function only(archive: Archive, beginning: string): ConversationSummary | undefined {
  const rows = archive.database.prepare('SELECT id FROM conversations WHERE id >= ? AND id < ? LIMIT 2').all(beginning, `${beginning}~`);
  return rows.length === 1 ? findConversation(archive, String(rows[0]!['id'])) : undefined;
}

/** Programs write down either name of a folder that a link leads to. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
