export type Window = 'hour' | 'day' | 'month';

/** A limit of dollars in a window of time, and what counts against it now. */
export interface CapState {
  /** The setting that says it: `failover.backupSpend`, `routes.default.spend`. */
  setting: string;
  /** Whose cost it bounds, as the beginning of a sentence: `Backups`. */
  who: string;
  dollars: number;
  per: Window;
  /** Dollars spent in the window that is running. */
  spent: number;
  /** Dollars that attempts under way are expected to cost. */
  underWay: number;
  /** UTC ms: when the next window begins. */
  resetsAt: number;
}

/** `5/day` as the settings' schema lets it through. */
export function parseCap(cap: string): { dollars: number; per: Window } {
  const [dollars, per] = cap.split('/');
  return { dollars: Number(dollars), per: per === 'hour' || per === 'month' ? per : 'day' };
}

/** UTC ms. */
export function windowEnd(now: number, per: Window): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (per === 'month') return Date.UTC(year, month + 1);
  return per === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month, day, date.getUTCHours() + 1);
}

/** At this share of a cap its user is told: early enough to raise it, late enough to mean something. */
export const NEAR = 0.8;

/** What is to be said of a cap that is nearly used up, or is; nothing before that. */
export function capNotice(cap: CapState): string | undefined {
  // Who may spend nothing has been told so by whoever wrote it.
  if (cap.dollars === 0 || cap.spent < NEAR * cap.dollars) return undefined;
  const { who, spent, dollars, per, setting } = cap;
  const state = `${who} have cost $${spent.toFixed(2)} of the $${plain(dollars)} that they may cost a ${per} (${setting})`;
  return `${state}: what would cost more is not asked for until ${clockTime(cap)}.`;
}

/** Why an attempt that would cost `estimate` dollars is not made. */
export function capRefusal(cap: CapState, estimate: number): string {
  const { who, spent, underWay, dollars, per, setting } = cap;
  if (dollars === 0) return `${inside(who)} may cost nothing (${setting}: 0)`;
  const more = underWay >= 0.005 ? ` and answers under way may cost $${underWay.toFixed(2)}` : '';
  const state = `${inside(who)} have cost $${spent.toFixed(2)} of the $${plain(dollars)} that they may cost a ${per}${more}`;
  return `it would cost about $${estimate.toFixed(2)}, ${state}: raise ${setting} in understudy.yaml, or wait until ${clockTime(cap)}`;
}

function inside(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** `5`, `2.50`. */
export function plain(dollars: number): string {
  return Number.isInteger(dollars) ? String(dollars) : dollars.toFixed(2);
}

/** `00:00 UTC`, of a month's end with its date. */
export function clockTime({ resetsAt, per }: Pick<CapState, 'resetsAt' | 'per'>): string {
  const text = new Date(resetsAt).toISOString();
  return `${per === 'month' ? `${text.slice(0, 10)} ` : ''}${text.slice(11, 16)} UTC`;
}
