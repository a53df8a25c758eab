import type { Settings } from '../../config/settings.ts';
import { catchUp } from '../../archive/catch-up.ts';
import { archiveProblem, openArchive, openArchiveToRead } from '../../archive/store/open.ts';
import type { Archive } from '../../archive/store/open.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Context } from '../command.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import type { Terminal } from '../terminal.ts';

/** Milliseconds: what takes longer is said. */
const PATIENCE = 1000;

export interface OpenedArchive {
  archive: Archive;
  /** The data folder that it lies in. */
  data: string;
  settings: Settings;
}

/**
 * The archive of the data folder that the command line and the configuration name; nobody needs to run, and one who does is not
 * disturbed. What is wrong has been said when there is an error, which is the exit code.
 */
export async function openedArchive(context: Context, purpose: 'read' | 'write'): Promise<Result<OpenedArchive, number>> {
  const { terminal } = context;
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) {
    for (const line of loaded.error) terminal.note(line);
    return err(EXIT.usage);
  }
  const { settings } = loaded.value.loaded;
  const data = settings.data!;
  // One that is only read is made all the same where there is none: "nothing is in it yet" is an answer, "no such file" is none.
  const key = await unlocked(data, context);
  if (!key.ok) {
    terminal.note(key.error);
    return err(EXIT.failed);
  }
  const written = openArchive(data, key.value);
  const opened = written.ok || purpose === 'write' || written.error.type !== 'unavailable' ? written : openArchiveToRead(data, key.value);
  if (!opened.ok) {
    terminal.note(`The archive can't be opened: ${opened.error.reason}. What to do: ${opened.error.action}.`);
    return err(EXIT.failed);
  }
  if (written.ok && purpose === 'read') bringUpToDate(written.value, data, terminal);
  return ok({ archive: opened.value, data, settings });
}

/** What was said last is in the record, and not yet in the archive where no server has run since. What can't be written is no reason not to read. */
function bringUpToDate(archive: Archive, data: string, terminal: Terminal): void {
  const began = performance.now();
  let told = false;
  try {
    catchUp(archive, data, () => {
      if (told || performance.now() - began < PATIENCE) return;
      told = true;
      terminal.note('Taking over what was said since the last time …');
    });
  } catch (error) {
    const { reason, action } = archiveProblem(error, data);
    terminal.note(`What was said last may be missing: ${reason}. What to do: ${action}.`);
  }
}
