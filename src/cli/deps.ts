import type { Settings } from '../config/settings.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Result } from '../exchange/result.ts';
import type { Change } from '../journal/journal.ts';
import type { IdentityServer } from '../providers/sign-in/identity-server.ts';
import type { Signal } from '../telemetry/signal.ts';
import type { StatusReport } from '../server/ports.ts';
import type { Streams } from './terminal.ts';

/** Why it does not start, or does not take a new configuration, and what to do. */
export interface StartProblem {
  message: string;
  advice: string;
}

/** An Understudy that serves, in this process. */
export interface RunningApp {
  /** `http://127.0.0.1:4141`. */
  address: string;
  status(): StatusReport;
  close(): Promise<void>;
  reload(settings: Settings): Result<{ needsRestart: string[] }, StartProblem[]>;
  subscribe(listener: (change: Change) => void): () => void;
  /** Calls back for each alert, until the returned function is called. */
  onAlert(listener: (alert: Extract<Signal, { type: 'alert' }>) => void): () => void;
  /** Calls back with what was found on this machine, or has gone; from the first look on. */
  onLocal(listener: (news: Extract<Signal, { type: 'local' }>) => void): () => void;
}

/** What the CLI knows of the process that it runs in. */
export interface Surroundings {
  streams: Streams;
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  home: string;
  platform: NodeJS.Platform;
  /** What to type to call this program again here: `understudy`, `bin/understudy`, `npx understudy`. */
  called?: string;
  /** `v26.10.0`. */
  nodeVersion: string;
  /** Calls back for every such signal until the returned function is called. */
  onSignal(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', heard: () => void): () => void;
}

export interface CliDeps {
  /** Wires an Understudy and starts it. `dataKey`: of an encrypted data folder. */
  build(settings: Settings, dataKey?: Uint8Array): Promise<Result<RunningApp, StartProblem[]>>;
  version: string;
  clock: Clock;
  surroundings: Surroundings;
  /** Where people sign in with ChatGPT, and how its page is opened; for tests. */
  identity?: IdentityServer;
  openPage?(url: string): void;
}
