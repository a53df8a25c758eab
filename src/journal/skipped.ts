import type { PassedOver } from './entry.ts';
import type { LoggedEntry } from './journal.ts';

/** Everybody who was passed over in an exchange, in order; nothing where nobody was. */
export function skippedIn(entries: readonly LoggedEntry[]): { skipped?: PassedOver[] } {
  const skipped = entries.flatMap(({ entry }) => (entry.type === 'attempt' || entry.type === 'end' ? (entry.skipped ?? []) : []));
  return skipped.length > 0 ? { skipped } : {};
}
