import type { Contender } from './contenders.ts';
import { type Measured, measure, together } from './measure.ts';
import { requests, type Traffic } from './traffic.ts';
import { type Half, seeded, trueIncidents } from './truth.ts';

/** The file has incidents of these in both halves. */
export const PROVIDERS = ['anthropic', 'openai'] as const;

/** Tuned on these and reported on those: by time, so that nothing of what is reported was seen. */
export const TUNED: readonly Half[] = [
  { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 6, 1) },
  { from: Date.UTC(2026, 4, 1), to: Date.UTC(2026, 4, 16) },
];
export const REPORTED: readonly Half[] = [
  { from: Date.UTC(2024, 6, 1), to: Date.UTC(2025, 0, 1) },
  { from: Date.UTC(2026, 4, 16), to: Date.UTC(2026, 5, 1) },
];

export interface Trial {
  file: string;
  halves: readonly Half[];
  traffic: Traffic;
  seed: number;
}

/** All providers' incidents met by each contender: the same requests, lags and luck for all. */
export function simulate(
  contenders: readonly Contender[],
  { file, halves, traffic, seed }: Trial,
): Map<string, { alerts: Measured; badges: Measured }> {
  const parts = contenders.map((contender) => ({ contender, alerts: [] as Measured[], badges: [] as Measured[] }));
  for (const [place, provider] of PROVIDERS.entries()) {
    for (const half of halves) {
      const incidents = trueIncidents(file, provider, half, seeded(seed + place));
      const asked = requests(half, incidents, traffic, seeded(seed * 31 + place));
      for (const { contender, alerts, badges } of parts) {
        const said = contender.run({ half, incidents, asked, failing: traffic.failing, random: seeded(seed * 97 + place) });
        alerts.push(measure(said, 'alerts', half, incidents));
        badges.push(measure(said, 'badges', half, incidents));
      }
    }
  }
  return new Map(parts.map(({ contender, alerts, badges }) => [contender.name, { alerts: together(alerts), badges: together(badges) }]));
}
