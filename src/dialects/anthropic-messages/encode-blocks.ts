import type { JsonObject } from '../../exchange/json.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Extras, Part, Producer, ReasoningPart, ResultContent, Source, TextPart, ToolResultPart } from '../../exchange/part.ts';
import { wrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { legalise, legalToolName } from '../legal-names.ts';
import { DIALECT, ownFields } from './wire.ts';
import { flatName } from '../plain-tools.ts';

/** Notes what could not be said: where, and why. */
export type Lose = (what: string, why: string, foreignReasoning?: true) => void;

/** Turns parts into content blocks for one target. An empty list: there is nothing to write, and `lose` knows why. */
export interface BlockWriter {
  part(part: Part, at: string): JsonObject[];
  text(part: TextPart, at: string): JsonObject[];
}

export function blockWriter(facts: TargetFacts, lose: Lose): BlockWriter {
  function text(part: TextPart, at: string): JsonObject[] {
    const own = extras(part.extras, at, lose);
    // The API refuses a text block without a visible character.
    if (part.text.trim() !== '') return [{ type: 'text', text: part.text, ...own }];
    if (part.text !== '' || part.extras) lose(at, 'Anthropic refuses text blocks that are blank');
    return [];
  }

  function source(from: Source, at: string): JsonObject | undefined {
    switch (from.type) {
      case 'base64':
        return { type: 'base64', media_type: from.mediaType, data: from.data };
      case 'url':
        return { type: 'url', url: from.url };
      case 'text':
        return { type: 'text', media_type: from.mediaType, data: from.text };
      case 'file':
        if (isOwn(from.producer, facts)) return { type: 'file', file_id: from.id };
        lose(at, 'the file lies with another provider');
        return undefined;
    }
  }

  function omitted(kind: string): JsonObject[] {
    return [{ type: 'text', text: `[${kind} omitted: it could not be shown to this model]` }];
  }

  function image(part: Extract<ResultContent, { type: 'image' }>, at: string): JsonObject[] {
    if (part.detail !== undefined) lose(`${at}.detail`, 'Anthropic has no resolution hint');
    const own = extras(part.extras, at, lose);
    if (facts.images === false) {
      lose(at, `${facts.model} does not take images`);
      return omitted('image');
    }
    if (part.source.type === 'text') {
      lose(at, 'an image can not be text');
      return omitted('image');
    }
    const from = source(part.source, at);
    return from ? [{ type: 'image', source: from, ...own }] : omitted('image');
  }

  function document(part: Extract<ResultContent, { type: 'document' }>, at: string): JsonObject[] {
    const own = extras(part.extras, at, lose);
    if (facts.documents === false) {
      lose(at, `${facts.model} does not take documents`);
      return omitted('document');
    }
    const from = source(plain(part.source), at);
    if (from?.type === 'base64' && from.media_type !== 'application/pdf') {
      lose(at, `Anthropic takes PDF and plain text, not ${String(from.media_type)}`);
      return omitted('document');
    }
    return from
      ? [{ type: 'document', source: from, ...(part.title !== undefined && { title: part.title }), ...own }]
      : omitted('document');
  }

  function reasoning(part: ReasoningPart, at: string): JsonObject[] {
    if (!isOwn(part.producer, facts)) {
      lose(at, `only ${part.producer.vendor ?? part.producer.dialect} can read its own reasoning`, true);
      return [];
    }
    const own = extras(part.extras, at, lose);
    if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted, ...own }];
    if (part.signature !== undefined) return [{ type: 'thinking', thinking: part.text, signature: part.signature, ...own }];
    lose(at, 'reasoning without a signature would be refused');
    return [];
  }

  function result(part: ToolResultPart, at: string): JsonObject[] {
    const content = part.content.flatMap((inner, index) => block(inner, `${at}.content[${index}]`));
    return [
      {
        type: 'tool_result',
        tool_use_id: legalise(part.callId),
        ...(content.length > 0 && { content }),
        ...(part.isError && { is_error: true }),
        ...extras(part.extras, at, lose),
      },
    ];
  }

  function block(part: Part, at: string): JsonObject[] {
    switch (part.type) {
      case 'text':
        return text(part, at);
      case 'reasoning':
        return reasoning(part, at);
      case 'tool-call': {
        const input = part.arguments.trim() === '' ? {} : parseObject(part.arguments);
        if (!input) lose(`${at}.arguments`, 'they are not a JSON object; sent as text under "arguments"');
        return [
          {
            type: 'tool_use',
            id: legalise(part.id),
            name: legalToolName(flatName(part)).name,
            input: input ?? { arguments: part.arguments },
            ...extras(part.extras, at, lose),
          },
        ];
      }
      case 'tool-result':
        return result(part, at);
      case 'image':
        return image(part, at);
      case 'document':
        return document(part, at);
      case 'audio':
        lose(at, 'Anthropic does not take audio');
        return omitted('audio');
      case 'refusal':
        lose(at, 'Anthropic has no refusal part; sent as text');
        return text({ type: 'text', text: part.text }, at);
      case 'opaque':
        if (part.producer.dialect === DIALECT && isOwn(part.producer, facts)) return [part.value as JsonObject];
        lose(at, `only ${part.producer.vendor ?? part.producer.dialect} understands it`);
        return [];
    }
  }

  return { part: block, text };
}

/** A PDF stays a PDF; text that came in base64 is text. */
function plain(from: Source): Source {
  if (from.type !== 'base64' || !from.mediaType.startsWith('text/'))
    return from.type === 'text' ? { ...from, mediaType: 'text/plain' } : from;
  return { type: 'text', mediaType: 'text/plain', text: Buffer.from(from.data, 'base64').toString() };
}

/** Without a vendor it came from the client itself, which sends back what it got from whom it asks now. */
function isOwn(producer: Producer, facts: TargetFacts): boolean {
  return producer.dialect === DIALECT && (producer.vendor === undefined || producer.vendor === facts.vendor);
}

/** Own fields to be written; another dialect's are lost one by one. */
export function extras(given: Extras | undefined, at: string, lose: Lose): JsonObject | undefined {
  if (!given || given.dialect === DIALECT) return ownFields(given);
  for (const field of Object.keys(given.fields)) lose(at === '' ? field : `${at}.${field}`, `only ${given.dialect} has it`);
  return undefined;
}

/** What makes somebody else's reasoning recognisable when a client sends it back: all of it but the text. */
export function reasoningEnvelope(producer: Producer, part: Pick<ReasoningPart, 'signature' | 'redacted' | 'extras'>): string {
  return wrap(producer, {
    ...(part.signature !== undefined && { signature: part.signature }),
    ...(part.redacted !== undefined && { redacted: part.redacted }),
    ...(part.extras && { extras: { dialect: part.extras.dialect, fields: part.extras.fields } }),
  });
}
