import type { DeletionPlan } from '../care/deletion-plan.ts';
import { LET_GO } from '../protect/keep-copy.ts';
import { openLedger } from '../protect/ledger.ts';
import type { Archive } from '../store/open.ts';
import type { ConversationSummary } from '../store/read.ts';

/** Something that a rule has removed; nothing of what it said. */
export interface Removal {
  /** UTC milliseconds. */
  at: number;
  rule: string;
  /** Of the conversation. */
  id: string;
  source: string;
  messages: number;
  /** When it was last changed. */
  changedAt?: number;
}

/** Within a transaction of the caller's. */
export function noteRemovals({ database }: Archive, rule: string, gone: readonly ConversationSummary[], now: number): void {
  const note = database.prepare('INSERT INTO retention_removals (at, rule, id, source, messages, updated_at) VALUES (?, ?, ?, ?, ?, ?)');
  for (const { id, source, messages, updatedAt } of gone) note.run(Math.round(now), rule, id, source, messages, updatedAt ?? null);
}

/** Copies that went with them: their files are copied again once something is written to them. */
export function noteLetGo(archive: Archive, { copies }: DeletionPlan): void {
  const ledger = openLedger(archive);
  for (const { row } of copies) ledger.setMark(LET_GO + row, '1');
}

/** The newest first. */
export function removals({ database }: Archive, limit: number): Removal[] {
  return database
    .prepare('SELECT at, rule, id, source, messages, updated_at FROM retention_removals ORDER BY at DESC, row DESC LIMIT ?')
    .all(limit)
    .map(({ at, rule, id, source, messages, updated_at: changedAt }) => ({
      at: Number(at),
      rule: String(rule),
      id: String(id),
      source: String(source),
      messages: Number(messages),
      ...(typeof changedAt === 'number' && { changedAt }),
    }));
}

export function hasRemovedSince({ database }: Archive, rule: string, since: number): boolean {
  return database.prepare('SELECT 1 FROM retention_removals WHERE rule = ? AND at >= ? LIMIT 1').get(rule, Math.round(since)) !== undefined;
}
