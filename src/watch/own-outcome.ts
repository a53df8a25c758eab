import { faultText } from '../exchange/fault-text.ts';
import type { Signal } from '../telemetry/signal.ts';
import type { AttemptOutcome } from './detect/own-record.ts';

/** Ours, not the provider's: a continuation that did not fit, a target that was passed over, a client that left (health/create-health.ts has the same). */
const OWN_DOING = new Set(['diverged', 'skipped', 'client-gone']);

/** No connection came about, as it would not without a network. Who refuses one is there. */
const UNREACHED = new Set(['dns', 'connect-timeout']);

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
      return { type: 'account', label: `your account’s rate limit is reached (${label})` };
    case 'model-not-found':
      return { type: 'account', label: `the model is not offered to your account (${label})` };
    default:
      return { type: 'client' };
  }
}
