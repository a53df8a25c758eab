import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject, parseObject } from '../exchange/json.ts';

/**
 * What a client makes of the bytes that it gets. Written against the vendors' documentation and apart from our own codecs on
 * purpose: the judge of a drill must not share their mistakes.
 */
export interface Reading {
  text: string;
  calls: { name: string; arguments: string }[];
  /** The answer said that it is finished, in the way in which its dialect says so. */
  finished: boolean;
  /** A proper error in the client's dialect. */
  error?: string;
  /** Comments that mark where another attempt carried on. */
  seams: number;
  /** Something that no client of this dialect could read. */
  garbled?: string;
}

export interface WireReader {
  reading: Reading;
  push(text: string): void;
}

export type ClientDialect = 'anthropic-messages' | 'openai-chat';

export function wireReader(dialect: ClientDialect): WireReader {
  const reading: Reading = { text: '', calls: [], finished: false, seams: 0 };
  const take = dialect === 'anthropic-messages' ? anthropicEvent(reading) : chatEvent(reading);
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
  if (dialect === 'anthropic-messages') {
    for (const block of objects(object['content'])) {
      if (block['type'] === 'text') reading.text += string(block['text']);
      if (block['type'] === 'tool_use') reading.calls.push({ name: string(block['name']), arguments: JSON.stringify(block['input']) });
    }
    reading.finished = typeof object['stop_reason'] === 'string';
  } else {
    const choice = objects(object['choices'])[0];
    const message = isObject(choice?.['message']) ? choice['message'] : {};
    reading.text = string(message['content']);
    for (const call of objects(message['tool_calls'])) addCall(reading, call);
    reading.finished = typeof choice?.['finish_reason'] === 'string';
  }
  return reading;
}

function anthropicEvent(reading: Reading): (data: string) => void {
  const calls = new Map<Json | undefined, { name: string; arguments: string }>();
  let stopReason = false;
  return (data) => {
    const event = parseObject(data);
    if (!event) {
      reading.garbled ??= 'an event that is no JSON object';
      return;
    }
    const delta = isObject(event['delta']) ? event['delta'] : {};
    switch (event['type']) {
      case 'message_start':
        if (reading.text !== '' || reading.calls.length > 0) reading.garbled ??= 'a second message_start';
        break;
      case 'content_block_start': {
        const block = isObject(event['content_block']) ? event['content_block'] : {};
        if (block['type'] !== 'tool_use') break;
        const call = { name: string(block['name']), arguments: '' };
        calls.set(event['index'], call);
        reading.calls.push(call);
        break;
      }
      case 'content_block_delta': {
        reading.text += string(delta['text']);
        const call = calls.get(event['index']);
        if (call) call.arguments += string(delta['partial_json']);
        break;
      }
      case 'message_delta':
        stopReason = typeof delta['stop_reason'] === 'string';
        break;
      case 'message_stop':
        reading.finished = stopReason;
        break;
      case 'error':
        readError(event, reading);
        break;
      default:
    }
  };
}

function chatEvent(reading: Reading): (data: string) => void {
  const calls = new Map<Json | undefined, { name: string; arguments: string }>();
  let finishReason = false;
  return (data) => {
    if (data === '[DONE]') {
      reading.finished = finishReason;
      return;
    }
    const chunk = parseObject(data);
    if (!chunk) {
      reading.garbled ??= 'a chunk that is no JSON object';
      return;
    }
    if (readError(chunk, reading)) return;
    const choice = objects(chunk['choices'])[0];
    if (!choice) return;
    const delta = isObject(choice['delta']) ? choice['delta'] : {};
    reading.text += string(delta['content']);
    for (const piece of objects(delta['tool_calls'])) {
      const call = calls.get(piece['index']);
      const fields = isObject(piece['function']) ? piece['function'] : {};
      if (call) call.arguments += string(fields['arguments']);
      else calls.set(piece['index'], addCall(reading, piece));
    }
    if (typeof choice['finish_reason'] === 'string') finishReason = true;
  };
}

function addCall(reading: Reading, call: JsonObject): { name: string; arguments: string } {
  const fields = isObject(call['function']) ? call['function'] : {};
  const added = { name: string(fields['name']), arguments: string(fields['arguments']) };
  reading.calls.push(added);
  return added;
}

/** Both dialects put a message under `error`; an error without one says nothing. */
function readError(object: JsonObject, reading: Reading): boolean {
  const error = object['error'];
  if (!isObject(error) || typeof error['message'] !== 'string') return false;
  reading.error = error['message'];
  return true;
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function string(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
