import type { Dialect, RequestHead } from '../../dialects/dialect.ts';
import { usualPath } from '../../dialects/usual-path.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { KeptExchange } from '../../journal/journal.ts';
import type { Priority } from '../../exchange/priority.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { unknownExchange } from '../exchange-events.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';

export type Dialects = Readonly<Record<DialectName, Dialect>>;

/**
 * Asks a deferred request again, now, as an exchange of its own that answers both. While it is under way, it is the one that is named.
 * `alone`, `priority`: as in `Ask`, of who wants it asked.
 */
export async function askAgain(
  ports: Pick<ServerPorts, 'ask' | 'journal'>,
  dialects: Dialects,
  id: string,
  { alone, priority }: { alone: boolean; priority?: Priority },
): Promise<Result<{ exchange: string }, Refusal>> {
  const kept = await ports.journal.recall(id);
  if (!kept) return err(unknownExchange(id));
  const { opening, request } = kept;
  const { again } = opening;
  if (kept.state !== 'deferred' || !request || !again) return err(notWaiting(kept));
  const dialect = dialects[opening.dialect];
  const head = dialect.inspect(request, again.path);
  if (!head.ok) return err(notAskable(`${head.error.field} ${head.error.message}`));
  const asked = ports.ask({
    dialect,
    head: head.value,
    body: request,
    path: again.path,
    headers: again.headers,
    principal: opening.principal,
    ...(alone && { alone }),
    ...(priority !== undefined && { priority }),
    ...(again.route !== undefined && { route: again.route }),
    runs: id,
  });
  if (!asked.ok) return err(notAskable(asked.error.message));
  if (asked.value.log.opening.save) return ok({ exchange: asked.value.log.opening.id });
  asked.value.cancel();
  return err(notAskable('its route keeps nothing now (save: off), so its answer could not be asked for'));
}

/** Gives a deferred request up. */
export async function giveUp(ports: Pick<ServerPorts, 'withdraw' | 'journal'>, id: string): Promise<Result<{ exchange: string }, Refusal>> {
  if (await ports.withdraw(id)) return ok({ exchange: id });
  const kept = await ports.journal.recall(id);
  return err(kept ? notWaiting(kept) : unknownExchange(id));
}

/** The request of a kept exchange, as far as its answer has to know it. `undefined`: nothing of it was kept. */
export function headOf(dialects: Dialects, { opening, request }: KeptExchange): RequestHead | undefined {
  if (!request) return undefined;
  const head = dialects[opening.dialect].inspect(request, opening.again?.path ?? usualPath(opening));
  return head.ok ? head.value : undefined;
}

function notWaiting({ opening: { id }, state }: KeptExchange): Refusal {
  return {
    status: 409,
    code: 'not-waiting',
    message: `The exchange ${id} does not wait to be asked again: it is ${state}.`,
    hint: 'GET /api/exchanges?state=deferred lists those that do.',
  };
}

function notAskable(reason: string): Refusal {
  return {
    status: 409,
    code: 'not-askable',
    message: `It can't be asked again as things are: ${reason.replace(/\.$/, '')}.`,
    hint: 'Change the configuration, or give it up with POST /api/exchanges/{id}/cancel.',
  };
}
