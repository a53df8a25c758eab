import type { JsonObject } from '../../exchange/json.ts';
import type { SimDialect } from '../asked.ts';
import type { Position } from '../position.ts';
import type { Scene } from '../scene.ts';
import { fault, type Fault, type FaultContext } from './fault.ts';
import { after, bareError, cut, cutInside, failAt, isFrame, lifeSign, mapJson } from './frames.ts';

/** Milliseconds: longer than a reader's patience with a first token. */
const SLOW_FIRST_TOKEN = 25_000;
/** Milliseconds: within anybody's patience, and beyond it. */
const PAUSE = 2_000;
const LONG_PAUSE = 45_000;
const PING_EVERY = 5_000;

const streamed: Fault['applies'] = (_dialect, stream) => stream;
const textStreamed: Fault['applies'] = (_dialect, stream, content) => stream && (content === 'text' || content === 'thinking');

type Change = (scene: Scene, position: Position, context: FaultContext) => Scene;

/** A fault that strikes at a position: of a stream by default, of whole bodies too with `applies`. */
function placed(id: string, title: string, change: Change, more: Partial<Fault> = {}): Fault {
  return fault(id, 'D', title, change, { positioned: true, applies: streamed, ...more });
}

const anywhere: Partial<Fault> = { applies: () => true };

/** Group D, first half: the stream stops, or dies. */
const ENDINGS: Fault[] = [
  fault('hang-after-headers', 'D', 'headers, then nothing', (scene) => cut(scene, 'start', { type: 'hang' })),
  fault(
    'slow-first-token',
    'D',
    'the first token takes 25 s',
    (scene) => after(scene, 'before-content', (rest) => [{ type: 'wait', ms: SLOW_FIRST_TOKEN }, ...rest]),
    {
      applies: streamed,
    },
  ),
  placed('stall', 'nothing more comes', (scene, position) => cut(scene, position, { type: 'hang' }), anywhere),
  placed(
    'pause',
    'two seconds of silence, then on',
    (scene, position) => after(scene, position, (rest) => [{ type: 'wait', ms: PAUSE }, ...rest]),
    {
      ...anywhere,
      expected: 'answer',
    },
  ),
  placed(
    'long-pause',
    '45 seconds of silence, then on',
    (scene, position) => after(scene, position, (rest) => [{ type: 'wait', ms: LONG_PAUSE }, ...rest]),
    anywhere,
  ),
  placed('pings-for-ever', 'signs of life and no content', (scene, position, { dialect }) =>
    cut(scene, position, { type: 'repeat', bytes: lifeSign(dialect), ms: PING_EVERY }),
  ),
  placed('reset-edge', 'reset between two events', (scene, position) => cut(scene, position, { type: 'reset' }), anywhere),
  placed('reset-inside', 'reset inside an event', (scene, position) => cutInside(scene, position, { type: 'reset' })),
  placed('cut-edge', 'closed between two events', (scene, position) => cut(scene, position, { type: 'close' }), anywhere),
  placed('cut-inside', 'closed inside an event', (scene, position) => cutInside(scene, position, { type: 'close' })),
  placed('clean-end', 'a proper end of the body in the middle', (scene, position) => cut(scene, position, { type: 'end' })),
  placed('half-event-clean-end', 'half an event and a proper end', (scene, position) => cutInside(scene, position, { type: 'end' })),
  fault('missing-terminator', 'D', 'no terminator', (scene) => scene.filter((step) => !isFrame(step, 'terminator')), {
    applies: (dialect, stream) => stream && dialect !== 'gemini',
  }),
  fault(
    'missing-finish',
    'D',
    'neither finish reason nor terminator',
    (scene) => scene.filter((step) => !isFrame(step, 'finish', 'usage', 'terminator')),
    {
      applies: streamed,
    },
  ),
  fault('finish-lost', 'D', 'a terminator without a finish reason', (scene) => scene.filter((step) => !isFrame(step, 'finish')), {
    applies: (dialect, stream) => stream && (dialect === 'anthropic-messages' || dialect === 'openai-chat'),
  }),
  placed('error-event', 'overloaded, said in the stream', (scene, position, context) =>
    failAt(scene, position, context, ['overloaded', 529], { type: 'end' }),
  ),
  placed('error-event-internal', 'an internal error in the stream, then closed', (scene, position, context) =>
    failAt(scene, position, context, ['internal', 500], { type: 'close' }),
  ),
  placed('error-event-rate', 'a rate limit in the stream', (scene, position, context) =>
    failAt(scene, position, context, ['rate', 429], { type: 'end' }),
  ),
  placed('error-event-bare', 'an error event and no response.failed', (scene, position) => bareError(scene, position, false), {
    applies: (dialect, stream) => dialect === 'openai-responses' && stream,
  }),
  placed('error-event-nested', 'an error event with an inner object, as recorded', (scene, position) => bareError(scene, position, true), {
    applies: (dialect, stream) => dialect === 'openai-responses' && stream,
  }),
  fault('empty-stream', 'D', 'a stream without an event', (scene) => cut(scene, 'start', { type: 'end' }), { applies: streamed }),
  fault(
    'open-after-terminator',
    'D',
    'the terminator, and the connection stays open',
    (scene) => scene.map((step) => (step.type === 'end' ? { type: 'hang' } : step)),
    {
      applies: streamed,
      expected: 'answer',
    },
  ),
];

/** Pieces say to which part they belong. */
const indexed: Fault['applies'] = (dialect, stream) => stream && (dialect === 'anthropic-messages' || dialect === 'openai-responses');

function indexName(json: JsonObject): string {
  return json.output_index === undefined ? 'index' : 'output_index';
}

const UNKNOWN_EVENTS: Record<SimDialect, string> = {
  'anthropic-messages': 'event: simulated_event\ndata: {"type":"simulated_event","note":"new"}\n\n',
  'openai-chat': 'data: {"object":"simulated.event","note":"new"}\n\n',
  'openai-responses': 'event: simulated_event\ndata: {"type":"simulated_event","note":"new"}\n\n',
  gemini: 'data: {"simulatedMetadata":{"note":"new"}}\r\n\r\n',
};

/** Group D, second half: events that are wrong. */
const WRONG_EVENTS: Fault[] = [
  placed('malformed-json', 'an event that is not JSON', (scene, position) =>
    after(scene, position, (rest) => [
      { type: 'write', bytes: Buffer.from('data: {"type":"content_block_delta","delta":{"text":"half\n\n') },
      ...rest,
    ]),
  ),
  placed(
    'duplicate-event',
    'a piece comes twice',
    (scene, position) =>
      after(scene, position, (rest) => {
        const next = rest.find((step) => isFrame(step, 'text', 'reasoning'));
        return next ? [next, ...rest] : rest;
      }),
    { expected: 'answer', unfaithful: true, applies: textStreamed },
  ),
  fault('out-of-order', 'D', 'two pieces change places', (scene) => swapText(scene), {
    expected: 'answer',
    unfaithful: true,
    applies: textStreamed,
  }),
  placed(
    'second-start',
    'the answer is opened again',
    (scene, position) =>
      after(scene, position, (rest) => {
        const start = scene.find((step) => isFrame(step, 'start'));
        return start ? [start, ...rest] : rest;
      }),
    { applies: (dialect, stream) => stream && dialect !== 'gemini' },
  ),
  fault(
    'wrong-index',
    'D',
    'a piece of a part that was never opened',
    (scene) => mapJson(scene, (json, mark) => (mark?.kind === 'text' ? { ...json, [indexName(json)]: 7 } : json)),
    {
      applies: indexed,
    },
  ),
  fault(
    'missing-index',
    'D',
    'pieces do not say to what they belong',
    (scene) => mapJson(scene, (json, mark) => withoutIndex(json, mark?.kind)),
    {
      applies: indexed,
    },
  ),
  placed(
    'unknown-event',
    'an event that nobody knows',
    (scene, position, { dialect }) =>
      after(scene, position, (rest) => [{ type: 'write', bytes: Buffer.from(UNKNOWN_EVENTS[dialect]) }, ...rest]),
    { expected: 'answer' },
  ),
  fault('after-terminator', 'D', 'more events after the terminator', (scene) => afterTerminator(scene), {
    applies: (dialect, stream) => stream && dialect !== 'gemini',
    expected: 'answer',
  }),
];

export const STREAM_FAULTS: readonly Fault[] = [...ENDINGS, ...WRONG_EVENTS];

function swapText(scene: Scene): Scene {
  const texts = scene.flatMap((step, index) => (isFrame(step, 'text') ? [index] : []));
  const [first, second] = [texts[1], texts[2]];
  if (first === undefined || second === undefined) return scene;
  const swapped = [...scene];
  swapped[first] = scene[second]!;
  swapped[second] = scene[first]!;
  return swapped;
}

function withoutIndex(json: JsonObject, kind: string | undefined): JsonObject {
  if (kind !== 'text' && kind !== 'arguments') return json;
  const { [indexName(json)]: _index, ...rest } = json;
  return rest;
}

function afterTerminator(scene: Scene): Scene {
  const text = scene.find((step) => isFrame(step, 'text', 'arguments'));
  return scene.flatMap((step): Scene => (isFrame(step, 'terminator') && text ? [step, text] : [step]));
}
