import { loadScript } from '../../src/drill/scripts.ts';
import type { ScriptEvent } from '../../src/drill/script.ts';

export const MINUTE = 60_000;

/** UTC ms of a time of day on 2 June 2026: `06:04:59`. */
export function moment(time: string): number {
  return Date.parse(`2026-06-02T${time.length === 5 ? `${time}:00` : time}Z`);
}

/** A day on which one request in a hundred fails. */
export const CALM: readonly ScriptEvent[] = [{ at: 0, until: Infinity, who: ['claude/*'], fault: '500', probability: 0.01 }];

/** `06:05`. */
export function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** What the page posted, and when: facts (shared/data/README.md). */
export const POSTS: readonly { at: number; say: string }[] = [
  { at: moment('06:04:59'), say: 'page: investigating, Opus 4.6' },
  { at: moment('06:39'), say: 'page: identified, multiple models' },
  { at: moment('09:33'), say: 'page: a fix is on its way' },
  { at: moment('10:42'), say: 'page: monitoring' },
  { at: moment('11:49:06'), say: 'page: resolved' },
];
export const FIRST_POST = POSTS[0]!.at;
export const RESOLVED = POSTS.at(-1)!.at;

/** The simulated day: calm before, so that learned limits and silence can be seen, and calm after. */
export const BEGIN = moment('04:30');
export const END = moment('15:00');
/** When the last of the drill's weather is over. */
export const WELL_AGAIN = moment('13:20');

/**
 * The drill's weather (src/drill/scripts/2026-06-02.yaml). `impact`: when requests began to fail, which nobody has published; it moves the beginning of what the
 * drill has begin ten minutes before the first post.
 */
export function weather(impact: number): ScriptEvent[] {
  const script = loadScript('2026-06-02');
  if (!script.ok) throw new Error(script.error.join('\n'));
  const first = Math.min(...script.value.events.map(({ at }) => at));
  return script.value.events.map((event) => (event.at === first ? { ...event, at: impact } : event));
}
