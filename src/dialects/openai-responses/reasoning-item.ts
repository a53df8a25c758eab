import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Extras, ReasoningPart } from '../../exchange/part.ts';
import { others } from '../openai-fields.ts';
import { unwrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { DIALECT, listOf, PRODUCER, textOf, VENDOR } from './wire.ts';

const KNOWN = new Set(['type', 'summary', 'encrypted_content']);

/**
 * A reasoning item as one part. Its text is the summary, or the reasoning itself where the model shows that (open models). Fields beside
 * the text, and a summary that its text alone does not tell, are kept as extras. What we sealed for somebody else comes back as it was.
 */
export function decodeReasoning(item: JsonObject): ReasoningPart {
  const summary = listOf(item.summary);
  const content = listOf(item.content);
  const text = joined(summary.length > 0 ? summary : content);
  const secret = textOf(item.encrypted_content);
  const envelope = unwrap(secret);
  const kept = envelope && isObject(envelope.value) ? envelope.value : undefined;
  if (envelope && kept) {
    return { type: 'reasoning', text: typeof kept.text === 'string' ? kept.text : text, producer: envelope.producer, ...keptSecrets(kept) };
  }
  const fields: JsonObject = { ...others(item, KNOWN) };
  if (fields.status === 'completed') delete fields.status;
  if (content.length === 0) delete fields.content;
  if (JSON.stringify(summary) !== JSON.stringify(summaryOf(text))) fields.summary = summary;
  return {
    type: 'reasoning',
    text,
    ...(secret !== '' && { signature: secret }),
    producer: PRODUCER,
    ...(Object.keys(fields).length > 0 && { extras: { dialect: DIALECT, fields } }),
  };
}

/** The summary that a text alone stands for. */
export function summaryOf(text: string): JsonObject[] {
  return text === '' ? [] : [{ type: 'summary_text', text }];
}

/**
 * Whose reasoning a target can read: its vendor's. Without a vendor it came bare from the client, which sends back what it got from whom
 * it asks now; but where several vendors take turns, only the dialect's own vendor's goes out bare.
 */
export function isReadable(producer: ReasoningPart['producer'], facts: TargetFacts): boolean {
  if (producer.dialect !== DIALECT) return false;
  if (producer.vendor !== undefined) return producer.vendor === facts.vendor;
  return !facts.mixedVendors || facts.vendor === VENDOR;
}

function joined(list: readonly Json[]): string {
  return list.flatMap((entry) => (isObject(entry) && typeof entry.text === 'string' ? [entry.text] : [])).join('\n\n');
}

/** What a reasoning envelope keeps. */
function keptSecrets(kept: JsonObject): Pick<ReasoningPart, 'signature' | 'redacted' | 'extras'> {
  const extras = kept.extras;
  return {
    ...(typeof kept.signature === 'string' && { signature: kept.signature }),
    ...(typeof kept.redacted === 'string' && { redacted: kept.redacted }),
    ...(isObject(extras) && isObject(extras.fields) && { extras: { dialect: extras.dialect as Extras['dialect'], fields: extras.fields } }),
  };
}
