import type { Hit } from './candidates.ts';

/** Hits of one conversation. */
export interface Group {
  conversation: number;
  score: number;
  /** The best first; without its title. */
  messages: { hit: Hit; score: number }[];
  /** Its title matches. */
  titled: boolean;
}

const DAY = 86_400_000;
/** Days after which being recent counts half. */
const HALF_LIFE = 120;
/** How much of a score age can take: an old answer that fits is still better than a new one that hardly does. */
const AGE_SHARE = 0.4;
/** Words that are in most documents weigh nothing in bm25; hits of them are told apart by age. */
const LEAST = 0.05;

export function ageFactor(at: number, now: number): number {
  const days = Math.max(0, now - at) / DAY;
  return 1 - AGE_SHARE + AGE_SHARE * 2 ** (-days / HALF_LIFE);
}

/** Hits by conversation, the best first. A conversation is as good as its best message, a little better for each further one, and better if its title says it. */
export function groupsOf(hits: readonly Hit[], now: number): Group[] {
  const groups = new Map<number, Group>();
  for (const hit of hits) {
    const group = groups.get(hit.conversation) ?? { conversation: hit.conversation, score: 0, messages: [], titled: false };
    groups.set(hit.conversation, group);
    const score = (LEAST + Math.max(0, hit.weight)) * ageFactor(hit.at, now);
    if (hit.message < 0) group.titled = true;
    else group.messages.push({ hit, score });
    group.score = Math.max(group.score, score);
  }
  for (const group of groups.values()) {
    group.messages.sort(better);
    group.score *= 1 + 0.15 * Math.log2(Math.max(1, group.messages.length)) + (group.titled ? 0.5 : 0);
  }
  return [...groups.values()].toSorted(betterGroup);
}

/** The same order whenever it is asked for. */
function better(one: Group['messages'][number], other: Group['messages'][number]): number {
  return other.score - one.score || other.hit.document - one.hit.document;
}

export function betterGroup(one: Group, other: Group): number {
  return other.score - one.score || newestOf(other) - newestOf(one) || other.conversation - one.conversation;
}

function newestOf({ messages }: Group): number {
  return messages.reduce((newest, { hit }) => Math.max(newest, hit.document), 0);
}

export function byTime(groups: readonly Group[]): Group[] {
  const newest = new Map(groups.map((group) => [group, Math.max(newestOf(group), 0)]));
  return groups.toSorted((one, other) => newest.get(other)! - newest.get(one)! || other.conversation - one.conversation);
}

/** How much better it is that the terms are near each other: as good as a phrase, nearly, at ten characters apart. */
export function nearness(span: number | undefined, terms: number, found: number): number {
  if (terms < 2) return 1;
  const complete = 0.5 + 0.5 * (found / terms);
  if (span === undefined) return complete;
  return complete * (1 + 40 / (40 + span));
}
