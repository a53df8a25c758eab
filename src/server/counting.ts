import type { Clock } from '../exchange/clock.ts';
import { countTokens } from '../failover/count-tokens.ts';
import type { Call } from '../providers/call.ts';
import type { Asking } from './asking.ts';
import type { ServerPorts } from './ports.ts';

/** Counts a request's tokens where it would be asked; where it can't be asked, that is the answer. */
export function countingPort(asking: Pick<Asking, 'planOf'>, call: Call, clock: Clock): ServerPorts['countTokens'] {
  return async (ask) => {
    const plan = asking.planOf(ask);
    if (plan.ok) return countTokens(call, clock, { ...ask, plan: plan.value });
    const { status, headers, body } = ask.dialect.encodeError(plan.error, 'count_tokens');
    return { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(JSON.stringify(body)) };
  };
}
