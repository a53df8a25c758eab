import type { DialectName } from '../../exchange/dialect-name.ts';

/** A coding CLI that `understudy run` can start. Everything about it is in one file, as data and one pure function. */
export interface Client {
  /** What is typed: `understudy run claude`. */
  name: string;
  /** As its maker writes it. */
  title: string;
  /** Names of its program, looked for on PATH in this order. */
  programs: readonly string[];
  /** A command that installs it. */
  install: string;
  /** Its own vendor among the presets: where a key of the user's goes. */
  vendor: string;
  /** The kind of login that it may have instead of a key, which is left alone; absent: it has none. */
  login?: string;
  /** Variables in which it looks for a key, as the user is told of them. */
  keyVariables: readonly string[];
  dialect: DialectName;
  /** Stands for what it asks for when nobody says otherwise. */
  usualModel: string;
  /** Names models of its own list only: it can't be asked for a simulated assistant. */
  ownModelsOnly?: true;
  /** How it is spoken to from the command line. */
  talk: Talk;
  /** What has to be set for one process of it. Reads files through `situation` only and changes nothing. */
  setUp(situation: Situation): SetUp;
}

/** Arguments, as the client's --help has them in November 2026. `once`: it answers and ends; otherwise its user goes on with it. */
export interface Talk {
  begin(prompt: string, once: boolean, folder?: TalkFolder): string[];
  /** Goes on with one of its own sessions. `session`: as its transcript names it. */
  resume(session: string, prompt: string | undefined, once: boolean, folder?: TalkFolder): string[];
}

/** What is known of the folder that a client is to work in. */
export interface TalkFolder {
  /** No git repository, and all the same a folder that an assistant has worked in for its user. */
  unversioned: boolean;
}

/** What a client is started in. */
export interface Situation {
  /** The origin of the Understudy in front: `http://127.0.0.1:4141`. */
  address: string;
  /** Understudy's access token, where it wants one. */
  token?: string;
  /** What the user typed after the client's name. */
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  workingFolder: string;
  platform: NodeJS.Platform;
  /** An absolute path below which this process of the client may have files of its own. */
  scratch: string;
  /** A file's text; `undefined` where there is none. */
  read(path: string): string | undefined;
  /** Names in a folder; none where there is no folder. */
  list(path: string): string[];
  /** Someone can answer this model without a key of the client's: an assistant with a key in Understudy's configuration, or a local one. */
  answersWithoutKey(model: string): boolean;
  /** Of those, there is only a model that was found on this machine: nobody has asked for it. */
  answersHereAlone(model: string): boolean;
  /** The user has agreed, in the configuration, that the login of the client's own plan goes along to this model's vendor. */
  passesLogin(model: string): boolean;
  /** A shell command that prints Claude Code's status line. */
  statusline: string;
}

export type SetUp = Ready | NoKey;

/** How it is to be started. */
export interface Ready {
  type: 'ready';
  /** On top of the user's own; `undefined` takes one away. */
  environment: Record<string, string | undefined>;
  /** All arguments, the user's included. */
  args: string[];
  /** Files of this process only, below `scratch`. */
  files: { path: string; text: string }[];
  /** Files and folders of the user's that are to be seen below `scratch` too. `folder`: it is one, and made where it is not there yet. */
  links?: { path: string; to: string; folder?: true }[];
  /** A folder below `scratch` that stands for one of the user's. What the client writes there anew is brought to it when the client ends, but for `except`. */
  home?: { from: string; to: string; except: readonly string[] };
  /** Whose key is shown to whom, in a short sentence. */
  key: string;
  /** What the user should know, such as a setting that goes past Understudy. */
  warnings: string[];
}

/** Nothing that it may show to Understudy: no key of its own, and nobody who answers without one. */
export interface NoKey {
  type: 'no-key';
  /** What was found instead, in sentences. */
  found: string[];
}
