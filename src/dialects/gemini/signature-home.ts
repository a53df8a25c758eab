import type { PartHead } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Extras, Producer } from '../../exchange/part.ts';
import { wrap } from '../envelope.ts';
import { DIALECT, VENDOR } from './wire.ts';

/**
 * Where a `thoughtSignature` stands. Neutrally it is the `signature` of a reasoning part. By default that is the one directly before the
 * part that bore it on the wire (an empty one, where no thought came before). What stood elsewhere says so in `extras.fields.on`:
 * `thought`: on the thought itself; `empty`: on a text part without text, which is a part only on the wire. (At the end of an answer, after
 * words or a call, that one is opaque: see read-answer.ts.)
 */
export type SignatureHome = 'next' | 'thought' | 'empty';

export function signatureHome(extras: Extras | undefined): SignatureHome {
  const on = extras?.dialect === DIALECT ? extras.fields.on : undefined;
  return on === 'thought' || on === 'empty' ? on : 'next';
}

export function homeExtras(home: Exclude<SignatureHome, 'next'>): Extras {
  return { dialect: DIALECT, fields: { on: home } };
}

/** Whether Google could not read it: another dialect's, or known to be another vendor's. */
export function isForeign(producer: Producer): boolean {
  return producer.dialect !== DIALECT || (producer.vendor !== undefined && producer.vendor !== VENDOR);
}

/**
 * What a client is given as `thoughtSignature` for this reasoning: Google's own as it is, everybody else's whole part in an envelope
 * (text included: most clients do not send thoughts back), also where nothing was proved: bare thoughts would be taken for Google's own.
 * `undefined`: there is nothing to keep.
 */
export function signatureFor(head: PartHead & { type: 'reasoning' }, text: string, signature: string | undefined): string | undefined {
  const { producer, redacted } = head;
  if (!isForeign(producer)) return signature ?? redacted;
  if (signature === undefined && redacted === undefined && text === '') return undefined;
  const value: JsonObject = { text };
  if (signature !== undefined) value.signature = signature;
  if (redacted !== undefined) value.redacted = redacted;
  if (head.extras) value.extras = { dialect: head.extras.dialect, fields: head.extras.fields };
  return wrap(producer, value);
}
