import { fittingRunbooks, isEverythingDown, type RunbookHint, type Trouble } from '../runbooks.ts';
import type { Judgement } from '../verdict.ts';
import { type Cause, productsOf } from './cause.ts';
import type { MessageKind } from './message.ts';
import { oneLine } from './words.ts';

/** Where to read what to do: one line, or none where no runbook fits. What was over before it could be told needs none. */
export function runbookLines(
  hints: readonly RunbookHint[] | undefined,
  kind: MessageKind,
  causes: readonly Cause[],
  judgements: readonly Judgement[],
): string[] {
  if (!hints || kind === 'past' || kind === 'test') return [];
  const troubles = causes.flatMap((cause): Trouble[] => productsOf(cause).map((product) => troubleOf(product, kind, cause)));
  const [best] = fittingRunbooks(hints, troubles, kind !== 'over' && isEverythingDown(judgements));
  return best ? [`What to do: understudy runbook show ${best.name} («${oneLine(best.title)}»)`] : [];
}

/** What only a status page says is not known to be down. */
function troubleOf(product: string, kind: MessageKind, cause: Cause): Trouble {
  if (kind === 'over') return { product, verdict: 'over' };
  if (cause.type === 'incident') return { product, verdict: 'degraded' };
  return { product, verdict: cause.verdict, ...(cause.scope !== undefined && { scope: cause.scope }) };
}
