import { BROKEN_IN_FRONT, WEIGHTS } from './limits.ts';
import type { CheckName, Finding, RouteReport, TargetReport, Task } from './report.ts';

type Scored = Pick<TargetReport, 'findings' | 'tasks' | 'carriedOn'>;
type Part = keyof typeof WEIGHTS;

/** Checks without which a backup is none. */
const ACCESS: ReadonlySet<CheckName> = new Set(['address', 'key', 'quota', 'model', 'answering']);

/** Whether it could not be asked at all. */
export function isBroken({ findings }: Pick<TargetReport, 'findings'>): boolean {
  return findings.some(({ check, state }) => ACCESS.has(check) && state === 'bad');
}

/**
 * The readiness of one backup, 0 to 100: each part's share of its weight (limits.ts), of the parts that could be measured. Who can't be asked has 0. What
 * was looked at and is worth a look counts half. `losses` are in points of 100, the greatest first.
 */
export function scoreOf(target: Scored): Pick<TargetReport, 'score' | 'losses'> {
  if (isBroken(target)) {
    const why = target.findings.find(({ check, state }) => ACCESS.has(check) && state === 'bad')!;
    return { score: 0, losses: [{ points: 100, why: why.said }] };
  }
  const shares = sharesOf(target);
  const total = shares.reduce((sum, { part }) => sum + WEIGHTS[part], 0);
  if (total === 0) return { score: 0, losses: [{ points: 100, why: 'Nothing of it could be measured.' }] };
  const losses = shares
    .map(({ part, share, why }) => ({ points: ((1 - share) * WEIGHTS[part] * 100) / total, why }))
    .filter(({ points }) => points >= 0.5)
    .toSorted((one, other) => other.points - one.points);
  const score = shares.reduce((sum, { part, share }) => sum + share * WEIGHTS[part], 0) / total;
  return { score: Math.round(100 * score), losses: losses.map(({ points, why }) => ({ points: Math.round(points), why })) };
}

function sharesOf({ findings, tasks, carriedOn }: Scored): { part: Part; share: number; why: string }[] {
  const asked = tasks.filter(({ result }) => result !== 'not-asked');
  const refused = asked.filter(({ result }) => result === 'refused');
  const worse = asked.filter(({ result }) => result === 'worse');
  const differs = asked.filter(({ result }) => result === 'differs');
  const shares: { part: Part; share: number; why: string }[] = [];
  if (asked.length > 0) {
    const passed = asked.length - refused.length - worse.length - differs.length;
    const counts = [
      refused.length > 0 ? `${refused.length} refused` : '',
      worse.length > 0 ? `${worse.length} worse` : '',
      differs.length > 0 ? `${differs.length} that differ (half)` : '',
    ].filter((each) => each !== '');
    shares.push({
      part: 'tasks',
      share: (passed + differs.length / 2) / asked.length,
      why: `Of ${asked.length} of your prompts: ${counts.join(', ')}.`,
    });
    shares.push({
      part: 'failover',
      share: (asked.length - refused.length) / asked.length,
      why: `${refused.length} of ${asked.length} had no answer when the lead was dead.`,
    });
  }
  if (carriedOn.state !== 'unknown') shares.push({ part: 'carriedOn', share: carriedOn.state === 'good' ? 1 : 0, why: carriedOn.said });
  for (const part of ['context', 'tools', 'speed', 'cost', 'streaming'] as const) {
    const finding = findings.find(({ check }) => check === part);
    if (!finding || finding.state === 'unknown') continue;
    shares.push({ part, share: { good: 1, look: 0.5, bad: 0 }[finding.state], why: finding.said });
  }
  return shares;
}

/** A route is as ready as its best backup, less for each broken one that is asked before it. */
export function routeScore(targets: readonly TargetReport[]): number {
  const best = Math.max(0, ...targets.map(({ score }) => score));
  const place = targets.findIndex(({ score }) => score === best);
  const broken = targets.slice(0, Math.max(0, place)).filter(isBroken).length;
  return Math.max(0, best - Math.min(BROKEN_IN_FRONT.most, broken * BROKEN_IN_FRONT.each));
}

/** Of all routes, by how much they are used. */
export function totalScore(routes: readonly RouteReport[]): number {
  const weights = routes.map(({ usual }) => usual.exchanges + 1);
  const total = weights.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 0 : Math.round(routes.reduce((sum, { score }, index) => sum + score * weights[index]!, 0) / total);
}

/** What it comes to for a route, in a sentence or two. */
export function routeSentence({ targets, dead }: Pick<RouteReport, 'targets' | 'dead'>): string {
  const lead = dead[0] ?? 'the lead';
  if (targets.length === 0) return `There is no backup: if ${lead} is down, nobody answers.`;
  const first = targets.find((target) => !isBroken(target));
  const broken = targets.filter((target) => isBroken(target) && (first === undefined || target.place < first.place));
  const failing = broken.map(({ target, findings }) => `${target} can not be asked (${faultWords(findings)})`).join('; ');
  if (!first) return `No backup would answer if ${lead} were down: ${failing}.`;
  if (wasNotAsked(first)) return `${broken.length > 0 ? `${failing}. Then ` : ''}${first.target} was not asked, so nothing is known of it.`;
  const opening = broken.length > 0 ? `${failing}. Then ${first.target}` : `Your backup ${first.target}`;
  return `${opening} ${taskWords(first.tasks)}${behindWords(first, targets)}`;
}

/** No money or time was left for it. */
function wasNotAsked({ findings }: TargetReport): boolean {
  return findings.some(({ check, state }) => check === 'answering' && state === 'unknown');
}

/** Who stands behind it, where that has answered what it refused. */
function behindWords(first: TargetReport, targets: readonly TargetReport[]): string {
  const refused = first.tasks.filter(({ result }) => result === 'refused').map(({ exchange }) => exchange);
  if (refused.length === 0) return '';
  const behind = targets.find(({ place, tasks }) => {
    const tried = tasks.filter(({ exchange, result }) => refused.includes(exchange) && result !== 'not-asked');
    return place > first.place && tried.length > 0 && tried.every(({ result }) => result !== 'refused');
  });
  return behind ? ` ${behind.target}, behind it, answered what was tried there of these.` : '';
}

function taskWords(tasks: readonly Task[]): string {
  const asked = tasks.filter(({ result }) => result !== 'not-asked');
  if (asked.length === 0) return 'can be asked; none of your own prompts was tried on it.';
  const [refused, worse, differs] = (['refused', 'worse', 'differs'] as const).map((result) =>
    asked.filter((task) => task.result === result),
  );
  const parts: string[] = [];
  if (refused!.length > 0) parts.push(`would refuse ${refused!.length} of your ${asked.length} usual tasks, because ${because(refused!)}`);
  if (worse!.length > 0)
    parts.push(
      `would do ${worse!.length} ${refused!.length > 0 ? 'more' : `of your ${asked.length} usual tasks`} worse: ${because(worse!)}`,
    );
  if (parts.length === 0) {
    const but =
      differs!.length > 0
        ? `; ${differs!.length} of the answers ${differs!.length === 1 ? 'differs' : 'differ'} somewhat: ${because(differs!)}`
        : '';
    return `would do all ${asked.length} of your usual tasks${but}.`;
  }
  return `${parts.join('; it ')}.`;
}

/** `it is too long for it (2), JSON that does not parse (1)`: the commonest first. */
function because(tasks: readonly Task[]): string {
  const counts = new Map<string, number>();
  for (const { why = 'it gave no answer' } of tasks) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([why, count]) => (counts.size > 1 || count < tasks.length ? `${why} (${count})` : why))
    .join(', ');
}

function faultWords(findings: readonly Finding[]): string {
  const bad = findings.find(({ check, state }) => ACCESS.has(check) && state === 'bad');
  return bad
    ? bad.said
        .split('. It said')[0]!
        .replace(/\.$/, '')
        .replace(/^./, (letter) => letter.toLowerCase())
    : 'unknown';
}
