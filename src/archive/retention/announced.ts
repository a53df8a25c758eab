import type { Archive } from '../store/open.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Family } from './families.ts';
import { GRACE, type RuleOutlook } from './outlook.ts';
import { inPieces } from './pieces.ts';
import type { RetentionRule } from './rule.ts';

/** Something that a rule removes, and when. */
export interface Announced {
  rule: string;
  family: Family;
  /** UTC milliseconds: not before. */
  goesAt: number;
}

/**
 * Notes what rules have newly reached, and forgets what they don't reach any more: the rule is another one, the conversation has gone on, somebody keeps
 * it. So nothing is removed that has not been announced for the grace, whatever is changed: a rule, an import of what is old, the clock. Yields between
 * pieces; what was cut off in between is done the next time.
 */
export function* announcing({ database }: Archive, outlooks: readonly RuleOutlook[], now: number): Generator<void, Announced[]> {
  const before = new Map<string, number>();
  const named = (rule: string, id: string): string => `${rule}\n${id}`;
  for (const { rule, id, since } of database.prepare('SELECT rule, id, since FROM retention_due').all())
    before.set(named(String(rule), String(id)), Number(since));
  const add = database.prepare('INSERT OR REPLACE INTO retention_due (rule, id, since) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM retention_due WHERE rule = ? AND id = ?');
  const announced: Announced[] = [];
  const reached = outlooks.flatMap((outlook) => outlook.reached.map((each) => ({ rule: outlook.rule, ...each })));
  yield* inPieces(reached, (piece) =>
    inTransaction(database, () => {
      for (const { rule, family, at } of piece) {
        const name = named(rule.text, family.id);
        const noted = before.get(name);
        before.delete(name);
        // What was noted in the future was noted by a clock that was wrong.
        const since = noted !== undefined && noted <= now ? noted : now;
        if (since !== noted) add.run(rule.text, family.id, Math.round(since));
        announced.push({ rule: rule.text, family, goesAt: since === 0 ? at : Math.max(at, since + GRACE) });
      }
    }),
  );
  yield* inPieces([...before.keys()], (piece) =>
    inTransaction(database, () => {
      for (const name of piece) {
        const [rule = '', id = ''] = name.split('\n');
        remove.run(rule, id);
      }
    }),
  );
  return announced;
}

/** Ends the wait of what rules have reached already: it goes at the next look. */
export function waitNoLonger({ database }: Archive, announced: readonly Announced[]): void {
  inTransaction(database, () => {
    const end = database.prepare('UPDATE retention_due SET since = 0 WHERE rule = ? AND id = ?');
    for (const { rule, family } of announced) end.run(rule, family.id);
  });
}

/** Name in the table `marks`: the rules that a running server follows. */
const FOLLOWED = 'retention/rules';

export function noteFollowed({ database }: Archive, rules: readonly RetentionRule[]): void {
  database
    .prepare('INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
    .run(FOLLOWED, JSON.stringify(rules.map(({ text }) => text)));
}

/** Whether these are the rules that a server, while it runs, follows: it reads them at its start. */
export function isFollowed({ database }: Archive, rules: readonly RetentionRule[]): boolean {
  const value = database.prepare('SELECT value FROM marks WHERE name = ?').get(FOLLOWED)?.['value'];
  return value === JSON.stringify(rules.map(({ text }) => text));
}

/** Whether somebody wants something gone now. */
export function isUrgent({ database }: Archive): boolean {
  return database.prepare('SELECT 1 FROM retention_due WHERE since = 0 LIMIT 1').get() !== undefined;
}
