import type { Json, JsonObject } from '../exchange/json.ts';
import { parseObject } from '../exchange/json.ts';
import { objectOf, objects, type Reading, string } from './reading.ts';

/** How a Responses answer that is none any more is told: `failed`, or `incomplete`, which is a proper end like `completed`. */
const ENDS = ['response.completed', 'response.incomplete'];

/** Every event that there is (openai-node 7.57, `ResponseStreamEvent`); its `stream()` helper throws at any other. */
const KNOWN = new Set(
  [
    'created queued in_progress completed incomplete failed output_item.added output_item.done content_part.added content_part.done',
    'output_text.delta output_text.done output_text.annotation.added refusal.delta refusal.done reasoning_text.delta reasoning_text.done',
    'reasoning_summary_part.added reasoning_summary_part.done reasoning_summary_text.delta reasoning_summary_text.done',
    'function_call_arguments.delta function_call_arguments.done custom_tool_call_input.delta custom_tool_call_input.done',
    'mcp_call_arguments.delta mcp_call_arguments.done mcp_call.completed mcp_call.failed mcp_call.in_progress',
    'mcp_list_tools.completed mcp_list_tools.failed mcp_list_tools.in_progress compaction.compacting',
    'code_interpreter_call.completed code_interpreter_call.in_progress code_interpreter_call.interpreting',
    'code_interpreter_call_code.delta code_interpreter_call_code.done file_search_call.completed file_search_call.in_progress',
    'file_search_call.searching web_search_call.completed web_search_call.in_progress web_search_call.searching',
    'image_generation_call.completed image_generation_call.generating image_generation_call.in_progress',
    'image_generation_call.partial_image shell_call_command.added shell_call_command.delta shell_call_command.done',
    'shell_call_output_content.delta shell_call_output_content.done audio.delta audio.done audio.transcript.delta audio.transcript.done',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `response.${name}`),
);

interface OpenItem {
  id: Json | undefined;
  /** Everything that came in pieces, and what of it belongs to the open content part. */
  said: string;
  part: string;
  call: Reading['calls'][number] | undefined;
}

export function responsesWhole(body: JsonObject, reading: Reading): void {
  if (failure(body, reading)) return;
  for (const item of objects(body['output'])) addItem(reading, item);
  reading.finished = body['status'] === 'completed' || body['status'] === 'incomplete';
}

/**
 * Believes the pieces, as clients that show them do, and then holds every repetition against them: the texts of `…done` events, of
 * finished items and of the whole response must be what came in pieces.
 */
export function responsesEvent(reading: Reading): (data: string) => void {
  const open = new Map<number, OpenItem>();
  const done: JsonObject[] = [];
  let last = -1;
  let id: string | undefined;
  const complain = (what: string): void => void (reading.garbled ??= what);
  return (data) => {
    // `error` is followed by `response.failed`, which says the same.
    if (reading.error !== undefined) return;
    if (reading.finished) return complain('an event after the end');
    const event = parseObject(data);
    if (!event) return complain('an event that is no JSON object');
    const type = string(event['type']);
    if (id === undefined && type !== 'error' && type !== 'response.created') complain(`${type} before response.created`);
    if (type !== 'error' && !KNOWN.has(type))
      return type.startsWith('response.') || type === 'keepalive'
        ? undefined
        : complain(`an event that the official client does not know: ${type}`);
    const number = event['sequence_number'];
    if (typeof number === 'number' && number <= last) complain(`sequence_number ${String(number)} after ${last} (${type})`);
    if (typeof number === 'number') last = number;
    const index = Number(event['output_index']);
    const item = open.get(index);
    if (type === 'error') {
      reading.error = string(event['message']) || string(objectOf(event['error'])['message']);
      return;
    }
    if (objectOf(event['response'])['object'] === 'response') {
      const response = objectOf(event['response']);
      if (type === 'response.created' && id !== undefined) complain('a second response.created');
      if (id !== undefined && response['id'] !== id) complain('the id of the response changes');
      id = string(response['id']);
      if (type === 'response.failed') failure(response, reading);
      if (ENDS.includes(type)) {
        const [all, came] = [joined(objects(response['output'])), joined(done)];
        if (open.size > 0) complain('the response ends with an open item');
        else if (all !== came) complain(`the whole response repeats other items than those that came: ${all} instead of ${came}`);
        reading.finished = `response.${string(response['status'])}` === type;
      }
      return;
    }
    if (type === 'response.output_item.added') {
      if (id === undefined) complain('an item before response.created');
      if (index !== open.size + done.length || open.has(index)) complain(`item at output_index ${index} out of order`);
      const added = objectOf(event['item']);
      const call = isCall(added) ? { name: string(added['name']), arguments: '' } : undefined;
      open.set(index, { id: added['id'], said: '', part: '', call });
      if (call) reading.calls.push(call);
      return;
    }
    if (!item) {
      if (event['output_index'] !== undefined) complain(`${type} for an item that is not open`);
      return;
    }
    if (event['item_id'] !== undefined && event['item_id'] !== item.id) complain(`${type} with another item_id than its item has`);
    const delta = string(event['delta']);
    if (type === 'response.output_text.delta') {
      item.said += delta;
      item.part += delta;
      reading.text += delta;
    } else if (type === 'response.content_part.added') {
      item.part = '';
    } else if (type === 'response.function_call_arguments.delta' || type === 'response.custom_tool_call_input.delta') {
      item.said += delta;
      if (item.call) item.call.arguments += delta;
    } else if (type === 'response.output_text.done') {
      if (string(event['text']) !== item.part) complain('output_text.done repeats another text');
    } else if (type === 'response.function_call_arguments.done') {
      if (string(event['arguments']) !== item.said) complain('function_call_arguments.done repeats other arguments');
    } else if (type === 'response.output_item.done') {
      const finished = objectOf(event['item']);
      const { text, calls } = read(finished);
      if (finished['id'] !== item.id) complain('output_item.done with another id');
      const repeated = calls[0]?.arguments ?? text;
      // An item that is told at once, without pieces, is told here.
      if (item.said === '' && repeated !== '') {
        if (item.call) item.call.arguments = repeated;
        else reading.text += text;
      } else if (repeated !== item.said) complain('output_item.done repeats another text');
      open.delete(index);
      done[index] = finished;
    }
  };
}

function isCall(item: JsonObject): boolean {
  return item['type'] === 'function_call' || item['type'] === 'custom_tool_call';
}

/** Text and calls of items, to be compared; ids and encrypted reasoning differ from copy to copy. */
function joined(items: readonly JsonObject[]): string {
  return JSON.stringify(items.map((item) => [item['type'], item['id'], read(item)]));
}

function read(item: JsonObject): Pick<Reading, 'text' | 'calls'> {
  const reading: Reading = { text: '', calls: [], finished: false, seams: 0 };
  addItem(reading, item);
  return reading;
}

function addItem(reading: Reading, item: JsonObject): void {
  if (item['type'] === 'message') {
    for (const part of objects(item['content'])) if (part['type'] === 'output_text') reading.text += string(part['text']);
  } else if (isCall(item)) {
    reading.calls.push({ name: string(item['name']), arguments: string(item['arguments'] ?? item['input']) });
  }
}

function failure(response: JsonObject, reading: Reading): boolean {
  if (response['status'] !== 'failed') return false;
  reading.error = string(objectOf(response['error'])['message']) || 'failed without a word';
  return true;
}
