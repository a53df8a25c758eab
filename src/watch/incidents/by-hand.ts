import { err, ok, type Result } from '../../exchange/result.ts';
import type { Incident } from '../incident.ts';
import type { Phase } from '../page-reading.ts';
import { parseProductKey, type ProductKey, productKeyText } from '../product.ts';
import { productNamed } from '../registry/known.ts';
import type { HandNote } from './incidents.ts';
import { phaseByWindow } from './told.ts';

/** As an operator writes it: products as people call them, and no phase where the usual one is meant. */
export interface HandNoteAsked extends Omit<HandNote, 'phase'> {
  phase?: Phase;
}

export interface HandUpdateAsked extends Pick<HandNote, 'text' | 'severity' | 'by'> {
  id: string;
  /** Absent: as it is. */
  phase?: Phase;
}

/** `bad`: a sentence's end, after `That is no incident:`. */
export type HandProblem = { problem: 'unknown-product'; unknown: string; near: string[] } | { problem: 'bad'; why: string };

const PHASES: Record<Incident['kind'], readonly Phase[]> = {
  incident: ['investigating', 'identified', 'monitoring', 'resolved'],
  maintenance: ['scheduled', 'in-progress', 'verifying', 'resolved'],
};

/** What was written, as it is kept. `products`: keys that are watched here, which need not be known elsewhere. `now`: UTC ms. */
export function handNote(asked: HandNoteAsked, products: readonly string[], now: number): Result<HandNote, HandProblem> {
  const keys: ProductKey[] = [];
  for (const text of asked.products) {
    const key = keyOf(text, products);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  const { kind, startedAt, endedAt } = asked;
  const models = new Set([...(asked.models ?? []), ...keys.flatMap(({ model }) => model ?? [])]);
  const usual =
    kind === 'incident'
      ? 'investigating'
      : phaseByWindow({ phase: 'scheduled', startedAt: startedAt ?? now, ...(endedAt !== undefined && { endedAt }) }, now);
  const phase = asked.phase ?? usual;
  const why = phaseProblem(kind, phase) ?? timeProblem(kind, phase, asked, now);
  if (why !== undefined) return err({ problem: 'bad', why });
  return ok({
    ...asked,
    products: [...new Set(keys.map(({ provider, product }) => productKeyText({ provider, product })))],
    models: [...models],
    phase,
  });
}

/** `undefined`: it is one that this kind goes through. */
export function phaseProblem(kind: Incident['kind'], phase: Phase): string | undefined {
  if (PHASES[kind].includes(phase)) return undefined;
  const what = kind === 'incident' ? 'an incident' : 'planned work';
  return `${what} is ${PHASES[kind].slice(0, -1).join(', ')} or ${PHASES[kind].at(-1)}, not ${phase}`;
}

function timeProblem(kind: Incident['kind'], phase: Phase, { startedAt, endedAt }: HandNoteAsked, now: number): string | undefined {
  if (kind === 'maintenance') {
    if (startedAt === undefined || endedAt === undefined) return 'planned work needs its beginning and its end';
    return startedAt < endedAt ? undefined : 'its end is not after its beginning';
  }
  if (startedAt !== undefined && startedAt > now) return 'it begins in the future; planned work has an end as well';
  if (endedAt === undefined) return undefined;
  if (phase !== 'resolved') return 'it has an end and is not resolved';
  if (endedAt > now) return 'it is resolved and ends in the future';
  return (startedAt ?? now) <= endedAt ? undefined : 'its end is before its beginning';
}

function keyOf(text: string, products: readonly string[]): Result<ProductKey, HandProblem> {
  const key = parseProductKey(text);
  const named = productNamed(text);
  if (named.ok) {
    const { provider, product } = named.value;
    return ok({ provider, product, ...(key?.model !== undefined && { model: key.model }) });
  }
  if (key && products.includes(productKeyText({ provider: key.provider, product: key.product }))) return ok(key);
  return err({ problem: 'unknown-product', unknown: text, near: named.error });
}
