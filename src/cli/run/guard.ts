import type { Clock } from '../../exchange/clock.ts';
import { clockText } from '../clock-text.ts';
import type { Front } from './front.ts';

/** Often enough that a CLI's own retries still find it: they go on for some ten seconds. */
const LOOK_EVERY = 1000;
/** A server that is busy is not dead: only a refused connection counts. */
const PATIENCE = 5000;
/** Milliseconds before each try to start it again; one that ends properly keeps its data folder until its answers are over. */
const PAUSES = [0, 500, 1000, 2000, 4000, 8000, 15_000, 30_000];

export interface Guard {
  /** What has happened to it, in sentences for the user; empty: nothing. */
  events(): readonly string[];
  stop(): void;
}

/** Watches the Understudy in front and starts it again where it has died. `tell` is called at once, while the CLI has the terminal. */
export function guard(front: Pick<Front, 'address' | 'restart'>, clock: Clock, tell: (sentence: string) => void): Guard {
  const events: string[] = [];
  let cancel: () => void = () => undefined;
  let stopped = false;

  function say(sentence: string): void {
    events.push(`${clockText(clock.now())}  ${sentence}`);
    tell(sentence);
  }

  function wait(delay: number): Promise<void> {
    return new Promise((resolve) => (cancel = clock.after(delay, resolve)));
  }

  async function watch(): Promise<void> {
    let missed = 0;
    while (!stopped) {
      await wait(LOOK_EVERY);
      if (stopped) return;
      if (await answers(front.address)) missed = 0;
      // Twice: one refusal may be a full queue of connections.
      else if (++missed >= 2) {
        if (!(await revive())) return;
        missed = 0;
      }
    }
  }

  async function revive(): Promise<boolean> {
    if (!front.restart) {
      say(`Understudy at ${front.address} does not answer any more.`);
      return false;
    }
    let why = '';
    for (const pause of PAUSES) {
      if (pause > 0) await wait(pause);
      if (stopped) return false;
      if (await answers(front.address)) return true;
      const again = await front.restart();
      if (again.ok) {
        say(`Understudy had ended and was started again at ${front.address}.`);
        return true;
      }
      why = again.error;
    }
    say(`Understudy has ended and could not be started again: ${why}`);
    return false;
  }

  watch().catch((error: unknown) => say(`Understudy is not watched any more: ${String(error)}`));
  return {
    events: () => events,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

async function answers(address: string): Promise<boolean> {
  try {
    await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError';
  }
}
