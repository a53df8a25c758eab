import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { SimDialect } from '../asked.ts';
import { errorBody, usualError, type UsualError } from '../errors.ts';
import { splitAt, type Position } from '../position.ts';
import type { Mark, Scene, Step } from '../scene.ts';
import { ANTHROPIC_PING, anthropicEvent } from '../wire/anthropic-messages.ts';
import { geminiData } from '../wire/gemini.ts';
import { chatData } from '../wire/openai-chat.ts';
import { failedFrame, responsesEvent } from '../wire/openai-responses.ts';
import type { FaultContext } from './fault.ts';

export type Write = Extract<Step, { type: 'write' }>;

/** Replaces what comes after a position. Where the scene has no such place it stays as it is. */
export function after(scene: Scene, position: Position, change: (rest: Scene) => Scene): Scene {
  const split = splitAt(scene, position);
  return split ? [...split.before, ...change(split.after)] : scene;
}

/** Everything stops at a position and `ending` follows. */
export function cut(scene: Scene, position: Position, ...ending: Scene): Scene {
  return after(scene, position, () => ending);
}

/** Half of the next frame, then `ending`. */
export function cutInside(scene: Scene, position: Position, ...ending: Scene): Scene {
  return after(scene, position, (rest) => {
    const next = rest.find((step) => step.type === 'write');
    if (next?.type !== 'write') return ending;
    return [{ ...next, bytes: next.bytes.subarray(0, Math.max(1, Math.floor(next.bytes.length / 2))) }, ...ending];
  });
}

export function isFrame(step: Step, ...kinds: Mark['kind'][]): step is Write {
  return step.type === 'write' && step.mark !== undefined && kinds.includes(step.mark.kind);
}

/** Every frame's bytes changed. */
export function mapBytes(scene: Scene, change: (bytes: Buffer, mark: Mark | undefined) => Buffer): Scene {
  return scene.map((step) => (step.type === 'write' ? { ...step, bytes: change(step.bytes, step.mark) } : step));
}

/** The JSON of a frame or of a whole body changed; frames without JSON stay. Lengths are put right. */
export function mapJson(scene: Scene, change: (json: JsonObject, mark: Mark | undefined) => JsonObject): Scene {
  let length: number | undefined;
  const changed = scene.map((step): Step => {
    if (step.type !== 'write') return step;
    if (step.mark?.kind === 'body') {
      const json = parseObject(step.bytes.toString());
      if (!json) return step;
      const bytes = Buffer.from(JSON.stringify(change(json, step.mark)));
      length = bytes.length;
      return { ...step, bytes };
    }
    const bytes = step.bytes.toString().replace(/^data: (.*)$/m, (line, data: string) => {
      const json = parseObject(data);
      return json ? `data: ${JSON.stringify(change(json, step.mark))}` : line;
    });
    return { ...step, bytes: Buffer.from(bytes) };
  });
  if (length === undefined) return changed;
  return changed.map((step) =>
    step.type === 'head' && step.headers['content-length'] !== undefined
      ? { ...step, headers: { ...step.headers, 'content-length': String(length) } }
      : step,
  );
}

/** Other headers; `undefined` takes one away. */
export function withHeaders(scene: Scene, change: Record<string, string | undefined>): Scene {
  return scene.map((step) => {
    if (step.type !== 'head') return step;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...step.headers, ...change })) if (value !== undefined) headers[name] = value;
    return { ...step, headers };
  });
}

/** An error in the stream at a position, as each vendor writes it; then `ending`. */
export function failAt(
  scene: Scene,
  position: Position,
  context: FaultContext,
  [kind, status]: [kind: UsualError, status: number],
  ending: Step,
): Scene {
  const split = splitAt(scene, position);
  if (!split) return scene;
  const { dialect, answer } = context;
  const error = usualError(dialect, kind, status);
  const body = errorBody(dialect, error, answer.seed);
  const bytes = ((): Buffer => {
    switch (dialect) {
      case 'anthropic-messages':
        return anthropicEvent('error', body);
      case 'openai-chat':
        return chatData(body);
      case 'openai-responses':
        return failedFrame(
          answer,
          context.asked,
          context,
          { code: error.code ?? 'server_error', message: error.message },
          eventsIn(split.before),
        );
      case 'gemini':
        return geminiData(body);
    }
  })();
  return [...split.before, { type: 'write', bytes }, ending];
}

/** Responses' other way to fail: an `error` event, flat as documented or with an inner object as recorded. */
export function bareError(scene: Scene, position: Position, nested: boolean): Scene {
  const split = splitAt(scene, position);
  if (!split) return scene;
  const { code, message } = usualError('openai-responses', 'overloaded', 503);
  const error: JsonObject = { code: code ?? null, message, param: null };
  const inner: JsonObject = nested ? { error: { type: 'server_error', ...error } } : error;
  const bytes = responsesEvent({ type: 'error', sequence_number: eventsIn(split.before), ...inner });
  return [...split.before, { type: 'write', bytes }, { type: 'end' }];
}

function eventsIn(scene: Scene): number {
  return scene.filter((step) => step.type === 'write').length;
}

/** What says only that the connection lives: Anthropic's ping, a comment elsewhere. */
export function lifeSign(dialect: SimDialect): Buffer {
  return dialect === 'anthropic-messages' ? ANTHROPIC_PING : Buffer.from(': keep-alive\n\n');
}
