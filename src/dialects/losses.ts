import type { Extras } from '../exchange/part.ts';
import type { JsonObject } from '../exchange/json.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Loss } from './dialect.ts';

/** Gathers what could not be said. Marks for caches stand on many parts of an agent's request: they are told once, with their number. */
export interface LossLog {
  lose(what: string, why: string): void;
  /** Reasoning that stays with its maker. */
  loseReasoning(what: string, why: string): void;
  /** The fields that this dialect may write back; foreign ones are noted. */
  own(extras: Extras | undefined, what: string): JsonObject;
  list(): Loss[];
}

/** `caching`: what becomes of caches without the marks. */
export function lossLog(dialect: DialectName, caching: string): LossLog {
  const losses: Loss[] = [];
  let cacheMarks = 0;
  return {
    lose: (what, why) => void losses.push({ what, why }),
    loseReasoning: (what, why) => void losses.push({ what, why, foreignReasoning: true }),
    own(extras, what) {
      if (!extras) return {};
      if (extras.dialect === dialect) return extras.fields;
      for (const name of Object.keys(extras.fields)) {
        if (name === 'cache_control') cacheMarks++;
        else losses.push({ what: what === '' ? name : `${what}.${name}`, why: `only ${extras.dialect} knows it` });
      }
      return {};
    },
    list() {
      if (cacheMarks === 0) return losses;
      return [...losses, { what: 'cache_control', why: `${cacheMarks} cache marks: ${caching}` }];
    },
  };
}
