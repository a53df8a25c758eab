import type { DialectName } from '../exchange/dialect-name.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import { isObject, type Json } from '../exchange/json.ts';

/** What of an answer its client can't be told, for the record. */
export interface AnswerLosses {
  observe(events: readonly AnswerEvent[]): void;
  /** `answer: image/png: …`, each kind once. */
  read(): string[];
}

/** Each kind is told once; a model has some ten of them. */
const MOST = 20;
/** Members of an answer's end that say where its words come from (Gemini's; ai.google.dev/api/generate-content, Candidate). */
const SOURCES = ['groundingMetadata', 'citationMetadata', 'urlContextMetadata'];

/** `client`: in whose dialect the answer is written. Only what somebody else's dialect made can be lost. */
export function answerLosses(client: DialectName): AnswerLosses {
  const lost = new Set<string>();

  function lose(what: string): void {
    if (lost.size < MOST) lost.add(`answer: ${what}: the client's dialect has no word for it`);
  }

  return {
    observe(events) {
      for (const event of events) {
        if (event.type === 'part-start') {
          if (event.part.type === 'opaque' && event.part.producer.dialect !== client) lose(nameOf(event.part.value));
        } else if (event.type === 'part-delta') {
          const { delta } = event;
          // A proof that stands alone means nothing to anybody but its maker.
          if (delta.type === 'opaque' && delta.producer.dialect !== client && !(isObject(delta.value) && 'bare' in delta.value))
            lose(nameOf(delta.value));
        } else if (event.type === 'finish' && event.extras && event.extras.dialect !== client) {
          const { candidate, response } = event.extras.fields;
          for (const place of [candidate, response, event.extras.fields])
            if (isObject(place)) for (const name of SOURCES) if (name in place) lose(name);
        }
      }
    },
    read: () => [...lost],
  };
}

/** `image/png`, `web_search_tool_result`, `executableCode`: no content. */
function nameOf(value: Json): string {
  if (!isObject(value)) return 'a part of its own';
  const media = value.inlineData ?? value.fileData;
  if (isObject(media) && typeof media.mimeType === 'string') return media.mimeType.slice(0, 80);
  if (typeof value.type === 'string') return value.type.slice(0, 80);
  const inner = value.part ?? value.annotation;
  if (isObject(inner)) return nameOf(inner);
  return Object.keys(value)[0]?.slice(0, 80) ?? 'a part of its own';
}
