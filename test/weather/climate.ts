import { seeded } from '../../src/sim/seeded.ts';

/** A service of the simulated world. `lead` is what clients ask; `second` stands in the same region; `third` is somebody else's. */
export type Host = 'lead' | 'second' | 'third';

export type Kind = 'outage' | 'brown-out' | 'flapping' | 'one model' | 'region' | 'quota wall' | 'slow' | 'backup down' | 'storm';

/** A spell of bad weather. Times are milliseconds from the beginning of the simulation. */
export interface Spell {
  kind: Kind;
  from: number;
  to: number;
  hosts: readonly Host[];
  /** Only requests for this model. */
  model?: string;
  /** Share of requests that fail while it lasts. */
  share: number;
  faults: readonly string[];
  /** Fails for so long, then is well for so long. */
  flap?: { on: number; off: number };
  /** How much slower than usual everything is. */
  slower?: number;
}

const MINUTE = 60_000;

/** What a provider in trouble does, as on 2 June 2026 and in the catalogue of research/faults.md: errors, hangs, and answers that die on the way. */
const TROUBLE = [
  '529',
  '500',
  '502-html',
  'error-event',
  'error-event-internal',
  'hang',
  'hang-after-headers',
  'stall',
  'reset-inside',
  'clean-end',
];
const QUOTA = ['429-quota', '429-retry-after-long'];

/** Sets of spells, one after another with calm between; the same seed gives the same weather. */
export function climate(seed: number, length: number): Spell[] {
  const random = seeded(seed);
  const between = (least: number, most: number): number => least + random() * (most - least);
  const spells: Spell[] = [];
  const order: Kind[] = ['outage', 'brown-out', 'flapping', 'one model', 'region', 'quota wall', 'slow', 'backup down', 'storm'];
  let at = between(5, 15) * MINUTE;
  for (let turn = 0; at < length; turn++) {
    const kind = turn < order.length ? order[turn]! : order[Math.floor(random() * order.length)]!;
    const to = Math.min(length, at + between(...LENGTHS[kind]) * MINUTE);
    spells.push({ kind, from: at, to, ...shapeOf(kind, between) });
    at = to + between(8, 30) * MINUTE;
  }
  return spells;
}

const LENGTHS: Record<Kind, [least: number, most: number]> = {
  outage: [5, 40],
  'brown-out': [10, 45],
  flapping: [5, 15],
  'one model': [10, 25],
  region: [5, 15],
  'quota wall': [10, 30],
  slow: [10, 20],
  'backup down': [10, 30],
  storm: [5, 15],
};

function shapeOf(kind: Kind, between: (least: number, most: number) => number): Omit<Spell, 'kind' | 'from' | 'to'> {
  switch (kind) {
    case 'outage':
      return { hosts: ['lead'], share: 1, faults: TROUBLE };
    case 'brown-out':
      return { hosts: ['lead'], share: between(0.1, 0.6), faults: TROUBLE };
    case 'flapping':
      return { hosts: ['lead'], share: 1, faults: TROUBLE, flap: { on: 20_000, off: 40_000 } };
    case 'one model':
      return { hosts: ['lead'], model: 'large', share: 1, faults: TROUBLE };
    case 'region':
      return { hosts: ['lead', 'second'], share: 1, faults: TROUBLE };
    case 'quota wall':
      return { hosts: ['lead'], share: 1, faults: QUOTA };
    case 'slow':
      return { hosts: ['lead'], share: 0, faults: [], slower: 6 };
    case 'backup down':
      return { hosts: ['second'], share: 1, faults: TROUBLE };
    // Nobody is well, and nobody is down.
    case 'storm':
      return { hosts: ['lead', 'second', 'third'], share: between(0.3, 0.5), faults: TROUBLE };
  }
}

/** What a request meets: a fault, and how much slower than usual it is answered. */
export function weatherAt(
  spells: readonly Spell[],
  at: number,
  host: Host,
  model: string,
  random: () => number,
): { fault?: string; slower: number } {
  let slower = 1;
  for (const spell of spells) {
    if (at < spell.from || at >= spell.to || !spell.hosts.includes(host) || (spell.model ?? model) !== model) continue;
    slower = Math.max(slower, spell.slower ?? 1);
    if (spell.flap && (at - spell.from) % (spell.flap.on + spell.flap.off) >= spell.flap.on) continue;
    if (random() < spell.share) return { fault: spell.faults[Math.floor(random() * spell.faults.length)]!, slower };
  }
  return { slower };
}
