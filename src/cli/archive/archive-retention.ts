import { confirm, isCancel } from '@clack/prompts';
import { openDeletion } from '../../archive/care/delete.ts';
import { announcing, isFollowed, waitNoLonger, type Announced } from '../../archive/retention/announced.ts';
import { exchangesToForget } from '../../archive/retention/exchanges.ts';
import { outlookOf, type RuleOutlook } from '../../archive/retention/outlook.ts';
import { toItsEnd } from '../../archive/retention/pieces.ts';
import { noteLetGo, noteRemovals, removals } from '../../archive/retention/removals.ts';
import { retentionRules, type RetentionRule } from '../../archive/retention/rule.ts';
import type { Archive } from '../../archive/store/open.ts';
import { inTransaction } from '../../archive/store/transaction.ts';
import { whoHolds } from '../../journal/lock.ts';
import type { Context } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { outlookLines, removalLines } from './retention-view.ts';

/** Removals that are listed. */
const SHOWN = 1000;

interface Look {
  archive: Archive;
  data: string;
  rules: readonly RetentionRule[];
  outlooks: readonly RuleOutlook[];
  announced: readonly Announced[];
}

/** `understudy archive retention`: what rules remove and when, what they have removed; with --now what they reach goes. */
export async function archiveRetention(context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const opened = await openedArchive(context, 'read');
  if (!opened.ok) return opened.error;
  const { archive, data, settings } = opened.value;
  try {
    if (flags.on('removed')) {
      const gone = removals(archive, SHOWN);
      if (flags.on('json')) terminal.out(JSON.stringify(gone, null, 2));
      else for (const line of removalLines(gone, terminal.width)) terminal.out(line);
      return EXIT.done;
    }
    const rules = retentionRules(settings.archive.retention, deps.surroundings.home);
    const now = deps.clock.now();
    const outlooks = toItsEnd(outlookOf(archive, rules, now));
    // From here on it is announced: that it was shown is what the wait is for.
    const look: Look = { archive, data, rules, outlooks, announced: toItsEnd(announcing(archive, outlooks, now)) };
    if (flags.on('json')) terminal.out(JSON.stringify(asJson(look), null, 2));
    else for (const line of outlookLines(archive, outlooks, look.announced, now, terminal)) terminal.out(line);
    const isHeld = whoHolds(data).held;
    if (isHeld && rules.length > 0 && !isFollowed(archive, rules))
      terminal.note('The server that runs has other rules, which it read at its start. Restart it; the seven days begin then.');
    else if (flags.on('now')) return await removeNow(look, isHeld, context);
    return EXIT.done;
  } finally {
    archive.close();
  }
}

function asJson({ outlooks, announced }: Look): unknown {
  const goesAt = new Map(announced.map((each) => [`${each.rule}\n${each.family.id}`, each.goesAt]));
  return outlooks.map(({ rule, reached, exempt, bytes }) => ({
    rule: rule.text,
    kept: exempt,
    ...(bytes !== undefined && { bytes, max: rule.max }),
    goes: reached.map(({ family, at }) => ({
      id: family.id,
      source: family.source,
      conversations: family.ids.length,
      messages: family.messages,
      changedAt: family.changedAt,
      reachedAt: at,
      goesAt: goesAt.get(`${rule.text}\n${family.id}`),
    })),
  }));
}

async function removeNow({ archive, data, outlooks, announced }: Look, isHeld: boolean, context: Context): Promise<number> {
  const { terminal, deps } = context;
  const now = deps.clock.now();
  const reached = new Set(outlooks.flatMap((each) => each.reached.filter(({ at }) => at <= now).map(({ family }) => family.id)));
  const going = announced.filter(({ family }) => reached.has(family.id));
  const ids = going.flatMap(({ family }) => family.ids);
  const left = exchangesToForget(archive).length;
  if (ids.length === 0 && (left === 0 || isHeld)) {
    terminal.note('No rule has reached anything yet; nothing was removed.');
    return EXIT.done;
  }
  const agreed = ids.length === 0 || (await isAgreed(ids.length, context));
  if (agreed !== true) return agreed === false ? EXIT.interrupted : EXIT.usage;
  if (isHeld) {
    waitNoLonger(archive, going);
    terminal.note('The server that runs removes them within a minute. Afterwards: understudy archive retention --removed');
    return EXIT.done;
  }
  try {
    return removeHere(archive, data, going, context);
  } catch (error) {
    terminal.note(
      `Not all of it is gone: ${error instanceof Error ? error.message : String(error)}. Close other understudy commands and do it again.`,
    );
    return EXIT.failed;
  }
}

async function isAgreed(count: number, { flags, terminal }: Context): Promise<boolean | undefined> {
  if (flags.on('yes')) return true;
  if (!terminal.canAsk) {
    terminal.note('Nothing was removed. With --yes it is.');
    return undefined;
  }
  const agreed = await confirm({ message: `Remove ${counted(count, 'conversation')} for good? (y/n)`, initialValue: false });
  if (!isCancel(agreed) && agreed) return true;
  terminal.note('Nothing was removed.');
  return false;
}

/** Nobody else has the folder: it goes from the record too, and from the spare room of the databases. */
function removeHere(archive: Archive, data: string, going: readonly Announced[], { terminal, deps }: Context): number {
  const now = deps.clock.now();
  const ids = going.flatMap(({ family }) => family.ids);
  const deletion = openDeletion(archive, data, () => ids, now);
  if (!deletion.ok) {
    terminal.note(`Another understudy works in ${data}: do it again when that is done.`);
    return EXIT.failed;
  }
  try {
    const { plan, run } = deletion.value;
    const ruleOf = new Map(going.flatMap(({ rule, family }) => family.ids.map((id) => [id, rule] as const)));
    inTransaction(archive.database, () => {
      for (const conversation of plan.conversations) noteRemovals(archive, ruleOf.get(conversation.id) ?? '', [conversation], now);
      noteLetGo(archive, plan);
    });
    const places = run();
    terminal.note(`${counted(plan.conversations.length, 'conversation')} removed.`);
    if (places.length === 0) return EXIT.done;
    terminal.note('It is still in these, which hold other things too:');
    for (const place of places) terminal.out(place);
    return EXIT.done;
  } finally {
    deletion.value.close();
  }
}
