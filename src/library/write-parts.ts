import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { AnswerEvent, Delta, FinishReason, PartHead } from '../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../exchange/json.ts';
import type { Usage } from '../exchange/usage.ts';
import { unbag } from './call-body.ts';
import { type Maker, marked } from './maker.ts';

type Part = LanguageModelV4StreamPart;

/** Writes one answer in parts of the AI SDK: every beginning has its end, every end its beginning, and the finish comes last. */
export interface PartWriter {
  /** `maker`: who said this. */
  write(events: readonly AnswerEvent[], maker: Maker): Part[];
  /** The finish, once it is certain that the answer is whole; what is open is closed before it. */
  end(more: SharedV4ProviderMetadata): Part[];
  /** The end of an answer that could not be finished. */
  fail(error: unknown, more: SharedV4ProviderMetadata): Part[];
}

interface Writing {
  kind: 'text' | 'reasoning' | 'call' | 'theirs';
  id: string;
  name: string;
  custom: boolean;
  json: string;
  /** What its maker has noted in it; goes along with the end. */
  noted: JsonObject;
}

/** `losses`: what could not be said to whoever answers, asked for when the answer begins. */
export function partWriter(losses: () => readonly string[]): PartWriter {
  const open = new Map<number, Writing>();
  const used = new Set<string>();
  let begun = false;
  let usage: Partial<Usage> = {};
  let raw: LanguageModelV4Usage | undefined;
  let finish: Extract<AnswerEvent, { type: 'finish' }> | undefined;
  let finisher: Maker = '';

  function begin(warnings: SharedV4Warning[]): Part[] {
    if (begun) return [];
    begun = true;
    return [{ type: 'stream-start', warnings: [...warnings, ...losses().map((message) => ({ type: 'other' as const, message }))] }];
  }

  function start(event: Extract<AnswerEvent, { type: 'start' }>, maker: Maker): Part[] {
    const warnings = unbag<SharedV4Warning[] | undefined>(event.extras?.fields.warnings) ?? [];
    const { id, model, created } = event;
    const parts = begin(warnings);
    const aside = event.extras?.fields.aside;
    if (isObject(aside)) return [...parts, asMade(unbag(aside), maker)];
    if (id === '' && model === '') return parts;
    return [
      ...parts,
      {
        type: 'response-metadata',
        ...(id !== '' && { id }),
        ...(model !== '' && { modelId: model }),
        ...(created !== undefined && { timestamp: new Date(created * 1000) }),
      },
    ];
  }

  /** The maker's own name for a part, where it is the only one of that name. */
  function nameFor(index: number, head: PartHead, kind: string): string {
    const given = fieldsOf(head).id;
    const name = typeof given === 'string' && !used.has(`${kind} ${given}`) ? given : `understudy-${index}`;
    used.add(`${kind} ${name}`);
    return name;
  }

  function startPart(index: number, head: PartHead, maker: Maker): Part[] {
    const parts = begin([]);
    const writing: Writing = { kind: 'text', id: '', name: '', custom: false, json: '', noted: {} };
    open.set(index, writing);
    switch (head.type) {
      case 'text':
      case 'refusal': {
        writing.id = nameFor(index, head, 'text');
        const given = metadataOf(head);
        return [...parts, { type: 'text-start', id: writing.id, ...(given && metadata(marked(given, maker))) }];
      }
      case 'reasoning':
        writing.kind = 'reasoning';
        writing.id = nameFor(index, head, 'reasoning');
        return [...parts, { type: 'reasoning-start', id: writing.id, ...metadata(marked(metadataOf(head), maker)) }];
      case 'tool-call': {
        writing.kind = 'call';
        writing.id = head.id;
        writing.name = head.name;
        writing.custom = head.kind === 'custom';
        const { title, dynamic } = fieldsOf(head);
        const given = metadataOf(head);
        if (given) writing.noted = { providerMetadata: given };
        return [
          ...parts,
          {
            type: 'tool-input-start',
            id: head.id,
            toolName: head.name,
            ...(writing.custom && { inputEncoding: 'text' as const }),
            ...(typeof title === 'string' && { title }),
            ...(typeof dynamic === 'boolean' && { dynamic }),
            ...(given && metadata(marked(given, maker))),
          },
        ];
      }
      case 'opaque': {
        writing.kind = 'theirs';
        return [...parts, asMade(unbag(head.value), maker)];
      }
    }
  }

  function extend(index: number, delta: Delta, maker: Maker): Part[] {
    const writing = open.get(index);
    if (!writing) return [];
    const { kind, id } = writing;
    switch (delta.type) {
      case 'text':
        return kind === 'text' || kind === 'reasoning' ? [{ type: `${kind}-delta`, id, delta: delta.text }] : [];
      case 'arguments':
        writing.json += delta.json;
        // A wrapped one is told when it is complete.
        return writing.custom ? [] : [{ type: 'tool-input-delta', id, delta: delta.json }];
      case 'signature': {
        const noted = parseObject(delta.signature) ?? {};
        if (isObject(noted.aside)) return [asMade(unbag(noted.aside), maker)];
        writing.noted = { ...writing.noted, ...noted };
        if (kind !== 'text' && kind !== 'reasoning') return [];
        // It may matter without the end, which a cut takes away.
        return isObject(noted.providerMetadata)
          ? [{ type: `${kind}-delta`, id, delta: '', ...metadata(marked(noted.providerMetadata, maker)) }]
          : [];
      }
      case 'opaque':
        // What showed how a call came along: the call itself is told whole.
        return kind === 'call' ? [] : [asMade(unbag(delta.value), maker)];
    }
  }

  function endPart(index: number, maker: Maker): Part[] {
    const writing = open.get(index);
    open.delete(index);
    if (!writing || writing.kind === 'theirs') return [];
    const { kind, id, noted } = writing;
    const given = isObject(noted.providerMetadata) ? metadata(marked(noted.providerMetadata, maker)) : {};
    if (kind === 'text') {
      const citations = noted.citations === undefined ? {} : { citations: unbag<never[]>(noted.citations) };
      return [{ type: 'text-end', id, ...citations, ...given }];
    }
    if (kind === 'reasoning') return [{ type: 'reasoning-end', id, ...given }];
    const parts: Part[] = [];
    let input = writing.json === '' ? '{}' : writing.json;
    if (writing.custom) {
      const text = parseObject(input)?.input ?? '';
      input = JSON.stringify(text);
      parts.push({ type: 'tool-input-delta', id, delta: typeof text === 'string' ? text : input });
    }
    parts.push({ type: 'tool-input-end', id });
    // Cut by the answer's own limit: nobody must run half of a call.
    if (!writing.custom && parseObject(input) === undefined) return parts;
    const dynamic = typeof noted.dynamic === 'boolean' ? { dynamic: noted.dynamic } : {};
    return [...parts, { type: 'tool-call', toolCallId: id, toolName: writing.name, input, ...dynamic, ...given }];
  }

  function closing(): Part[] {
    return [...open.keys()].flatMap((index) => endPart(index, finisher));
  }

  function finishPart(finishReason: LanguageModelV4FinishReason, more: SharedV4ProviderMetadata): Part {
    const given = finish?.extras?.fields.providerMetadata;
    return {
      type: 'finish',
      finishReason,
      usage: usageOf(usage, raw),
      providerMetadata: { ...unbag<SharedV4ProviderMetadata>(given), ...more },
    };
  }

  return {
    write(events, maker) {
      finisher = maker;
      return events.flatMap((event): Part[] => {
        switch (event.type) {
          case 'start':
            return start(event, maker);
          case 'part-start':
            return startPart(event.index, event.part, maker);
          case 'part-delta':
            return extend(event.index, event.delta, maker);
          case 'part-end':
            return endPart(event.index, maker);
          case 'usage':
            usage = { ...usage, ...event.usage };
            // Two attempts' usage is no one's own any more.
            raw = event.raw === undefined ? undefined : unbag<LanguageModelV4Usage>(event.raw);
            return [];
          case 'finish':
            finish = event;
            return [];
        }
      });
    },
    end: (more) => [
      ...begin([]),
      ...closing(),
      finishPart({ unified: finish ? REASONS[finish.reason] : 'other', raw: finish?.raw ?? finish?.reason }, more),
    ],
    fail: (error, more) => [...begin([]), { type: 'error', error }, finishPart({ unified: 'error', raw: undefined }, more)],
  };
}

function fieldsOf(head: PartHead): JsonObject {
  return 'extras' in head && head.extras ? head.extras.fields : {};
}

function metadataOf(head: PartHead): JsonObject | undefined {
  const given = fieldsOf(head).providerMetadata;
  return isObject(given) ? given : undefined;
}

function metadata(providerMetadata: JsonObject): { providerMetadata: SharedV4ProviderMetadata } {
  return { providerMetadata: providerMetadata as SharedV4ProviderMetadata };
}

/** A part that was carried as it came, with the mark of its maker. */
function asMade(part: Part, maker: Maker): Part {
  const given = 'providerMetadata' in part ? (part.providerMetadata as JsonObject | undefined) : undefined;
  return { ...part, ...metadata(marked(given, maker)) } as Part;
}

const REASONS: Record<FinishReason, LanguageModelV4FinishReason['unified']> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool-calls',
  'content-filter': 'content-filter',
  refusal: 'content-filter',
  pause: 'other',
  'context-window': 'length',
  other: 'other',
};

function usageOf(
  { input, output, cacheRead, cacheWrite, reasoning }: Partial<Usage>,
  raw: LanguageModelV4Usage | undefined,
): LanguageModelV4Usage {
  if (raw) return raw;
  const noCache = input === undefined ? undefined : input - (cacheRead ?? 0) - (cacheWrite ?? 0);
  const text = output === undefined || reasoning === undefined ? undefined : output - reasoning;
  return {
    inputTokens: { total: input, noCache, cacheRead, cacheWrite },
    outputTokens: { total: output, text, reasoning },
  };
}
