import { gzipSync } from 'node:zlib';
import type { Scene, Step } from '../scene.ts';
import { sceneBody } from '../scene.ts';
import { fault, type Fault } from './fault.ts';
import { after, isFrame, mapBytes, mapJson, withHeaders } from './frames.ts';

const streamed: Fault['applies'] = (_dialect, stream) => stream;
const harmless: Partial<Fault> = { applies: streamed, expected: 'answer' };

/** Milliseconds between two bytes of the slow drip; slower than any content. */
const STARVING_DRIP = 10_000;
/** Milliseconds between two events of a slow but living answer. */
const SLOW_DRIP = 400;
const HUGE = 1024 * 1024;

/** Group D: the same events, carried differently. Most of it is no fault at all, and has to be borne. */
export const TRANSFER_FAULTS: readonly Fault[] = [
  fault(
    'comments',
    'D',
    'comments between the events',
    (scene) => mapBytes(scene, (bytes) => Buffer.concat([Buffer.from(': simulated comment\n\n'), bytes])),
    harmless,
  ),
  fault(
    'crlf',
    'D',
    'lines end with CR LF',
    (scene) => mapBytes(scene, (bytes) => Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')),
    harmless,
  ),
  fault(
    'cr-only',
    'D',
    'lines end with CR',
    (scene) => mapBytes(scene, (bytes) => Buffer.from(bytes.toString('latin1').replace(/\r?\n/g, '\r'), 'latin1')),
    harmless,
  ),
  fault(
    'bom',
    'D',
    'a byte order mark first',
    (scene) => after(scene, 'start', (rest) => [{ type: 'write', bytes: Buffer.from([0xef, 0xbb, 0xbf]) }, ...rest]),
    harmless,
  ),
  fault(
    'no-event-names',
    'D',
    'no event: lines',
    (scene) => mapBytes(scene, (bytes) => Buffer.from(bytes.toString().replace(/^event: .*\n/gm, ''))),
    {
      ...harmless,
      applies: (dialect, stream) => stream && (dialect === 'anthropic-messages' || dialect === 'openai-responses'),
    },
  ),
  fault(
    'many-data-lines',
    'D',
    'one event over several data lines',
    (scene) => mapBytes(scene, (bytes) => Buffer.from(bytes.toString().replace(/^data: \{(.*)$/m, 'data: {\ndata: $1'))),
    harmless,
  ),
  fault(
    'wrong-content-type',
    'D',
    'the stream says that it is JSON',
    (scene) => withHeaders(scene, { 'content-type': 'application/json' }),
    harmless,
  ),
  fault('no-content-type', 'D', 'no content type', (scene) => withHeaders(scene, { 'content-type': undefined }), { expected: 'answer' }),
  fault('huge-event', 'D', 'an event of a megabyte', (scene) => hugeEvent(scene), harmless),
  fault('gzip', 'D', 'compressed', (scene) => gzipped(scene, 1, { type: 'end' }), { expected: 'answer' }),
  fault('gzip-cut', 'D', 'compressed and cut open', (scene) => gzipped(scene, 0.5, { type: 'close' })),
  fault('gzip-cut-clean', 'D', 'compressed, half of it, properly ended', (scene) => gzipped(scene, 0.5, { type: 'end' })),
  fault('one-write', 'D', 'everything in one piece', (scene) => oneWrite(scene), harmless),
  fault('split-bytes', 'D', 'every byte by itself, also inside characters', (scene) => everyByte(scene), harmless),
  fault('drip-events', 'D', 'an event every 400 ms', (scene) => drip(scene, SLOW_DRIP), harmless),
  fault('drip-starving', 'D', 'a byte every ten seconds', (scene) => starve(scene), { applies: streamed }),
];

function hugeEvent(scene: Scene): Scene {
  let done = false;
  return mapJson(scene, (json, mark) => {
    if (done || mark === undefined || !['text', 'arguments'].includes(mark.kind)) return json;
    done = true;
    return { ...json, padding: 'x'.repeat(HUGE) };
  });
}

function gzipped(scene: Scene, share: number, ending: Step): Scene {
  const packed = gzipSync(sceneBody(scene));
  const kept = packed.subarray(0, Math.floor(packed.length * share));
  const third = Math.ceil(kept.length / 3);
  const pieces = [0, 1, 2].map((index): Step => ({ type: 'write', bytes: kept.subarray(index * third, (index + 1) * third) }));
  const head = scene.flatMap((step): Scene => (step.type === 'head' || step.type === 'wait' ? [step] : []));
  const ordered = [...head.filter((step) => step.type === 'wait').slice(0, 1), ...head.filter((step) => step.type === 'head')];
  return [...withHeaders(ordered, { 'content-encoding': 'gzip', 'content-length': undefined }), ...pieces, ending];
}

function oneWrite(scene: Scene): Scene {
  const all: Step = { type: 'write', bytes: sceneBody(scene) };
  return scene.flatMap((step): Scene => (step.type === 'write' ? [] : step.type === 'end' ? [all, step] : [step]));
}

function everyByte(scene: Scene): Scene {
  return scene.flatMap((step): Scene => (step.type === 'write' ? bytesOf(step.bytes) : [step]));
}

function bytesOf(bytes: Buffer): Step[] {
  return Array.from(bytes, (_, index): Step => ({ type: 'write', bytes: bytes.subarray(index, index + 1) }));
}

function drip(scene: Scene, ms: number): Scene {
  return scene.flatMap((step): Scene => (isFrame(step, 'text', 'arguments') ? [{ type: 'wait', ms }, step] : [step]));
}

function starve(scene: Scene): Scene {
  return after(scene, 'before-content', (rest) =>
    rest.flatMap((step): Scene =>
      step.type === 'write' ? bytesOf(step.bytes).flatMap((byte): Scene => [{ type: 'wait', ms: STARVING_DRIP }, byte]) : [step],
    ),
  );
}
