import { isObject } from '../../exchange/json.ts';
import type { Producer } from '../../exchange/part.ts';
import { MARKER, unwrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { isPlaceholder } from './step-signatures.ts';
import { DIALECT, VENDOR } from './wire.ts';

/** Without a vendor it came from the client itself, which sends back what it got from whom it asks now. */
export function isOwn(producer: Producer, facts: TargetFacts): boolean {
  return producer.dialect === DIALECT && (producer.vendor === undefined || producer.vendor === facts.vendor);
}

/** Beside other vendors' targets, whose reasoning we seal, a bare signature is Google's own. */
export function bareIsForeign(facts: TargetFacts): boolean {
  return facts.mixedVendors === true && facts.vendor !== VENDOR;
}

/** Whether the target made this reasoning, as far as anyone can tell. */
export function canRead(producer: Producer, facts: TargetFacts): boolean {
  return isOwn(producer, facts) && !(producer.vendor === undefined && bareIsForeign(facts));
}

/** What a client sent as a signature, for this target: its own, opened where we had sealed it. `foreign`: it is somebody else's, or damaged. */
export function signatureAt(value: string, facts: TargetFacts): { own: string } | { foreign: string } {
  if (!value.startsWith(MARKER))
    return bareIsForeign(facts) && value !== '' && !isPlaceholder(value) ? { foreign: VENDOR } : { own: value };
  const envelope = unwrap(value);
  if (!envelope) return { foreign: 'its producer' };
  const { producer, value: kept } = envelope;
  const secret = isObject(kept) ? (kept.signature ?? kept.redacted) : undefined;
  const made = producer.dialect === DIALECT && producer.vendor === facts.vendor;
  return made && typeof secret === 'string' ? { own: secret } : { foreign: producer.vendor ?? producer.dialect };
}
