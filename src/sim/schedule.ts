import { seeded } from './seeded.ts';

/** For how long a fault persists. Times are milliseconds since the fault was set. */
export type Schedule =
  | { type: 'once' }
  | { type: 'times'; count: number }
  | { type: 'for'; ms: number }
  | { type: 'between'; from: number; to: number }
  | { type: 'ever' }
  /** On for so long, then off for so long, and again. */
  | { type: 'flap'; on: number; off: number }
  | { type: 'probability'; p: number; seed: number };

/** Whether a fault strikes the request that is being answered. Asked once for each request in its scope. */
export interface Scheduler {
  strikes(now: number): boolean;
}

/** `start`: when the fault was set, on the clock of which `now` is read. */
export function scheduler(schedule: Schedule, start: number): Scheduler {
  const random = seeded(schedule.type === 'probability' ? schedule.seed : 0);
  let left = schedule.type === 'times' ? schedule.count : 1;
  return {
    strikes(now) {
      const elapsed = now - start;
      switch (schedule.type) {
        case 'once':
        case 'times':
          return left-- > 0;
        case 'for':
          return elapsed < schedule.ms;
        case 'between':
          return elapsed >= schedule.from && elapsed < schedule.to;
        case 'ever':
          return true;
        case 'flap':
          return elapsed % (schedule.on + schedule.off) < schedule.on;
        case 'probability':
          return random() < schedule.p;
      }
    },
  };
}

/** Which requests a fault is for. Everything that is named has to hold. */
export interface Scope {
  /** Model name, `*` at the end for any rest. */
  model?: string;
  /** The credential, or the end of it. */
  key?: string;
  /** Only streamed, or only whole answers. */
  stream?: boolean;
  /** Only bodies of at least so many bytes. */
  minBody?: number;
}

export interface Scoped {
  model: string;
  key: string;
  stream: boolean;
  size: number;
}

export function inScope(scope: Scope, request: Scoped): boolean {
  if (scope.model !== undefined && !matches(scope.model, request.model)) return false;
  if (scope.key !== undefined && !request.key.endsWith(scope.key)) return false;
  if (scope.stream !== undefined && scope.stream !== request.stream) return false;
  return scope.minBody === undefined || request.size >= scope.minBody;
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
}
