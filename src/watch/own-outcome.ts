import { faultText } from '../exchange/fault-text.ts';
import type { FaultSignal, Signal } from '../telemetry/signal.ts';
import type { AttemptOutcome } from './detect/own-record.ts';

/** Ours, not the provider's: a continuation that did not fit, a target that was passed over, a client that left (health/create-health.ts has the same). */
const OWN_DOING = new Set(['diverged', 'skipped', 'client-gone']);

/** No connection came about, as it would not without a network. Who refuses one is there. */
const UNREACHED = new Set(['dns', 'connect-timeout']);

/** Milliseconds: requests and tokens are counted by the minute where nothing else is said (health/marks.ts). */
const LIMIT_WINDOW = 60_000;
/** A longer wait is asked about again after this, as health does. */
const LONGEST_LIMIT = 3_600_000;
/** Clocks differ, and the first requests after a limit may meet it again. */
const LITTLE_MORE = 15_000;

/** What an attempt that has ended says of the service that was asked. */
export function outcomeOf({ outcome, fault }: Extract<Signal, { type: 'attempt-ended' }>): AttemptOutcome {
  if (outcome === 'whole') return { type: 'ok' };
  if (outcome !== 'failed' || !fault || OWN_DOING.has(fault.symptom)) return { type: 'client' };
  const label =
    fault.symptom === 'status' && fault.status !== undefined
      ? [fault.status, fault.code].filter(Boolean).join(' ')
      : `it ${faultText(fault)}`;
  switch (fault.class) {
    case 'provider-fault':
      return { type: 'provider', label, ...(UNREACHED.has(fault.symptom) && { unreached: true }) };
    case 'local-network':
      return { type: 'local' };
    case 'quota':
      return { type: 'account', label: `your account’s quota is used up (${label})` };
    case 'auth':
      return { type: 'account', label: `your key or login is refused (${label})` };
    case 'rate-limited':
      return { type: 'account', label: `your account’s rate limit is reached (${label})`, lasts: limitLasts(fault) };
    case 'model-not-found':
      return { type: 'account', label: `the model is not offered to your account (${label})` };
    default:
      return { type: 'client' };
  }
}

function limitLasts({ retryAfter = LIMIT_WINDOW }: FaultSignal): number {
  return Math.min(retryAfter, LONGEST_LIMIT) + LITTLE_MORE;
}
