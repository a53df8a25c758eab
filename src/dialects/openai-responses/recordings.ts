/** For tests: answers recorded from real services, which are never part of this repository. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject, type JsonObject } from '../../exchange/json.ts';

const RECORDINGS = `${process.env.UNDERSTUDY_CORPORA ?? '/work/shared/corpora'}/vercel-ai-fixtures`;

interface RecordedStream {
  name: string;
  bytes: Buffer;
}

interface RecordedBody {
  name: string;
  body: JsonObject;
}

/** Streams of many services in this dialect, one response each; none where the recordings are not at hand. */
export function recordedStreams(): RecordedStream[] {
  return files('.chunks.txt').flatMap(({ name, text }) => responsesOf(text).map((bytes, index) => ({ name: `${name} #${index}`, bytes })));
}

/** Whole responses. */
export function recordedBodies(): RecordedBody[] {
  return files('.json').flatMap(({ name, text }) => {
    const body = parseObject(text);
    return body?.object === 'response' && Array.isArray(body.output) ? [{ name, body }] : [];
  });
}

function files(ending: string): { name: string; text: string }[] {
  if (!existsSync(RECORDINGS)) return [];
  return readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => ({ name, text: readFileSync(join(RECORDINGS, name), 'utf8') }));
}

/** A recording of several turns in one file is cut apart; other dialects' streams have no `response.created`. */
function responsesOf(payloads: string): Buffer[] {
  const responses: string[][] = [];
  for (const line of payloads.split('\n').filter((payload) => payload.trim() !== '')) {
    const type = String(parseObject(line)?.type ?? 'message');
    if (type === 'response.created') responses.push([]);
    responses.at(-1)?.push(`event: ${type}\ndata: ${line}\n\n`);
  }
  return responses.map((events) => Buffer.from(events.join('')));
}
