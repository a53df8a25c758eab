import type { Evidence } from '../verdict.ts';
import type { CrowdState, States } from './hub-answers.ts';
import type { KeptReport } from './kept-reports.ts';
import { SYMPTOMS } from './symptoms.ts';

/** Evidence, and the product or model that it is about: `anthropic/api`, `anthropic/api/claude-opus-4-6`. */
export interface CrowdEvidence {
  key: string;
  evidence: Evidence;
}

/** Log-odds (status.md 3.5): a crowd alone makes a product degraded at most, never down. */
const WEIGHTS: Record<Exclude<CrowdState, 'none'>, number> = { possible: 1, likely: 2 };
/** Its user was asked: as good as one's own suspicion, and the same the other way. */
const ANSWER_WEIGHT = 2;
/** Milliseconds that an answer says something. */
export const ANSWER_LASTS = 60 * 60_000;

/** What a hub's states say, where they say anything. */
export function crowdEvidence(states: States, hub: string): CrowdEvidence[] {
  return states.states.flatMap(({ key, state, since }) =>
    state === 'none'
      ? []
      : [{ key, evidence: { kind: 'crowd', weight: WEIGHTS[state], at: since, text: crowdText(state), source: hub, url: hub } }],
  );
}

function crowdText(state: 'possible' | 'likely'): string {
  return state === 'likely' ? 'many people from several networks report problems' : 'more people than usual report problems';
}

/** What the user of this machine has said of each product within the last hour; the last word counts. `reports`: newest first. */
export function answerEvidence(reports: readonly KeptReport[], now: number): CrowdEvidence[] {
  const told = new Map<string, CrowdEvidence>();
  for (const { at, product, model, symptom } of reports) {
    const key = model === undefined ? product : `${product}/${model}`;
    if (at <= now - ANSWER_LASTS || told.has(key)) continue;
    const weight = symptom === 'works' ? -ANSWER_WEIGHT : ANSWER_WEIGHT;
    const text = symptom === 'works' ? 'you said that it works for you' : `you reported: ${SYMPTOMS[symptom]}`;
    told.set(key, { key, evidence: { kind: 'answer', weight, at, text, source: 'you' } });
  }
  return [...told.values()];
}
