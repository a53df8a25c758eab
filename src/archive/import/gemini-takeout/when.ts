/** Beginnings of month names in the languages of Takeout pages that have been seen, without accents and dots. */
const MONTHS: readonly (readonly string[])[] = [
  ['jan', 'ene', 'gen', 'sty', 'led', 'tam', 'oca', 'янв', 'січ'],
  ['feb', 'fev', 'fevr', 'lut', 'uno', 'hel', 'sub', 'фев', 'лют'],
  ['mar', 'mae', 'maa', 'brez', 'мар', 'бер', 'mrt'],
  ['apr', 'avr', 'abr', 'kwi', 'dub', 'huh', 'nis', 'апр', 'кві'],
  ['may', 'mai', 'mag', 'maj', 'mei', 'kve', 'tou', 'мая', 'май', 'тра'],
  ['jun', 'juin', 'giu', 'cze', 'kes', 'haz', 'июн', 'чер'],
  ['jul', 'juil', 'lug', 'lip', 'hei', 'tem', 'июл', 'лип'],
  ['aug', 'aou', 'ago', 'sie', 'srp', 'elo', 'agu', 'авг', 'сер'],
  ['sep', 'set', 'wrz', 'zar', 'syy', 'eyl', 'сен', 'вер'],
  ['oct', 'okt', 'ott', 'out', 'paz', 'rij', 'lok', 'eki', 'окт', 'жов'],
  ['nov', 'lis', 'mar.', 'kas', 'ноя'],
  ['dec', 'dez', 'dic', 'gru', 'pro', 'jou', 'ara', 'des', 'дек', 'гру'],
];

/** Hours ahead of UTC of the zones that Google abbreviates in English and German; others come as GMT+2. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  WET: 0,
  Z: 0,
  EDT: -4,
  EST: -5,
  CDT: -5,
  CST: -6,
  MDT: -6,
  MST: -7,
  PDT: -7,
  PST: -8,
  AKDT: -8,
  AKST: -9,
  HST: -10,
  BST: 1,
  IST: 5.5,
  WEST: 1,
  CET: 1,
  MEZ: 1,
  CEST: 2,
  MESZ: 2,
  SELČ: 2,
  SEČ: 1,
  EET: 2,
  OEZ: 2,
  EEST: 3,
  OESZ: 3,
  MSK: 3,
  JST: 9,
  KST: 9,
  SGT: 8,
  HKT: 8,
  AWST: 8,
  ACST: 9.5,
  ACDT: 10.5,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  BRT: -3,
  ART: -3,
  SAST: 2,
  ADT: -3,
  AST: -4,
  NDT: -2.5,
  NST: -3.5,
};

/** Whether a line is a time and nothing else: it separates what was asked from what was answered. */
export function looksLikeWhen(line: string): boolean {
  return line.length <= 64 && /\d{4}/.test(line) && /\d{1,2}[:.h]\d{2}[:.]\d{2}/.test(line) && !/[?!]/.test(line);
}

/** `Jan 2, 2025, 3:04:05 PM EDT`, `5. nov. 2025, 01:34:47 CEST`, `02.01.2025, 15:04:05 MEZ`, `2025/01/02 15:04:05 JST`. UTC milliseconds. */
export function parseWhen(line: string): number | undefined {
  const text = line.normalize('NFKC').replace(/\s+/g, ' ').trim();
  // Dots separate dates, too.
  const clock = /(\d{1,2})[:h](\d{2})[:.](\d{2})/.exec(text) ?? /(?<=\d{4}\D+)(\d{1,2})\.(\d{2})\.(\d{2})/.exec(text);
  if (!clock) return undefined;
  const day = text.slice(0, clock.index);
  const rest = text.slice(clock.index + clock[0].length);
  const date = dateOf(day) ?? dateOf(rest);
  const offset = offsetOf(rest);
  if (!date || offset === undefined) return undefined;
  const isLate = /^\W*(p\.?\s?m\b|nachm|下午|午後|오후)/i.test(rest) || /(下午|午後|오후)\s*$/.test(day);
  const isEarly = /^\W*(a\.?\s?m\b|vorm|上午|午前|오전)/i.test(rest) || /(上午|午前|오전)\s*$/.test(day);
  let hour = Number(clock[1]);
  if (isLate && hour < 12) hour += 12;
  if (isEarly && hour === 12) hour = 0;
  const [minute, second] = [Number(clock[2]), Number(clock[3])];
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  return Date.UTC(date.year, date.month, date.day, hour, minute, second) - offset * 3_600_000;
}

function dateOf(text: string): { year: number; month: number; day: number } | undefined {
  const year = Number(/\d{4}/.exec(text)?.[0]);
  if (Number.isNaN(year)) return undefined;
  const numbers = text
    .match(/\d+/g)!
    .filter((number) => number.length <= 2)
    .map(Number);
  const word = /\p{L}{3,}\.?/u.exec(text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase())?.[0];
  const month = word === undefined ? -1 : MONTHS.findIndex((names) => names.some((name) => word.startsWith(name)));
  if (month >= 0) return dated(year, month, numbers[0]);
  if (numbers.length < 2) return undefined;
  // Year first: then the month. Else the day, as everywhere that writes numbers; not in the USA, which writes names.
  const [first, second] = numbers;
  if (/^\D*\d{4}/.test(text)) return dated(year, first! - 1, second);
  return second! > 12 ? dated(year, first! - 1, second) : dated(year, second! - 1, first);
}

function dated(year: number, month: number, day: number | undefined): { year: number; month: number; day: number } | undefined {
  return day !== undefined && day >= 1 && day <= 31 && month >= 0 && month <= 11 ? { year, month, day } : undefined;
}

/** Hours ahead of UTC. */
function offsetOf(text: string): number | undefined {
  const [, sign, hours, minutes] = /(?:GMT|UTC)?\s*([+\u2212-])\s*(\d{1,2})(?::?(\d{2}))?\s*$/i.exec(text) ?? [];
  if (sign !== undefined) return (sign === '+' ? 1 : -1) * (Number(hours) + Number(minutes ?? 0) / 60);
  const name = /(\p{Lu}{1,5})\s*$/u.exec(text)?.[1];
  if (name === undefined || name === 'AM' || name === 'PM') return undefined;
  return Object.hasOwn(ZONES, name) ? ZONES[name] : undefined;
}
