/** Which program answers; `openai`: anything that speaks as OpenAI does, at a port that the user has named. `embedded`: our own engine. */
export type LocalKind = 'ollama' | 'lmstudio' | 'llamacpp' | 'vllm' | 'openai' | 'embedded';

export interface LocalModel {
  /** As it is asked for. */
  name: string;
  /** In memory: it answers without being loaded first. */
  loaded: boolean;
  /** Tokens that fit in, input and output together, as it runs or would be loaded; absent: not known. */
  context?: number;
  /** `running`: as it is loaded now, or was last. `set`: by its own settings. `assumed`: the service's own default, until it has been loaded once. */
  contextFrom?: 'running' | 'set' | 'assumed';
  /** Tokens that it could take if it were loaded so. */
  longest?: number;
  tools?: boolean;
  images?: boolean;
  reasoning?: boolean;
  /** Billions of parameters. */
  billions?: number;
  /** Of its file, which is about what it takes in memory. */
  bytes?: number;
}

/** A service on this machine that answers, and what it has. */
export interface LocalService {
  kind: LocalKind;
  /** Name as a provider: that of the preset, or `local-PORT`. */
  provider: string;
  title: string;
  /** `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  version?: string;
  models: LocalModel[];
  /** What it has beside them, and why it is of no use here: for embeddings, on somebody else's machine. */
  leftOut: { name: string; why: string }[];
  /** Requests that it works on at once, where it says so. */
  slots?: number;
  /** Drops without a word what does not fit into the model's window, rather than refusing the request. */
  cutsLongInput: boolean;
}

/** Someone answers at a port, and is no model service, or one that can't be used as it is. `said`: what answers, in a few words. */
export interface LocalStranger {
  baseUrl: string;
  said: string;
}
