import { parseProductKey, type ProductKey } from '../product.ts';
import { type Cause, causeName, modelsOf, productsOf, severityOf, worst } from './cause.ts';
import type { AlertMessage, MessageKind } from './message.ts';

/** What is to be said of an alert. */
export interface Told {
  /** What fails now; of what is over, what failed last. */
  causes: readonly Cause[];
  began: number;
  ended?: number;
  /** Nothing was heard of it any more, rather than that it is well. */
  faded: boolean;
}

export type Said = Pick<AlertMessage, 'title' | 'lines' | 'severity' | 'products' | 'models'> & { url?: string };

/** Lines of incidents beyond these say little. */
const MOST_INCIDENTS = 4;
/** Characters of what a page has said. */
const LONGEST_QUOTE = 300;

export function wordsOf(kind: MessageKind, told: Told, title: (key: ProductKey) => string): Said {
  const { causes, began, ended } = told;
  const products = [...new Set(causes.flatMap(productsOf))];
  const models = [...new Set(causes.flatMap(modelsOf))];
  const subject = subjectOf(causes, title);
  const isOver = kind === 'over' || kind === 'past';
  const url = causes.flatMap((cause) => (cause.type === 'incident' && cause.url !== undefined ? [cause.url] : []))[0];
  return {
    title: headline(kind, subject, told),
    lines: isOver ? [overLine(subject, began, ended, told.faded)] : linesOf(causes),
    severity: worst(causes.map(severityOf)),
    products,
    models: wholeProducts(causes).length > 0 ? [] : models,
    ...(url !== undefined && { url }),
  };
}

interface Subject {
  text: string;
  plural: boolean;
  state: 'down' | 'degraded' | 'maintenance' | 'incident';
}

/** `Claude API and Claude Code`, and how they are. */
function subjectOf(causes: readonly Cause[], title: (key: ProductKey) => string): Subject {
  // A product's own verdict says how it is, whatever one of its models is; that a page names it too says only what it is about.
  const products = causes.flatMap((cause) => (cause.type === 'judged' && modelsOf(cause).length === 0 ? productsOf(cause) : []));
  const judged = causes.filter((cause) => cause.type === 'judged').filter(({ key }) => !isPartOf(key, products));
  const worstOf = (state: 'down' | 'degraded'): boolean => judged.some(({ verdict }) => verdict === state);
  const state = worstOf('down') ? 'down' : worstOf('degraded') ? 'degraded' : causes.every(isMaintenance) ? 'maintenance' : 'incident';
  const ofState = judged.filter(({ verdict }) => verdict === state).map(causeName);
  const keys = ofState.length > 0 ? ofState : causes.flatMap(productsOf);
  const names = [...new Set(keys)].map((key) => nameOf(key, title));
  return { text: listed(names), plural: names.length > 1, state };
}

function isMaintenance(cause: Cause): boolean {
  return cause.type === 'incident' && cause.kind === 'maintenance';
}

function wholeProducts(causes: readonly Cause[]): string[] {
  return causes.flatMap((cause) => (modelsOf(cause).length === 0 ? productsOf(cause) : []));
}

/** A model of a product that fails as a whole. */
function isPartOf(key: string, whole: readonly string[]): boolean {
  return whole.some((product) => key.startsWith(`${product}/`));
}

function headline(kind: MessageKind, { text, plural, state }: Subject, { causes, began, ended }: Told): string {
  const is = plural ? 'are' : 'is';
  const incident = causes.find((cause) => cause.type === 'incident');
  switch (kind) {
    case 'over':
      return state === 'maintenance' ? `Planned work on ${text} has ended` : `${text} ${is} well again`;
    case 'past':
      return state === 'down' || state === 'degraded'
        ? `${text} ${plural ? 'were' : 'was'} ${state} from ${clock(began)} to ${clock(ended ?? began)}`
        : `${text}: «${incident?.title ?? ''}» is over`;
    case 'again':
      return state === 'down' || state === 'degraded' ? `${text} ${is} ${state} again` : `${text}: «${incident?.title ?? ''}» is back`;
    case 'new':
    case 'update':
    case 'test':
      if (state === 'down' || state === 'degraded') return `${text} ${is} ${state}`;
      return `${text}: ${state === 'maintenance' ? 'planned work' : 'incident'} «${incident?.title ?? ''}»`;
  }
}

function linesOf(causes: readonly Cause[]): string[] {
  const whole = wholeProducts(causes);
  const judged = causes.filter((cause) => cause.type === 'judged').filter(({ key }) => !isPartOf(key, whole));
  const incidents = causes.filter((cause) => cause.type === 'incident');
  const more = incidents.length - MOST_INCIDENTS;
  return [
    ...judged.map(({ summary }) => oneLine(summary)),
    ...incidents.slice(0, MOST_INCIDENTS).map(({ title, phase, said, byHand }) => {
      const words = said === undefined ? '' : `: ${shortened(oneLine(said), LONGEST_QUOTE)}`;
      return `${byHand === true ? 'Written by hand' : 'Status page'}, ${phase}: «${oneLine(title)}»${words}`;
    }),
    ...(more > 0 ? [`And ${more} more.`] : []),
  ];
}

function overLine({ text, plural, state }: Subject, began: number, ended: number | undefined, faded: boolean): string {
  const span = ended === undefined ? '' : ` It lasted ${lasted(ended - began)}, from ${clock(began)} to ${clock(ended)}.`;
  if (faded) return `Nothing more was heard of it: how ${text} ${plural ? 'are' : 'is'} now is not known.${span}`;
  return state === 'maintenance' ? `The planned work is over.${span}` : `Nothing speaks against ${text} any more.${span}`;
}

function nameOf(key: string, title: (key: ProductKey) => string): string {
  const parsed = parseProductKey(key);
  return parsed ? title(parsed) : key;
}

function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  return names.length < 2 ? (names[0] ?? 'Something') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `06:05 UTC` on 2 June is `2 Jun 06:05 UTC`: a message may be read days later. */
function clock(at: number): string {
  const [, day, month] = /, (\d+) (\w+)/.exec(new Date(at).toUTCString()) ?? [];
  return `${Number(day)} ${month} ${new Date(at).toISOString().slice(11, 16)} UTC`;
}

function lasted(span: number): string {
  const minutes = Math.max(1, Math.round(span / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** Without line breaks, control characters and what turns the direction of writing. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}

/** At most so many UTF-16 units, none of them half a character. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
