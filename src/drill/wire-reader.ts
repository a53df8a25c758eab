import type { DialectName } from '../exchange/dialect-name.ts';
import { parseObject } from '../exchange/json.ts';
import { anthropicEvent, anthropicWhole } from './read-anthropic.ts';
import { chatEvent, chatWhole } from './read-chat.ts';
import { geminiEvent, geminiWhole } from './read-gemini.ts';
import { responsesEvent, responsesWhole } from './read-responses.ts';
import { type Reading, readError } from './reading.ts';

export type { Reading } from './reading.ts';

/** What a client may speak: every dialect. */
export type ClientDialect = DialectName;

export interface WireReader {
  reading: Reading;
  push(text: string): void;
}

const EVENTS: Record<ClientDialect, (reading: Reading) => (data: string) => void> = {
  'anthropic-messages': anthropicEvent,
  'openai-chat': chatEvent,
  'openai-responses': responsesEvent,
  gemini: geminiEvent,
};

const WHOLE: Record<ClientDialect, typeof anthropicWhole> = {
  'anthropic-messages': anthropicWhole,
  'openai-chat': chatWhole,
  'openai-responses': responsesWhole,
  gemini: geminiWhole,
};

/** Reads a stream of server-sent events. */
export function wireReader(dialect: ClientDialect): WireReader {
  const reading: Reading = { text: '', calls: [], finished: false, seams: 0 };
  const take = EVENTS[dialect](reading);
  let rest = '';
  let data: string[] = [];

  function line(text: string): void {
    if (text === '') {
      if (data.length > 0) take(data.join('\n'));
      data = [];
    } else if (text.startsWith(':')) {
      if (/^: *understudy seam\b/.test(text)) reading.seams++;
    } else if (text.startsWith('data:')) {
      data.push(text.slice(text[5] === ' ' ? 6 : 5));
    }
  }

  return {
    reading,
    push(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      for (const each of lines) line(each);
    },
  };
}

/** A body that is not a stream: an answer or an error. */
export function readWhole(dialect: ClientDialect, status: number, body: string): Reading {
  const reading: Reading = { text: '', calls: [], finished: false, seams: 0 };
  const object = parseObject(body);
  if (!object) return { ...reading, garbled: `status ${status} with a body that is no JSON object` };
  if (readError(object, reading)) return reading;
  if (status !== 200) return { ...reading, garbled: `status ${status} without an error in the body` };
  WHOLE[dialect](object, reading);
  return reading;
}
