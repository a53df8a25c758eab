import type { Fault } from '../../exchange/fault.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Ask } from '../ports.ts';
import { badRequest } from '../receive.ts';
import { fullBody, withPrevious } from './full-body.ts';
import { eventsOf, findResponse, type KeptResponse, outcomeOf, type ResponseDesk } from './kept-response.ts';
import { outputAsInput } from './response-object.ts';

/**
 * A question that goes on from a response of ours (`previous_response_id`), with the history put in its place, so that anybody can answer
 * it. Where one native provider has that history too, it gets the question as it came. One that goes on from what we do not know
 * stays as it is: only a provider that keeps responses can answer it.
 */
export async function goOn(desk: ResponseDesk, ask: Ask): Promise<Result<Ask, Fault>> {
  const { previousResponse } = ask.head;
  if (previousResponse === undefined) return ok(ask);
  const kept = await findResponse(desk, ask.principal, previousResponse);
  if (!kept) return ok(ask);
  if (!outcomeOf(kept) && !eventsOf(kept).some((event) => event.type === 'finish')) {
    return err(badRequest({ field: 'previous_response_id', message: `the response ${previousResponse} is not finished yet` }));
  }
  const body = fullBody(ask.body, kept.request, outputAsInput(desk, kept));
  if (!body) return ok(ask);
  const head = desk.dialect.inspect(body, ask.path);
  if (!head.ok) return err(badRequest(head.error));
  const original = originalOf(desk, ask.body, kept);
  return ok({ ...ask, body, head: head.value, ...(original && { original }) });
}

/** The native provider that made the whole of a response by itself, and was asked to keep it, has the history too. */
function originalOf({ dialect }: ResponseDesk, body: Buffer, kept: KeptResponse): Ask['original'] {
  if (outcomeOf(kept)?.type === 'failed' || kept.entries.some(({ entry }) => entry.type === 'seam')) return undefined;
  const makers = new Set(kept.entries.flatMap(({ entry }) => (entry.type === 'bytes' || entry.type === 'events' ? [entry.attempt] : [])));
  const maker = kept.entries.find(({ entry }) => entry.type === 'attempt' && makers.has(entry.ordinal))?.entry;
  if (makers.size !== 1 || maker?.type !== 'attempt' || !maker.native || maker.target.dialect !== dialect.name) return undefined;
  const start = eventsOf(kept).find((event) => event.type === 'start');
  // A response in the background has a name of ours; its maker knows it by its own.
  return start && start.id !== '' ? { body: withPrevious(body, start.id), provider: maker.target.provider } : undefined;
}
