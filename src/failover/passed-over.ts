import type { PassedOver } from '../journal/entry.ts';

/** Who was not asked, and why: told to the record, each reason once. */
export interface PassedOverList {
  /** `target`: as in `accountName`. A later reason takes the place of one that has not been told yet. */
  note(target: string, reason: string): void;
  /** It was asked after all. */
  asked(target: string): void;
  /** What has not been told yet; then it has. */
  take(): PassedOver[];
}

const NOBODY: PassedOver[] = [];
/** Of a route of many targets the first; the rest is like them. */
const MOST_PASSED = 20;

/** `first`: whom the plan has left out. */
export function passedOverList(first: readonly PassedOver[]): PassedOverList {
  const waiting = new Map(first.map(({ target, reason }) => [target, reason]));
  const told = new Map<string, string>();
  return {
    note: (target, reason) => void waiting.set(target, reason),
    asked(target) {
      if (waiting.size > 0) waiting.delete(target);
    },
    take() {
      if (waiting.size === 0) return NOBODY;
      const passed = [...waiting].flatMap(([target, reason]) => (told.get(target) === reason ? [] : [{ target, reason }]));
      for (const { target, reason } of passed) told.set(target, reason);
      waiting.clear();
      return passed.slice(0, MOST_PASSED);
    },
  };
}
