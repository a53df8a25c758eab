import { describe, expect, test } from 'vitest';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { anthropicMessages as dialect } from './dialect.ts';
import { readByBetaClient, recordedStreams, trapStreams } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 0 };

function frames(bytes: Buffer): Frame[] {
  const decoder = dialect.decoder();
  return [...decoder.push(bytes), ...decoder.end()];
}

function events(frame: Frame) {
  return frame.type === 'events' || frame.type === 'end' ? frame.events : [];
}

/** A stream whose first `observed` frames passed as they came and whose rest was written anew. */
function rewritten(all: Frame[], observed: number): string {
  const encoder = dialect.encoder(CONTEXT);
  let out = '';
  let terminated = false;
  for (const [index, frame] of all.entries()) {
    if (index < observed) {
      out += frame.raw.toString();
      encoder.observe(events(frame));
      terminated = frame.type === 'end';
    } else {
      out += encoder.encode(events(frame));
    }
  }
  return out + encoder.end(terminated);
}

const streams = recordedStreams();

describe.skipIf(streams.length === 0)('recorded streams', () => {
  test.each(streams)('$name: the official client reads the same message from what we write', async ({ bytes }) => {
    const all = frames(bytes);
    expect(all.filter(({ type }) => type === 'malformed' || type === 'error')).toEqual([]);
    expect(all.filter((frame) => 'clean' in frame && !frame.clean)).toEqual([]);
    expect(all.at(-1)?.type).toBe('end');
    const original = await readByBetaClient(bytes);
    const again = await readByBetaClient(rewritten(all, 0));
    expect(again).toMatchObject(original);
    expect(again.content).toEqual(original.content);
  });

  test.each(streams)('$name: carried on after any prefix', async ({ bytes }) => {
    const all = frames(bytes);
    const original = await readByBetaClient(bytes);
    // Every prefix of short streams; of long ones every edge of a block and a sample between.
    const stride = Math.ceil(all.length / 24);
    for (let observed = 1; observed <= all.length; observed++) {
      const edge = all.length < 40 || observed % stride === 0 || observed > all.length - 4 || observed < 4;
      if (!edge) continue;
      const again = await readByBetaClient(rewritten(all, observed));
      expect(again).toMatchObject(original);
      expect(again.content).toEqual(original.content);
    }
  });

  test.each(streams)('$name: as a whole body it says the same', async ({ bytes }) => {
    const original = await readByBetaClient(bytes);
    const streamed = frames(bytes).flatMap(events);
    expect(dialect.encodeAnswer(streamed, CONTEXT)).toMatchObject({ ...original });
    const decoded = dialect.decodeAnswer(original);
    if (!decoded.ok) throw new Error(decoded.error);
    expect(dialect.encodeAnswer(decoded.value, CONTEXT)).toMatchObject({ ...original });
    expect(assemble(decoded.value).finish?.reason).toBe(assemble(streamed).finish?.reason);
  });

  test.each(streams)('$name: the same frames at other cuts of the bytes', ({ bytes }) => {
    const whole = frames(bytes);
    for (const size of [1, 7, 100, 1021]) {
      const decoder = dialect.decoder();
      const cut: Frame[] = [];
      for (let at = 0; at < bytes.length; at += size) cut.push(...decoder.push(bytes.subarray(at, at + size)));
      cut.push(...decoder.end());
      expect(cut).toEqual(whole);
    }
  });
});

const traps = trapStreams();

test.skipIf(traps.length === 0).each(traps)('$name is a trap', ({ bytes }) => {
  expect(frames(bytes).at(-1)).toMatchObject({ type: 'malformed', reason: 'a second message_start' });
});
