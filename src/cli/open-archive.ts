import type { Settings } from '../config/settings.ts';
import { openArchive, openArchiveToRead } from '../archive/store/open.ts';
import type { Archive } from '../archive/store/open.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Context } from './command.ts';
import { EXIT } from './exit-code.ts';
import { readConfigAnyway } from './missing-keys.ts';

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
export function openedArchive(context: Context, purpose: 'read' | 'write'): Result<OpenedArchive, number> {
  const { terminal } = context;
  const loaded = readConfigAnyway(context);
  if (!loaded.ok) {
    for (const line of loaded.error) terminal.note(line);
    return err(EXIT.usage);
  }
  const { settings } = loaded.value.loaded;
  const data = settings.data!;
  // One that is only read is made all the same where there is none: "nothing is in it yet" is an answer, "no such file" is none.
  const read = purpose === 'read' ? openArchiveToRead(data) : openArchive(data);
  const opened = read.ok || read.error.type !== 'unavailable' ? read : openArchive(data);
  if (!opened.ok) {
    terminal.note(`The archive can't be opened: ${opened.error.reason}. What to do: ${opened.error.action}.`);
    return err(EXIT.failed);
  }
  return ok({ archive: opened.value, data, settings });
}
