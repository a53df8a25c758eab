import type { ArgsDef } from 'citty';
import type { CliDeps } from './deps.ts';
import type { Terminal } from './terminal.ts';

/** What was typed after a command's name, checked against what it takes. */
export interface Flags {
  text(name: string): string | undefined;
  on(name: string): boolean;
  /** Words that belong to no flag. */
  words: string[];
}

export interface Context {
  flags: Flags;
  terminal: Terminal;
  deps: CliDeps;
}

export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  args: ArgsDef;
  /** The first word that is no option is another program's name, and all after it are that program's arguments. */
  handsOver?: true;
  /** Its last word may be several: names of files, words to look for. */
  takesMany?: true;
  /** What to type, and what it does. */
  examples: [typed: string, does: string][];
  /** Its page in docs/. */
  page?: string;
  /** What else a person should know: exit codes, files, what to do next. */
  more: string[];
  /** Returns the exit code. */
  run(context: Context): Promise<number>;
}
