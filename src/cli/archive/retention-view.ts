import type { Announced } from '../../archive/retention/announced.ts';
import { exchangesToForget } from '../../archive/retention/exchanges.ts';
import { keptIds } from '../../archive/retention/kept.ts';
import type { RuleOutlook } from '../../archive/retention/outlook.ts';
import { removals, type Removal } from '../../archive/retention/removals.ts';
import type { Archive } from '../../archive/store/open.ts';
import { findConversation } from '../../archive/store/read.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { bytesText } from '../../journal/bytes-text.ts';

/** Sessions that are listed for each rule; a program gets them all by --json. */
const SHOWN = 20;

/** What each rule removes, and when; then what else there is to know. */
export function outlookLines(
  archive: Archive,
  outlooks: readonly RuleOutlook[],
  announced: readonly Announced[],
  now: number,
  { width, paint }: Pick<Terminal, 'width' | 'paint'>,
): string[] {
  const say = (text: string): string[] => wrapped(text, width, '  ');
  if (outlooks.length === 0) {
    return say('There are no rules: nothing is ever removed by itself. They are written in understudy.yaml, as archive.retention.');
  }
  const rules = outlooks.flatMap((outlook, index) => {
    const mine = announced.filter(({ rule }) => rule === outlook.rule.text).toSorted((one, other) => one.goesAt - other.goesAt);
    return [
      ...wrapped(paint.bold(`${index + 1}. ${outlook.rule.text}`), width, '   '),
      ...wrapped(`   ${summaryOf(outlook, mine, now)}`, width, '   '),
      ...mine.slice(0, SHOWN).flatMap((each) => lineOf(archive, each, now, width)),
      ...(mine.length > SHOWN ? [`   … and ${mine.length - SHOWN} more`] : []),
      '',
    ];
  });
  const kept = keptIds(archive).size;
  const gone = removals(archive, 1)[0];
  const left = exchangesToForget(archive).length;
  return [
    ...rules,
    ...(left > 0
      ? say(
          `${counted(left, 'exchange')} of what was removed ${left === 1 ? 'is' : 'are'} still in the record, which the server has to itself: stop it, and run understudy archive retention --now.`,
        )
      : []),
    ...(kept > 0 ? say(`${counted(kept, 'conversation')} kept whatever rules say: understudy conversations kept`) : []),
    ...(gone ? say(`Last removed on ${dayOf(gone.at)}; all of it: understudy archive retention --removed`) : []),
    ...(announced.length > 0
      ? say('To keep one: understudy conversations keep ID. Without waiting: understudy archive retention --now')
      : []),
  ];
}

function summaryOf({ rule, exempt, bytes }: RuleOutlook, mine: readonly Announced[], now: number): string {
  const size = bytes === undefined || rule.max === undefined ? '' : `${bytesText(bytes)} of ${bytesText(rule.max)}. `;
  const kept = exempt > 0 ? ` ${exempt} that it would reach ${exempt === 1 ? 'is' : 'are'} kept.` : '';
  if (mine.length === 0) return `${size}Nothing goes in the next seven days.${kept}`;
  const ripe = mine.filter(({ goesAt }) => goesAt <= now).length;
  const first = mine.find(({ goesAt }) => goesAt > now);
  const parts = [
    ...(ripe > 0 ? [`${counted(ripe, 'session')} now`] : []),
    ...(first ? [`${counted(mine.length - ripe, 'session')} from ${dayOf(first.goesAt)} on`] : []),
  ];
  return `${size}Removes ${parts.join(', ')}.${kept}`;
}

function lineOf(archive: Archive, { family, goesAt }: Announced, now: number, width: number): string[] {
  const title = findConversation(archive, family.id)?.title ?? '';
  const when = goesAt <= now ? 'now       ' : dayOf(goesAt);
  const changed = family.changedAt === undefined ? '' : `, ${dayOf(family.changedAt)}`;
  const line = `   ${when}  ${family.id}  ${family.source}${changed}: ${JSON.stringify(title).slice(1, -1)}`;
  return [line.length > width ? `${line.slice(0, width - 1)}…` : line];
}

/** What was removed by rules, the newest first. */
export function removalLines(gone: readonly Removal[], width: number): string[] {
  if (gone.length === 0) return ['No rule has removed anything.'];
  const byRule = new Map<string, Removal[]>();
  for (const each of gone) {
    const name = `${dayOf(each.at)}  ${each.rule}`;
    const others = byRule.get(name);
    if (others) others.push(each);
    else byRule.set(name, [each]);
  }
  return [...byRule].flatMap(([name, each]) => [
    ...wrapped(`${name}: ${counted(each.length, 'conversation')}`, width, '  '),
    ...each.map(
      ({ id, source, messages, changedAt }) =>
        `  ${id}  ${source}, ${counted(messages, 'message')}${changedAt === undefined ? '' : `, last changed ${dayOf(changedAt)}`}`,
    ),
  ]);
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
