import { escaped } from './escaped.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Verdict } from '../verdict.ts';

/** For a README or a wall: one product in two words. */
export interface Badge {
  label: string;
  verdict: Verdict;
}

const COLOURS: Record<Verdict, string> = { operational: '#1a7f37', degraded: '#9a6700', down: '#b3261e', unknown: '#6e7781' };

/** As https://shields.io/badges/endpoint-badge reads it. */
export function badgeJson({ label, verdict }: Badge): JsonObject {
  return { schemaVersion: 1, label, message: verdict, color: COLOURS[verdict], isError: verdict === 'down', cacheSeconds: 60 };
}

/** Pixels that a character of 11 px takes on the average; widths need not be exact, the text is stretched to fit. */
const CHARACTER = 6.6;
const PADDING = 12;

export function badgeSvg({ label, verdict }: Badge): string {
  const left = Math.round(label.length * CHARACTER + PADDING);
  const right = Math.round(verdict.length * CHARACTER + PADDING);
  const text = (words: string, x: number, width: number): string =>
    `<text x="${x}" y="14" textLength="${width - PADDING}" lengthAdjust="spacingAndGlyphs">${escaped(words)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escaped(label)}: ${verdict}"><title>${escaped(label)}: ${verdict}</title><clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${COLOURS[verdict]}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(label, PADDING / 2, left)}${text(verdict, left + PADDING / 2, right)}</g></svg>`;
}
