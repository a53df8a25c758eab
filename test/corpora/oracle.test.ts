/** The AI SDK as a differential oracle: the same bytes, read by it and by us, are the same message, or explained.ts says why not. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import { parseObject, type JsonObject } from '../../src/exchange/json.ts';
import { requestBody, simRequest } from '../../src/sim/sample-request.ts';
import { sceneBody } from '../../src/sim/scene.ts';
import { createSimProvider } from '../../src/sim/sim-provider.ts';
import { EXPLAINED, type Explained } from './explained.ts';
import { decode, DIALECTS, eventsOf, TARGETS } from './pair.ts';
import { corpora, type Recording } from './recordings.ts';
import { READERS, readByUs, readByVercel, type Message, type Reader } from './vercel.ts';

function ours({ dialect, said }: Recording): Message {
  if (said.type === 'stream') return readByUs(eventsOf(decode(DIALECTS[dialect], said.bytes)));
  const decoded = DIALECTS[dialect].decodeAnswer(said.body);
  return readByUs(decoded.ok ? decoded.value : []);
}

async function differing(reader: Reader, recording: Recording): Promise<Explained['what'][]> {
  const own = ours(recording);
  try {
    const theirs = await readByVercel(reader, recording.said);
    return (Object.keys(own) as (keyof Message)[]).filter((what) => !isDeepStrictEqual(own[what], theirs[what]));
  } catch {
    return ['throws'];
  }
}

const { recordings } = corpora();

describe.skipIf(recordings.length === 0)('recorded answers', () => {
  test('the same message, or the difference is explained; every explanation is needed', async () => {
    const unexplained: string[] = [];
    const used = new Set<Explained>();
    for (const recording of recordings) {
      const name = `${recording.source}/${recording.name}`;
      for (const reader of READERS[recording.dialect]) {
        for (const what of await differing(reader, recording)) {
          const explanation = EXPLAINED.find((each) => each.reader === reader && each.what === what && each.name.test(name));
          if (explanation) used.add(explanation);
          else unexplained.push(`${reader}, ${name}: ${what}`);
        }
      }
    }
    expect(unexplained).toEqual([]);
    expect(EXPLAINED.filter((each) => !used.has(each))).toEqual([]);
  }, 60_000);
});

const PROMPTS = ['plain', 'tools=1', 'tools=3 silent', 'thinking', 'thinking tools=2', 'script=mixed words=60', 'stop=length', 'json'];

/** An answer of the simulated service to a prompt with these directives. */
function simulated(dialect: DialectName, directives: string, stream: boolean): Recording {
  const question = `Say your lines. [sim ${directives}]`;
  const content = directives.includes('tools') ? 'tool' : directives.includes('thinking') ? 'thinking' : 'text';
  const turn: JsonObject = dialect === 'gemini' ? { role: 'user', parts: [{ text: question }] } : { role: 'user', content: question };
  const body = requestBody(dialect, stream, content, 'm', [turn]);
  const { scene } = createSimProvider({ clock: virtualClock() }).play(simRequest(dialect, body, { model: 'm', stream }));
  const bytes = sceneBody(scene);
  return {
    source: 'simulated',
    name: directives,
    dialect,
    said: stream ? { type: 'stream', bytes } : { type: 'body', body: parseObject(bytes.toString()) ?? {} },
  };
}

describe.each(TARGETS)('simulated answers in %s', (dialect) => {
  test.each(PROMPTS)('%s', async (directives) => {
    for (const stream of [true, false]) {
      const recording = simulated(dialect, directives, stream);
      const own = ours(recording);
      expect(own.text.length + own.calls.length).toBeGreaterThan(0);
      expect(own.calls.length).toBe(Number(/tools=(\d)/.exec(directives)?.[1] ?? 0));
      for (const reader of READERS[dialect]) {
        const { thoughts, ...theirs } = await readByVercel(reader, recording.said);
        expect(theirs).toEqual(
          expect.objectContaining({ text: own.text, calls: own.calls, stop: own.stop, input: own.input, output: own.output }),
        );
        // OpenAI's own chat has no reasoning.
        expect(reader === 'openai chat' ? own.thoughts : thoughts).toBe(own.thoughts);
      }
    }
  });
});
