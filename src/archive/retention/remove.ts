import { forgetRows, removeFiles } from '../care/delete.ts';
import { planDeletion } from '../care/deletion-plan.ts';
import type { Archive } from '../store/open.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Announced } from './announced.ts';
import { forgetLater } from './exchanges.ts';
import { keptIds } from './kept.ts';
import { noteLetGo, noteRemovals } from './removals.ts';

/**
 * Removes what a rule has reached from the archive, as `understudy delete` does, and notes it. Its exchanges are noted for whoever next has the record to
 * himself. Returns how many conversations went: none where it has gone on since, or is kept now. Throws what SQLite and node:fs throw; again, it does the rest.
 */
export function removeReached(archive: Archive, { rule, family }: Announced, now: number): number {
  const { database } = archive;
  const plan = planDeletion(archive, family.ids);
  const kept = keptIds(archive);
  const stays = plan.conversations.some(({ id, updatedAt }) => kept.has(id) || (updatedAt ?? Infinity) > (family.changedAt ?? 0));
  if (stays || plan.conversations.length === 0) return 0;
  removeFiles(archive, plan);
  inTransaction(database, () => {
    forgetRows(archive, plan, now);
    noteRemovals(archive, rule, plan.conversations, now);
    noteLetGo(archive, plan);
    forgetLater(archive, plan.exchanges);
    // Should it come back, it is announced anew.
    const announced = database.prepare('DELETE FROM retention_due WHERE id = ?');
    for (const { id } of plan.conversations) announced.run(id);
  });
  return plan.conversations.length;
}
