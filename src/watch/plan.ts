import type { RunbookHint } from './runbooks.ts';
import type { WatchSettings } from './settings.ts';

/** What there is to watch, out of a configuration: plain data, which crosses to the watch's thread. */
export interface WatchPlan {
  settings: WatchSettings;
  /** Those of the configuration. A client's own vendor is in use once it has been asked. */
  providers: WatchedProvider[];
  /** Routes with their targets in order, `provider/model`; a model may be `*`. */
  routes: { pattern: string; targets: string[] }[];
  /** Where this server is reached: `http://127.0.0.1:4141`. */
  address: string;
  /** What alerts and the board point at. */
  runbooks?: RunbookHint[];
}

export interface WatchedProvider {
  /** Its name in the configuration. */
  name: string;
  /** The known service that it is: of one that was only made from it and is somewhere else, none. */
  preset?: string;
  /** `https://api.anthropic.com`. */
  origin: string;
  /** Runs on this machine or network. */
  local: boolean;
  /** A key of its own, which a probe may use. Never a client's credential, and never a plan's login. */
  probable: boolean;
}
