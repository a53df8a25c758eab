import type { Fault } from '../../exchange/fault.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Ask } from '../ports.ts';
import { badRequest } from '../receive.ts';
import { fullBody, withPrevious } from './full-body.ts';
import { eventsOf, findResponse, type KeptResponse, outcomeOf, type ResponseDesk } from './kept-response.ts';
import { followReferences } from './references.ts';
import { outputAsInput } from './response-object.ts';

/** Whether a question may lean on what is kept here. */
export function leansOnThePast({ head }: Ask): boolean {
  return head.previousResponse !== undefined || head.dependsOn !== undefined;
}

/**
 * A question that goes on from a response of ours (`previous_response_id`) or refers to items of some, with what was said put in its place, so
 * that anybody can answer it. Where one native provider has all of that too, it gets the question as it came. A question that leans on
 * what we do not know stays as it is: only who keeps responses can answer it.
 */
export async function goOn(desk: ResponseDesk, ask: Ask): Promise<Result<Ask, Fault>> {
  const { previousResponse } = ask.head;
  const sources: KeptResponse[] = [];
  let { body } = ask;
  if (previousResponse !== undefined) {
    const kept = await findResponse(desk, ask.principal, previousResponse);
    if (!kept) return ok(ask);
    if ((kept.state === 'deferred' || !outcomeOf(kept)) && !eventsOf(kept).some((event) => event.type === 'finish')) {
      return err(badRequest({ field: 'previous_response_id', message: `the response ${previousResponse} is not finished yet` }));
    }
    body = fullBody(body, kept.request, outputAsInput(desk, kept)) ?? body;
    sources.push(kept);
  }
  if (ask.head.dependsOn !== undefined) {
    const followed = await followReferences(desk, ask.principal, body);
    body = followed?.body ?? body;
    sources.push(...(followed?.sources ?? []));
  }
  if (body === ask.body) return ok(ask);
  const head = desk.dialect.inspect(body, ask.path);
  if (!head.ok) return err(badRequest(head.error));
  const original = originalOf(desk, ask, sources);
  const goesOnFrom = head.value.previousResponse === undefined ? previousResponse : undefined;
  return ok({ ...ask, body, head: head.value, ...(original && { original }), ...(goesOnFrom !== undefined && { goesOnFrom }) });
}

/** The native provider that has made all that a question leans on, and was asked to keep it, understands it as it is. */
function originalOf(desk: ResponseDesk, { body, head }: Ask, sources: readonly KeptResponse[]): Ask['original'] {
  const makers = sources.map((kept) => makerOf(desk, kept));
  const [first] = makers;
  if (!first || makers.some((maker) => maker?.provider !== first.provider)) return undefined;
  // A response in the background has a name of ours; its maker knows it by its own.
  return { body: head.previousResponse === undefined ? body : withPrevious(body, first.response), provider: first.provider };
}

/** Who made the whole of a response alone, and what it is called there. */
function makerOf({ dialect }: ResponseDesk, kept: KeptResponse): { provider: string; response: string } | undefined {
  const outcome = outcomeOf(kept);
  if ((outcome && outcome.type !== 'complete') || kept.entries.some(({ entry }) => entry.type === 'seam')) return undefined;
  const makers = new Set(kept.entries.flatMap(({ entry }) => (entry.type === 'bytes' || entry.type === 'events' ? [entry.attempt] : [])));
  const maker = kept.entries.find(({ entry }) => entry.type === 'attempt' && makers.has(entry.ordinal))?.entry;
  if (makers.size !== 1 || maker?.type !== 'attempt' || !maker.native || maker.target.dialect !== dialect.name) return undefined;
  const start = eventsOf(kept).find((event) => event.type === 'start');
  return start && start.id !== '' ? { provider: maker.target.provider, response: start.id } : undefined;
}
