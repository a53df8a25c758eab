import type { Clock } from '../../exchange/clock.ts';
import type { EngineJob, EngineSetup, FromEngine, ToEngine } from './messages.ts';

/** A process of the engine. `ended` comes once, and last. */
export interface EngineChild {
  post(message: ToEngine): void;
  kill(): void;
}
export type StartChild = (said: (message: FromEngine) => void, ended: (why: string) => void) => EngineChild;

export interface EngineParts {
  start: StartChild;
  clock: Clock;
  /** Why a model may not be loaded now: there is too little memory. Asked just before it would be. */
  forbids(setup: EngineSetup): Promise<string | undefined>;
}

/** What becomes of a question. After `failed` or `told` with an end nothing more comes. */
export interface EngineListener {
  told(message: Exclude<FromEngine, { type: 'loaded' | 'unusable' }>): void;
  /** `crashed`: the process ended, and a new one may well do better. `unable`: it is of no use to try again before `wait` milliseconds are over. */
  failed(problem: { type: 'crashed'; message: string } | { type: 'unable'; message: string; wait?: number }): void;
}

export interface EngineStatus {
  /** File that is in memory. */
  file?: string;
  asked: boolean;
  waiting: number;
}

export interface Engine {
  /** Takes a place in the line. The returned function leaves it, or gives the answer up. */
  ask(setup: EngineSetup, job: EngineJob, listener: EngineListener): () => void;
  /** Milliseconds without a question after which the model is put out of memory. */
  keepFor(idle: number): void;
  status(): EngineStatus;
  close(): Promise<void>;
}

interface Waiting {
  id: number;
  setup: EngineSetup;
  job: EngineJob;
  listener: EngineListener;
  gone: boolean;
}

interface Running {
  child: EngineChild;
  setup: EngineSetup;
  ready: boolean;
  ending: boolean;
}

/** Milliseconds that a given-up question may go on being worked at: between two batches of a long text the engine hears nothing. */
const GIVING_UP = 10_000;
/** After a second death in a row, and the most, in milliseconds. The first may be chance: who asks again at once gets a new process. */
const PAUSE = 2000;
const LONGEST_PAUSE = 60_000;

const STOPPING = { type: 'unable', message: 'Understudy is stopping' } as const;

/** One model in one process, one question at a time, first come, first served. The process goes when nobody has asked for a while; so does its memory. */
export function createEngine({ start, clock, forbids }: EngineParts): Engine {
  const line: Waiting[] = [];
  let running: Running | undefined;
  let current: Waiting | undefined;
  let numbers = 0;
  let deaths = 0;
  let notBefore = 0;
  let idle = 0;
  let stopIdle: (() => void) | undefined;
  let stopGivingUp: (() => void) | undefined;
  let checking = false;
  let closed: PromiseWithResolvers<void> | undefined;

  function next(): void {
    if (current || checking || closed) return;
    const first = line[0];
    if (!first) return rest();
    stopIdle?.();
    if (running && !running.ending && !sameSetup(running.setup, first.setup)) end(running);
    if (running?.ending) return;
    line.shift();
    current = first;
    if (!running) return void begin(first);
    if (running.ready) running.child.post({ type: 'ask', id: first.id, job: first.job });
  }

  async function begin(first: Waiting): Promise<void> {
    const wait = notBefore - clock.monotonic();
    if (wait > 0) {
      return settle((listener) =>
        listener.failed({ type: 'unable', message: `its process has ended ${deaths} times in a row, and is given a pause`, wait }),
      );
    }
    checking = true;
    const why = await forbids(first.setup);
    checking = false;
    if (closed) return;
    if (why !== undefined) return settle((listener) => listener.failed({ type: 'unable', message: why }));
    if (first.gone) return settle();
    const child = start(hear, gone);
    running = { child, setup: first.setup, ready: false, ending: false };
    child.post({ type: 'load', setup: first.setup });

    function hear(message: FromEngine): void {
      if (running?.child !== child) return;
      if (message.type === 'loaded') {
        running.ready = true;
        // Who has given up meanwhile leaves a loaded model behind.
        if (!current || current.gone) return settle();
        return child.post({ type: 'ask', id: current.id, job: current.job });
      }
      if (message.type === 'unusable') {
        failedOnce();
        end(running);
        return settle((listener) => listener.failed({ type: 'unable', message: message.message }));
      }
      if (!current || message.id !== current.id) return;
      if (message.type !== 'done' && message.type !== 'refused' && message.type !== 'broke') {
        if (!current.gone) current.listener.told(message);
        return;
      }
      if (message.type !== 'broke') deaths = 0;
      settle((listener) => listener.told(message));
    }

    function gone(why: string): void {
      if (running?.child !== child) return;
      const { ending } = running;
      running = undefined;
      if (closed) return closed.resolve();
      if (!ending) {
        failedOnce();
        if (current) return settle((listener) => listener.failed({ type: 'crashed', message: why }));
      }
      next();
    }
  }

  /** The question at hand is over. */
  function settle(tell?: (listener: EngineListener) => void): void {
    const over = current;
    current = undefined;
    stopGivingUp?.();
    stopGivingUp = undefined;
    if (over && !over.gone) tell?.(over.listener);
    next();
  }

  function failedOnce(): void {
    deaths += 1;
    notBefore = deaths < 2 ? 0 : clock.monotonic() + Math.min(PAUSE * 2 ** (deaths - 2), LONGEST_PAUSE);
  }

  function end(which: Running): void {
    which.ending = true;
    which.child.kill();
  }

  function rest(): void {
    stopIdle?.();
    if (!running || running.ending || !running.ready) return;
    stopIdle = clock.after(idle, () => {
      if (running && !current && line.length === 0) end(running);
    });
  }

  return {
    ask(setup, job, listener) {
      if (closed) {
        listener.failed(STOPPING);
        return () => undefined;
      }
      const waiting: Waiting = { id: ++numbers, setup, job, listener, gone: false };
      line.push(waiting);
      next();
      return () => {
        if (waiting.gone) return;
        waiting.gone = true;
        const place = line.indexOf(waiting);
        if (place >= 0) return void line.splice(place, 1);
        if (current !== waiting || !running?.ready) return;
        running.child.post({ type: 'cancel', id: waiting.id });
        stopGivingUp ??= clock.after(GIVING_UP, () => {
          if (!running || current !== waiting) return;
          end(running);
          settle();
        });
      };
    },
    keepFor(wanted) {
      idle = wanted;
      if (!current && line.length === 0) rest();
    },
    status: () => ({
      ...(running?.ready && !running.ending && { file: running.setup.file }),
      asked: current !== undefined,
      waiting: line.length,
    }),
    close() {
      if (closed) return closed.promise;
      closed = Promise.withResolvers();
      stopIdle?.();
      stopGivingUp?.();
      for (const { gone, listener } of [...(current ? [current] : []), ...line.splice(0)]) if (!gone) listener.failed(STOPPING);
      current = undefined;
      if (running) end(running);
      else closed.resolve();
      return closed.promise;
    },
  };
}

function sameSetup(one: EngineSetup, other: EngineSetup): boolean {
  return one.file === other.file && one.context === other.context && one.threads === other.threads && one.folder === other.folder;
}
