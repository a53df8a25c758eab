import type { VirtualClock } from '../../src/exchange/virtual-clock.ts';
import type { Sky } from './sky.ts';
import type { Host } from './climate.ts';

/** What became of one request, as its client saw it. */
export interface Outcome {
  /** `error`: told that it failed; `cut`: an end that is none, or a wait for ever; nobody told the client. */
  end: 'whole' | 'error' | 'cut';
  /** Milliseconds from the request to its end. */
  took: number;
  /** Who was asked, in order; `trial`: to see whether it is well again. */
  asked: { host: Host; trial: boolean }[];
}

/** Something that answers clients by the simulated services. */
export interface Contender {
  name: string;
  ask(model: string, prompt: string, expected: string): Promise<Outcome>;
}

export type MakeContender = (clock: VirtualClock, sky: Sky) => Contender;
