const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Hours from UTC: those of RFC 822, 5.1, and those that feeds of Europe and Asia write in spite of it. */
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  bst: 1,
  cet: 1,
  cest: 2,
  jst: 9,
};
const RFC_822 =
  /^(?:[a-z]{3,9}\.?(?:,\s*|\s+))?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4}|\d\d)[\s,]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(?:([+-])(\d\d):?(\d\d)|([a-z]{1,5}))?\b/i;
const ISO_8601 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** UTC ms of a date as RSS (RFC 822 and what has become of it) or Atom (RFC 3339) writes it. A zone that is missing or not known is UTC (RFC 5322, 4.3). */
export function feedDate(written: string | undefined): number | undefined {
  const text = written?.trim().slice(0, 100) ?? '';
  if (ISO_8601.test(text)) {
    const at = Date.parse(/\d\d:\d\d/.test(text) && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text);
    return Number.isNaN(at) ? undefined : at;
  }
  const match = RFC_822.exec(text);
  if (!match) return undefined;
  const [, day, month, year, hour, minute, second = '0', sign, zoneHours, zoneMinutes, zone] = match;
  const index = MONTHS.indexOf(month!.toLowerCase());
  if (index < 0 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  // Two digits: RFC 2822, 4.3.
  const full = year!.length === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
  const offset = sign
    ? (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes))
    : (ZONES[zone?.toLowerCase() ?? ''] ?? 0) * 60;
  return Date.UTC(full, index, Number(day), Number(hour), Number(minute), Number(second)) - offset * 60_000;
}
