import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../journal/lock.ts';
import type { Chore } from '../chore.ts';
import type { Archive } from '../store/open.ts';
import { announcing, isUrgent, noteFollowed, type Announced } from './announced.ts';
import { outlookOf } from './outlook.ts';
import { hasRemovedSince } from './removals.ts';
import { removeReached } from './remove.ts';
import type { RetentionRule } from './rule.ts';

/** What people are told. */
export interface RetentionNews {
  /** What is about to go by rules that have removed nothing lately. */
  notices: string[];
  /** What has just gone, or could not. */
  happened?: string;
}

/** Milliseconds between two looks at what rules reach. */
const LOOK = 60 * 60_000;
/** A rule that has removed something within this is known to its user; milliseconds. */
const KNOWN = 30 * 24 * 60 * 60_000;

/** Follows the rules: looks now and then what they reach, announces it, and removes what has been announced long enough, one session at a step. */
export function retentionKeeper(
  archive: Archive,
  rules: readonly RetentionRule[],
  now: () => number,
  say: (news: RetentionNews) => void,
): Chore {
  let looking: Generator<void, Announced[]> | undefined;
  let lookedAt: number | undefined;
  let notices: string[] = [];
  let ripe: Announced[] = [];
  let gone = new Map<string, number>();

  function isTime(): boolean {
    if (lookedAt === undefined) return true;
    if (rules.length === 0) return false;
    // Also where somebody has set the clock back.
    return Math.abs(now() - lookedAt) >= LOOK || isUrgent(archive);
  }

  function look(): void {
    looking ??= reachedBy(archive, rules, now());
    const step = looking.next();
    if (!step.done) return;
    looking = undefined;
    lookedAt = now();
    ripe = step.value.filter(({ goesAt }) => goesAt <= now());
    const told = noticesOf(archive, step.value, now());
    if (JSON.stringify(told) !== JSON.stringify(notices)) say({ notices: told });
    notices = told;
  }

  /** False: transcripts are being copied, and what is to go could be among them. */
  function remove(next: Announced): boolean {
    try {
      const removed = withoutCopying(archive, now(), () => removeReached(archive, next, now()));
      if (removed === 'busy') return false;
      gone.set(next.rule, (gone.get(next.rule) ?? 0) + removed);
    } catch (error) {
      // The archive's own trouble is its owner's.
      if (error instanceof Error && 'errcode' in error) throw error;
      ripe = [];
      say({ notices, happened: `Retention could not remove ${next.family.id}: ${String(error)}. It is tried again within the hour.` });
    }
    ripe.shift();
    return true;
  }

  function tell(): void {
    for (const [rule, count] of gone) {
      if (count === 0) continue;
      say({ notices, happened: `Retention has removed ${counted(count)} by the rule "${rule}": understudy archive retention --removed.` });
      // What was said to be about to go is not any more.
      lookedAt = undefined;
    }
    gone = new Map();
  }

  return {
    step() {
      const [next] = ripe;
      if (next) return remove(next);
      if (gone.size > 0) tell();
      else if (looking || isTime()) look();
      else return false;
      return true;
    },
  };
}

function* reachedBy(archive: Archive, rules: readonly RetentionRule[], now: number): Generator<void, Announced[]> {
  noteFollowed(archive, rules);
  return yield* announcing(archive, yield* outlookOf(archive, rules, now), now);
}

/** While nobody copies transcripts: a pass holds this lock. */
function withoutCopying<Value>(archive: Archive, now: number, work: () => Value): Value | 'busy' {
  const transcripts = join(archive.folder, 'transcripts');
  if (!existsSync(transcripts)) return work();
  const lock = lockFolder(transcripts, { pid: process.pid, started: now });
  if (!lock.ok) return 'busy';
  try {
    return work();
  } finally {
    lock.value.release();
  }
}

/** For each rule whose user may not have seen it work. */
function noticesOf(archive: Archive, announced: readonly Announced[], now: number): string[] {
  const byRule = new Map<string, Announced[]>();
  for (const each of announced) {
    if (each.goesAt <= now) continue;
    const others = byRule.get(each.rule);
    if (others) others.push(each);
    else byRule.set(each.rule, [each]);
  }
  return [...byRule]
    .filter(([rule]) => !hasRemovedSince(archive, rule, now - KNOWN))
    .map(([rule, each]) => {
      const first = each.reduce((soonest, { goesAt }) => Math.min(soonest, goesAt), Infinity);
      const count = each.reduce((sum, { family }) => sum + family.ids.length, 0);
      return `${counted(count)} will be removed from ${dayText(first)} on, by the rule "${rule}" of archive.retention. Which ones: understudy archive retention. To keep one: understudy conversations keep ID.`;
    });
}

function counted(conversations: number): string {
  return `${conversations} conversation${conversations === 1 ? '' : 's'}`;
}

/** As files and logs say it: the day in UTC. */
export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
