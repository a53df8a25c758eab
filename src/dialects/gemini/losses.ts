import type { JsonObject } from '../../exchange/json.ts';
import type { Extras } from '../../exchange/part.ts';
import type { Loss } from '../dialect.ts';
import { DIALECT } from './wire.ts';

/** Gathers what could not be said. Marks for caches stand on many parts of an agent's request: they are told once, with their number. */
export interface LossLog {
  lose(what: string, why: string): void;
  /** The fields that Gemini may write back; another dialect's are noted one by one. */
  own(extras: Extras | undefined, what: string): JsonObject;
  list(): Loss[];
}

export function lossLog(): LossLog {
  const losses: Loss[] = [];
  let cacheMarks = 0;
  return {
    lose: (what, why) => void losses.push({ what, why }),
    own(extras, what) {
      if (!extras) return {};
      if (extras.dialect === DIALECT) return extras.fields;
      for (const name of Object.keys(extras.fields)) {
        if (name === 'cache_control') cacheMarks++;
        else losses.push({ what: what === '' ? name : `${what}.${name}`, why: `only ${extras.dialect} has it` });
      }
      return {};
    },
    list() {
      if (cacheMarks === 0) return losses;
      return [...losses, { what: 'cache_control', why: `${cacheMarks} cache marks: Gemini caches by itself` }];
    },
  };
}
