import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is wrong, for shells' prompts: one line in `board.txt` of the data folder, which costs them no process. */
export interface BoardFile {
  show(line: string): void;
  /** Nobody looks any more: nothing is known, and so nothing is there. */
  close(): void;
}

export function boardFile(folder: string): BoardFile {
  const path = join(folder, 'board.txt');
  let shown: string | undefined;
  return {
    show(line) {
      if (line === shown) return;
      try {
        // Whole at every moment: a prompt is drawn whenever it is.
        writeFileSync(`${path}.new`, line === '' ? '' : `${line}\n`, { mode: 0o600 });
        renameSync(`${path}.new`, path);
        shown = line;
      } catch {
        // A full disk: what matters there is told by the journal. Better nothing than what is no longer so; it is tried again at the next look.
        shown = undefined;
        remove();
      }
    },
    close: remove,
  };

  function remove(): void {
    try {
      for (const each of [path, `${path}.new`]) rmSync(each, { force: true });
    } catch {
      // A folder that was taken away.
    }
  }
}
