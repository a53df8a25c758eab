import type { Clock } from '../exchange/clock.ts';
import type { JsonObject } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Answer } from './answer.ts';
import type { Asked } from './asked.ts';
import { errorScene, jsonScene, type VendorError } from './errors.ts';
import type { SimRoute } from './route.ts';
import type { Scene } from './scene.ts';
import { vendorId } from './seeded.ts';
import { finalResponse, items, queuedResponse, responseId, responseObject, responsesScene } from './wire/openai-responses.ts';
import type { WireContext } from './wire/pace.ts';
import { inputItems } from './wire/read-responses.ts';

/** The answers that the simulated Responses service keeps (`store`), for going on from them and for asking again. */
export interface KeptResponses {
  /** The request with what the service keeps put in its place: the history of `previous_response_id`, items named by id. */
  complete(body: JsonObject): Result<JsonObject, VendorError>;
  /** `body`: as `complete` gave it back; `given`: as it came. */
  keep(answer: Answer, asked: Asked, given: JsonObject, context: WireContext): void;
  /** What was said, and to what. */
  find(id: string): { answer: Answer; asked: Asked } | undefined;
  /** `GET`, `DELETE`, cancel: by id. */
  play(route: Extract<SimRoute, { type: 'kept' }>, target: string): Scene;
}

interface Kept {
  answer: Answer;
  asked: Asked;
  context: WireContext;
  /** What this request brought itself, with ids. */
  own: JsonObject[];
  /** The conversation with the answer at its end. */
  conversation: JsonObject[];
  /** The streamed form of the answer; its waits tell when what was said. */
  scene: Scene;
  begun: number;
  /** Milliseconds until the answer is whole. */
  lasts: number;
  cancelled: boolean;
}

const MOST_KEPT = 2000;
const INVALID = 'invalid_request_error';
const NOT_STORED =
  ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.';

export function createKeptResponses(clock: Clock): KeptResponses {
  const kept = new Map<string, Kept>();

  function findItem(id: string): JsonObject | undefined {
    for (const { conversation } of kept.values()) {
      const found = conversation.find((item) => item.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** An item that stands for a kept one, by its id alone. */
  function isReference(item: JsonObject): boolean {
    if (typeof item.id !== 'string') return false;
    if (item.type === 'item_reference' || (item.type === undefined && item.role === undefined)) return true;
    return item.type === 'reasoning' && typeof item.encrypted_content !== 'string';
  }

  /** The reasoning that led to a kept item and has to come back with it. */
  function reasoningBefore(id: string): string | undefined {
    for (const { conversation } of kept.values()) {
      const at = conversation.findIndex((item) => item.id === id);
      const before = at > 0 ? conversation[at - 1] : undefined;
      if (before?.type === 'reasoning') return String(before.id);
    }
    return undefined;
  }

  function complete(body: JsonObject): Result<JsonObject, VendorError> {
    const conversation: JsonObject[] = [];
    const previous = body.previous_response_id;
    if (typeof previous === 'string') {
      const found = kept.get(previous);
      if (!found) {
        const message = `Previous response with id '${previous}' not found.`;
        return err({ status: 400, type: INVALID, code: 'previous_response_not_found', param: 'previous_response_id', message });
      }
      conversation.push(...found.conversation);
    }
    for (const item of inputItems(body.input)) {
      if (!isReference(item)) {
        conversation.push(item);
        continue;
      }
      const found = findItem(String(item.id));
      if (!found) {
        const message = `Item with id '${String(item.id)}' not found.${body.store === false ? NOT_STORED : ''}`;
        return err({ status: 404, type: INVALID, param: 'input', message });
      }
      conversation.push(found);
    }
    for (const [index, item] of conversation.entries()) {
      const needed = typeof item.id === 'string' && item.type !== 'reasoning' ? reasoningBefore(item.id) : undefined;
      if (needed === undefined || conversation[index - 1]?.id === needed) continue;
      const message = `Item '${String(item.id)}' of type '${String(item.type)}' was provided without its required 'reasoning' item: '${needed}'.`;
      return err({ status: 400, type: INVALID, param: 'input', message });
    }
    return ok({ ...body, input: conversation });
  }

  function keep(answer: Answer, asked: Asked, given: JsonObject, context: WireContext): void {
    const id = responseId(answer.seed);
    const own = inputItems(given.input).map((item, index) => ({
      ...item,
      id: item.id ?? vendorId('msg_0', 49, `${answer.seed} input ${index}`, '0123456789abcdef'),
    }));
    const before = inputItems(asked.request?.input);
    const scene = responsesScene(answer, { ...asked, stream: true }, context);
    const lasts = scene.reduce((sum, step) => sum + (step.type === 'wait' ? step.ms : 0), 0);
    const conversation = [...before, ...items(answer, 'done')];
    kept.set(id, { answer, asked, context, own, conversation, scene, begun: clock.now(), lasts, cancelled: false });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  }

  /** As it stands now. */
  function standing(one: Kept): JsonObject {
    const { answer, asked, context } = one;
    const elapsed = clock.now() - one.begun;
    if (one.cancelled) return responseObject(answer, asked, context, { status: 'cancelled' });
    if (elapsed >= one.lasts) return finalResponse(answer, asked, context);
    if (elapsed < context.pace.headers * context.pace.scale) return queuedResponse(answer, asked, context);
    return responseObject(answer, asked, context, { status: 'in_progress' });
  }

  function play({ id, act }: Extract<SimRoute, { type: 'kept' }>, target: string): Scene {
    const one = kept.get(id);
    const refuse = (status: number, message: string): Scene => errorScene('openai-responses', { status, type: INVALID, message }, id);
    if (!one) return refuse(404, `Response with id '${id}' not found.`);
    switch (act) {
      case 'delete':
        kept.delete(id);
        return jsonScene(200, { id, object: 'response', deleted: true });
      case 'cancel':
        if (one.asked.background !== true) return refuse(400, 'Only responses created with background=true can be cancelled.');
        one.cancelled ||= clock.now() - one.begun < one.lasts;
        return jsonScene(200, standing(one));
      case 'input_items': {
        const data = one.own.toReversed();
        return jsonScene(200, { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false });
      }
      case 'get': {
        const query = new URLSearchParams(/\?(.*)$/.exec(target)?.[1] ?? '');
        if (query.get('stream') !== 'true') return jsonScene(200, standing(one));
        if (one.asked.background !== true) {
          return refuse(400, 'This response cannot be streamed because it was not created with background=true and stream=true.');
        }
        return rest(one.scene, clock.now() - one.begun, Number(query.get('starting_after') ?? -1));
      }
    }
  }

  return { complete, keep, play, find: (id) => kept.get(id) };
}

/** A streamed answer from the event after `after` on: at once what has been said by now, the rest when it is said. */
function rest(scene: Scene, elapsed: number, after: number): Scene {
  let offset = 0;
  let played = 0;
  let sequence = 0;
  const found: Scene = [];
  for (const step of scene) {
    if (step.type === 'wait') {
      offset += step.ms;
      continue;
    }
    if (step.type === 'write' && sequence++ <= after) continue;
    const due = Math.max(0, offset - elapsed);
    if (due > played) found.push({ type: 'wait', ms: due - played });
    played = Math.max(played, due);
    found.push(step);
  }
  return found;
}
