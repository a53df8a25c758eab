import type { JsonObject } from '../../exchange/json.ts';
import type { Extras } from '../../exchange/part.ts';
import type { Loss } from '../dialect.ts';
import type { LossLog } from '../openai-chat/losses.ts';
import { DIALECT } from './wire.ts';

/** Gathers what could not be said, with the marks for caches told once, with their number. */
export function lossLog(): LossLog {
  const losses: Loss[] = [];
  let cacheMarks = 0;
  return {
    lose: (what, why) => void losses.push({ what, why }),
    loseReasoning: (what, why) => void losses.push({ what, why, foreignReasoning: true }),
    own(extras: Extras | undefined, what: string): JsonObject {
      if (!extras) return {};
      if (extras.dialect === DIALECT) return extras.fields;
      for (const name of Object.keys(extras.fields)) {
        if (name === 'cache_control') cacheMarks++;
        else losses.push({ what: what === '' ? name : `${what}.${name}`, why: `only ${extras.dialect} knows it` });
      }
      return {};
    },
    list() {
      if (cacheMarks === 0) return losses;
      return [...losses, { what: 'cache_control', why: `${cacheMarks} cache marks: OpenAI caches by itself` }];
    },
  };
}
