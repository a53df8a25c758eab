import type { Loss } from '../dialects/dialect.ts';
import { isMinor } from '../dialects/minor-losses.ts';
import type { TargetFacts } from '../dialects/target-facts.ts';
import type { Part } from '../exchange/part.ts';
import type { Request } from '../exchange/request.ts';

/** Why a model can't be asked this at all, going by what is known of it; `undefined`: it can, as far as anybody knows. */
export function misfit(request: Request, facts: TargetFacts): string | undefined {
  if (facts.images === false && contains(request, 'image')) return `${facts.model} takes no images`;
  if (facts.documents === false && contains(request, 'document')) return `${facts.model} takes no documents`;
  const choice = request.toolChoice?.type;
  if (facts.tools === false && (choice === 'required' || choice === 'tool')) return `${facts.model} has no tools, and one must be called`;
  return undefined;
}

/** Whether a request has to be understood, and not only passed on, before it is known to fit. */
export function needsLook(facts: TargetFacts): boolean {
  return facts.images === false || facts.documents === false;
}

/** Why a route that wants everything said leaves a target out. */
export function strictRefusal(losses: readonly Loss[]): string | undefined {
  const [first, ...rest] = losses.filter((loss) => !isMinor(loss));
  if (!first) return undefined;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `the route is strict, and this could not be said: ${first.what}: ${first.why}${more}`;
}

/** A document that is plain text can be told to every model. */
function contains(request: Request, type: 'image' | 'document'): boolean {
  const has = (part: Part): boolean =>
    (part.type === type && part.source.type !== 'text') || (part.type === 'tool-result' && part.content.some(has));
  return request.messages.some((message) => message.parts.some(has));
}
