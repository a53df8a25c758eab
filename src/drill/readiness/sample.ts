import type { ExchangeSummary } from '../../journal/journal.ts';
import type { Prompt } from './past.ts';
import type { TaskKind } from './report.ts';

/** Of one session (an agent's asks many times the same with a little more). */
const MOST_OF_SESSION = 2;

/** Which exchanges to look at: spread over time and over sizes, few of one session. `random`: 0 to 1. */
export function candidates(past: readonly ExchangeSummary[], most: number, random: () => number): ExchangeSummary[] {
  const sessions = new Map<string, number>();
  const shuffled = past.map((one) => ({ one, at: random() })).toSorted((one, other) => one.at - other.at);
  const chosen: ExchangeSummary[] = [];
  // A prompt of the usual largest size shows best whether a backup's window does.
  const bySize = past.filter(({ usage }) => usage?.input !== undefined).toSorted((one, other) => one.usage!.input! - other.usage!.input!);
  const large = bySize[Math.floor(bySize.length * 0.95)];
  for (const one of [...(large ? [large] : []), ...shuffled.map((each) => each.one)]) {
    if (chosen.length >= most) break;
    if (chosen.includes(one)) continue;
    const session = one.session;
    if (session !== undefined) {
      const count = sessions.get(session) ?? 0;
      if (count >= MOST_OF_SESSION) continue;
      sessions.set(session, count + 1);
    }
    chosen.push(one);
  }
  return chosen;
}

/** Rare kinds first: there are always enough of plain words. */
const ORDER: readonly TaskKind[] = ['long', 'json', 'tools', 'code', 'other language', 'image', 'words'];

/** Some of each kind, by turns; the same question only once. The largest of usual size (`typical` tokens) comes first. */
export function sampleOf(prompts: readonly Prompt[], most: number, typical: number | undefined): Prompt[] {
  const titles = new Set<string>();
  const left = prompts.filter(({ title, kinds }) => {
    const name = `${title} ${kinds.join()}`;
    return titles.has(name) ? false : titles.add(name);
  });
  const chosen: Prompt[] = [];
  const take = (prompt: Prompt | undefined): void => {
    if (!prompt || chosen.length >= most) return;
    chosen.push(prompt);
    left.splice(left.indexOf(prompt), 1);
  };
  if (typical !== undefined)
    take(
      left
        .filter(({ input }) => input <= typical)
        .reduce<Prompt | undefined>((top, each) => (top && top.input >= each.input ? top : each), undefined),
    );
  while (chosen.length < most && left.length > 0) {
    for (const kind of ORDER) take(left.find(({ kinds }) => kinds.includes(kind)));
  }
  return chosen;
}
