import { isMinor } from '../../dialects/minor-losses.ts';
import type { ExchangeSummary } from '../../journal/journal.ts';
import type { Finding } from './doctor-finding.ts';

/** How many of the latest exchanges are looked at. */
export const LOOKED_AT = 100;
/** Things that a target could not be told, at most so many of them by name. */
const NAMED = 4;

/** What could not be said to targets whose dialect has no word for it, by target, out of what a running server has done lately. */
export function lossFindings(exchanges: readonly ExchangeSummary[]): Finding[] {
  const byTarget = new Map<string, Map<string, number>>();
  for (const { attempts } of exchanges) {
    for (const { target, losses } of attempts) {
      for (const loss of losses ?? []) {
        const [what = '', why = ''] = loss.split(/: (.*)/s);
        if (isMinor({ what, why })) continue;
        const found = byTarget.get(target) ?? new Map<string, number>();
        byTarget.set(target, found);
        // `tools[3]` and `tools[7]` are the same kind of thing.
        const kind = `${what.replaceAll(/\[\d+\]/g, '[]')}: ${why}`;
        found.set(kind, (found.get(kind) ?? 0) + 1);
      }
    }
  }
  return [...byTarget].map(([target, kinds]) =>
    finding(
      target,
      [...kinds].toSorted(([, one], [, other]) => other - one),
    ),
  );
}

function finding(target: string, kinds: readonly (readonly [kind: string, count: number])[]): Finding {
  const named = kinds.slice(0, NAMED).map(([kind, count]) => `${kind} (${count}×)`);
  const more = kinds.length > NAMED ? `; and ${kinds.length - NAMED} more` : '';
  return {
    about: `target ${target}`,
    state: 'look',
    said: `could not be told everything lately: ${named.join('; ')}${more}`,
    advice: 'A route with strict: on skips a target that cannot be told the whole request. docs/dialects.md says what is lost where.',
  };
}
