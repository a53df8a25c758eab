import type { Archive } from '../store/open.ts';
import { familiesIn, type Family } from './families.ts';
import { keptIds } from './kept.ts';
import { inPieces } from './pieces.ts';
import type { RetentionRule } from './rule.ts';
import { sizesOf } from './sizes.ts';

const DAY = 24 * 60 * 60_000;
/** A removal is announced so long before; milliseconds. */
export const GRACE = 7 * DAY;
/** What was changed within this stays, whatever a rule says: somebody is at work with it. */
const AT_WORK = DAY;

/** What a rule removes. */
export interface Reached {
  family: Family;
  /** When the rule reaches it: in the past, or within the grace from now; UTC milliseconds. */
  at: number;
}

/** What a rule reaches, and will reach within the grace. */
export interface RuleOutlook {
  rule: RetentionRule;
  /** The oldest first. */
  reached: Reached[];
  /** That it would reach, if nobody had said `keep`. */
  exempt: number;
  /** Of a rule with a size: what all that it is about takes. */
  bytes?: number;
}

/** What rules would do, at `now`. Changes nothing (but for the table of sizes), and yields between pieces of some 10 ms. */
export function* outlookOf(archive: Archive, rules: readonly RetentionRule[], now: number): Generator<void, RuleOutlook[]> {
  const families = (yield* familiesIn(archive)).toSorted((one, other) => timeOf(one) - timeOf(other));
  const sizes = rules.some(({ max }) => max !== undefined) ? yield* sizesOf(archive, families) : new Map<string, number>();
  const kept = keptIds(archive);
  const gone = new Set<string>();
  const outlooks: RuleOutlook[] = [];
  for (const rule of rules) {
    const about: Family[] = [];
    const old: Reached[] = [];
    yield* inPieces(families, (piece) => {
      const mine = piece.filter((family) => isAbout(rule, family) && !gone.has(family.id));
      about.push(...mine);
      old.push(...mine.flatMap((family) => reachedAt(rule, family, now) ?? []));
    });
    const isKept = ({ family }: Reached): boolean => family.ids.some((id) => kept.has(id));
    const free = old.filter((each) => !isKept(each));
    const exempt = old.length - free.length;
    if (rule.max === undefined) outlooks.push({ rule, reached: free, exempt });
    else {
      const bytes = about.reduce((sum, { id }) => sum + (sizes.get(id) ?? 0), 0);
      outlooks.push({ rule, reached: oldestBeyond(free, bytes - rule.max, sizes), exempt: bytes > rule.max ? exempt : 0, bytes });
    }
    // Rules go one after the other: what one removes takes no room for the next.
    for (const { family, at } of outlooks.at(-1)!.reached) if (at <= now) gone.add(family.id);
    yield;
  }
  return outlooks;
}

/** As many of the oldest as free so much. */
function oldestBeyond(reached: readonly Reached[], excess: number, sizes: ReadonlyMap<string, number>): Reached[] {
  let left = excess;
  return reached.filter(({ family }) => {
    if (left <= 0) return false;
    left -= sizes.get(family.id) ?? 0;
    return true;
  });
}

function isAbout({ source, project, status }: RetentionRule, family: Family): boolean {
  if (source !== undefined && family.source !== source) return false;
  if (status !== undefined && family.status !== status) return false;
  if (project === undefined) return true;
  const held = family.project ?? '';
  return held === project || ['/', '\\'].some((slash) => held.startsWith(project + slash));
}

/** Of what does not say how old it is, nothing is known to be too old. */
function reachedAt({ olderThan = 0 }: RetentionRule, family: Family, now: number): Reached[] | undefined {
  const { changedAt } = family;
  if (changedAt === undefined || now - changedAt < AT_WORK) return undefined;
  const at = changedAt + Math.max(olderThan, AT_WORK);
  return at - now > GRACE ? undefined : [{ family, at }];
}

function timeOf({ changedAt }: Family): number {
  return changedAt ?? Infinity;
}
