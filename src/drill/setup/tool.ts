import type { Machine } from '../../archive/protect/stores.ts';

/** A coding tool whose set-up is compared; the same names as the archive's sources. */
export type ToolName = 'claude-code' | 'codex' | 'gemini-cli' | 'opencode' | 'qwen-code' | 'copilot-cli';

/** `user`: in force everywhere. `project`: in the project's folder, for all who work there. `local`: for one project, seen by its user only. */
export type Scope = 'user' | 'project' | 'local';

/** What places depend on. */
export interface SetupWorld extends Machine {
  /** The root of the project that is worked in; absent: none, as in the home folder itself. */
  project?: string;
  /** A file's text; `undefined` where there is none or it can't be read. */
  read(path: string): string | undefined;
  /** Something is there, readable or not. */
  has(path: string): boolean;
}

/** Where a tool looks for instructions of one scope. */
export interface InstructionPlaces {
  scope: 'user' | 'project';
  /** All files of the first group in which one says anything are read; the others are not. */
  groups: readonly (readonly string[])[];
  /** Files of these that are the user's own, and are not brought into a project for everybody. */
  personal?: readonly string[];
  /** Where a copy of another tool's goes. */
  copy: string;
}

/** A file with MCP servers. */
export interface ServerPlace {
  scope: Scope;
  path: string;
  format: 'json' | 'toml';
  /** The members that lead to the object of servers by name. */
  at: readonly string[];
}

/** How values take variables of the environment. `shell`: $X and ${X}; `braces`: ${X}; `opencode`: {env:X}; `none`: they are taken as they stand. */
export interface VariableForm {
  style: 'shell' | 'braces' | 'opencode' | 'none';
  /** `${X:-otherwise}` too. */
  fallback: boolean;
}

/** How a tool writes a server. */
export type ServerForm = 'claude' | 'codex' | 'gemini' | 'qwen' | 'opencode' | 'copilot';

export interface Tool {
  name: ToolName;
  title: string;
  /** Names of its program. */
  programs: readonly string[];
  /** Its own folders; one that is there says that it is used. */
  folders(machine: Machine): readonly string[];
  /** Folders that the environment names and that may so lie anywhere. */
  namedFolder?: string;
  instructions(world: SetupWorld): readonly InstructionPlaces[];
  /** A line of them that only names a file, `@AGENTS.md`, brings that file in. */
  imports: boolean;
  /** In the order in which one beats another; of each scope, the first that is there is written to, else the first. */
  servers(world: SetupWorld): readonly ServerPlace[];
  form: ServerForm;
  variables: VariableForm;
  /** Takes servers of the older transport (HTTP with server-sent events). */
  sse: boolean;
  /** What a person should know of what is written into a project. */
  projectNote?: string;
}
