import { finishBeforeStart, unfinishedIn } from '../../archive/care/finish.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import type { Context } from '../command.ts';
import { cutOff } from './redact-view.ts';

/** What delete and redact were cut off in is finished before a server has the data folder; what can't be is said. Nothing of it keeps a server from starting. */
export function finishErasing(data: string, key: DataKey | undefined, { terminal, deps }: Pick<Context, 'terminal' | 'deps'>): void {
  const unfinished = unfinishedIn(data, key);
  if (unfinished.length === 0) return;
  const lines = cutOff(unfinished);
  try {
    if (unfinished.length > lines.length) terminal.note('Finishing what understudy delete or redact was cut off in …');
    finishBeforeStart(data, key, deps.clock.now());
  } catch (error) {
    terminal.note(
      `What was to be deleted is not all gone: ${error instanceof Error ? error.message : String(error)}. It is tried again at the next start.`,
    );
  }
  for (const line of lines) terminal.note(line);
}
