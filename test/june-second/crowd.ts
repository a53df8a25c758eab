import { seeded } from '../../src/sim/seeded.ts';
import type { HubLab } from '../../src/watch/hub/testing/hub-lab.ts';
import type { Symptom } from '../../src/watch/crowd/symptoms.ts';
import type { Installation } from '../../src/watch/hub/testing/installation.ts';
import { BEGIN, END, moment } from './morning.ts';

/** Installations that report to this hub, each in a network of its own. */
export const PEOPLE = 120;

export interface CrowdReport {
  at: number;
  who: number;
  product: string;
  symptom: Symptom;
  failing: boolean;
}

const DURING: readonly { from?: number; until: number; hourly: number; works: number }[] = [
  { until: moment('06:40'), hourly: 60, works: 0.05 },
  { from: moment('06:40'), until: moment('10:42'), hourly: 45, works: 0.05 },
  { from: moment('10:42'), until: moment('11:49'), hourly: 15, works: 0.2 },
  { from: moment('11:49'), until: moment('13:20'), hourly: 6, works: 0.3 },
  { from: moment('13:20'), until: END, hourly: 0.4, works: 0.5 },
];

/** Reports an hour of all of them, and the share that says that it works. Assumed: nobody has published such a thing of that morning. */
function rates(impact: number): { from: number; until: number; hourly: number; works: number }[] {
  return [
    { from: BEGIN, until: impact, hourly: 0.4, works: 0.5 },
    ...(impact < END ? DURING : []).map((rate) => ({ ...rate, from: rate.from ?? impact })),
  ];
}

const SYMPTOMS: readonly Symptom[] = ['errors', 'errors', 'hangs', 'hangs', 'capacity', 'cut'];

export function crowdOf(seed: number, impact: number): CrowdReport[] {
  const random = seeded(seed);
  return rates(impact).flatMap(({ from, until, hourly, works }) => {
    const reports: CrowdReport[] = [];
    for (let at = from; ;) {
      at += (-Math.log(1 - random()) * 3_600_000) / hourly;
      if (at >= until) return reports;
      const isWell = random() < works;
      const symptom = isWell ? 'works' : SYMPTOMS[Math.floor(random() * SYMPTOMS.length)]!;
      const product = random() < 0.6 ? 'anthropic/chat' : 'anthropic/api';
      // Two in three see requests of their own; the others only say so.
      reports.push({ at, who: Math.floor(random() * PEOPLE), product, symptom, failing: !isWell && random() < 0.67 });
    }
  });
}

/** Each person's network. */
export function networkOf(who: number): string {
  return `198.18.${who}.7`;
}

export async function handIn(lab: HubLab, people: readonly Installation[], { who, product, symptom, failing }: CrowdReport): Promise<void> {
  const own = failing ? { attempts: 4, failures: 3 } : { attempts: symptom === 'works' ? 3 : 0, failures: 0 };
  const { status } = await lab.tell(people[who]!, networkOf(who), { product, symptom, own });
  if (status !== 202) throw new Error(`the hub answered ${status}`);
}
