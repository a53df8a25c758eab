import type { PlantedFault } from '../../src/drill/readiness/report.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import { seeded } from '../../src/sim/seeded.ts';
import type { BackupCase } from './house.ts';

export const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies DialectName[];

/** The seven that issue 7 names. */
export const PLANTED = [
  'key-refused',
  'quota-used-up',
  'model-gone',
  'context-too-small',
  'no-tools',
  'wrong-base-url',
  'slow',
] as const satisfies PlantedFault[];
export type Planted = (typeof PLANTED)[number];

/** Those that let nothing else be seen. */
const ACCESS: ReadonlySet<Planted> = new Set(['key-refused', 'quota-used-up', 'model-gone', 'wrong-base-url']);

/** Bodies from here on are too long for a service whose window is too small; the user's long question is some 48 kB. */
const TOO_LONG = 20_000;
/** Beyond the 2 s that are always borne (limits.ts). */
const SLOW = { headers: 1000, firstToken: 1250, perToken: 1, scale: 1 };

/** A backup with some faults; `way` chooses among the ways in which services tell of one. */
export function backupWith(dialect: DialectName, faults: readonly Planted[], way: number): BackupCase {
  const backup: BackupCase = { dialect, sim: {} };
  const rules: FaultRule[] = [];
  for (const fault of faults) {
    switch (fault) {
      case 'key-refused':
        // Google says so with a 400, too.
        if (dialect === 'gemini' && way % 2 === 1) rules.push({ fault: '400-key' });
        else backup.sim.key = 'another-key';
        break;
      case 'quota-used-up':
        rules.push({ fault: dialect === 'anthropic-messages' && way % 2 === 0 ? '400-credit' : way % 2 === 1 ? '402' : '429-quota' });
        break;
      case 'model-gone':
        if (way % 2 === 1) rules.push({ fault: '404-deprecated' });
        else backup.sim.models = ['the-backup-2', 'another'];
        break;
      case 'context-too-small':
        rules.push({ fault: '400-too-long', scope: { minBody: TOO_LONG } });
        break;
      case 'no-tools':
        backup.toolless = way % 2 === 0 ? 'refuses' : 'ignores';
        break;
      case 'wrong-base-url':
        backup.misdirected = way;
        break;
      case 'slow':
        backup.sim.pace = SLOW;
        break;
    }
  }
  if (rules.length > 0) backup.sim.faults = rules;
  return backup;
}

/** What a drill has to name, no more and no less. */
export function expectedOf(faults: readonly Planted[]): PlantedFault[] {
  const access = faults.find((fault) => ACCESS.has(fault));
  return access ? [access] : [...faults].toSorted();
}

/** Combinations for one backup: at most one fault that hides all others, and any of those that don't. */
export function generated(seed: number, count: number): { dialect: DialectName; faults: Planted[]; way: number }[] {
  const random = seeded(seed);
  const pick = <One>(all: readonly One[]): One => all[Math.floor(random() * all.length)]!;
  const fitness = PLANTED.filter((fault) => !ACCESS.has(fault));
  return Array.from({ length: count }, () => {
    const access = random() < 0.25 ? [pick([...ACCESS])] : [];
    return { dialect: pick(DIALECTS), faults: [...access, ...fitness.filter(() => random() < 0.5)], way: Math.floor(random() * 6) };
  });
}
