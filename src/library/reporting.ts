import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { AttemptStart, Entry } from '../journal/entry.ts';
import type { FailoverOptions } from './options.ts';

/** Passes an exchange's entries on, and tells the callbacks what they say. A callback that throws hurts nobody's answer. */
export function reporting(
  exchange: string,
  { onAttempt, onSwitch }: Pick<FailoverOptions, 'onAttempt' | 'onSwitch'>,
  notice: (message: string) => void,
  append: (entry: Entry) => void,
): (entry: Entry) => void {
  if (!onAttempt && !onSwitch) return append;
  const attempts: AttemptStart[] = [];
  const faults: (Fault | undefined)[] = [];
  let withinAnswer = false;

  function tell<Report>(callback: ((report: Report) => void) | undefined, report: Report): void {
    try {
      callback?.(report);
    } catch (error) {
      notice(`a callback of createFailover has thrown: ${String(error)}`);
    }
  }

  return (entry) => {
    append(entry);
    if (entry.type === 'events') withinAnswer = true;
    else if (entry.type === 'attempt') {
      const to = targetName(entry.target);
      const last = attempts.at(-1);
      const fault = faults.at(-1);
      attempts.push(entry);
      faults.push(undefined);
      if (last && targetName(last.target) !== to)
        tell(onSwitch, { exchange, from: targetName(last.target), to, ...(fault && { fault }), withinAnswer });
    } else if (entry.type === 'attempt-end') {
      const place = attempts.findIndex(({ ordinal }) => ordinal === entry.ordinal);
      const attempt = attempts[place];
      if (!attempt) return;
      const { outcome, took, usage, ordinal } = entry;
      const fault = outcome.type === 'failed' ? outcome.fault : undefined;
      faults[place] = fault;
      const { kind, target } = attempt;
      tell(onAttempt, {
        exchange,
        ordinal,
        kind,
        target: targetName(target),
        outcome: outcome.type,
        ...(fault && { fault }),
        took,
        ...(usage && { usage }),
      });
    }
  };
}
