/** For tests: the official SDK as the judge of our streams, and recorded real streams where they are at hand. */
import Anthropic from '@anthropic-ai/sdk';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseObject, type JsonObject } from '../../exchange/json.ts';

const QUESTION = { model: 'any', max_tokens: 1, messages: [{ role: 'user' as const, content: 'any' }] };

/** What the SDK's `MessageStream` makes of these bytes. */
export async function readByOfficialClient(bytes: Buffer | string): Promise<JsonObject> {
  return plain(await clientOver(bytes).messages.stream(QUESTION).finalMessage());
}

/** The same by the SDK's stream for beta features, which Claude Code uses and which knows more kinds of blocks. */
export async function readByBetaClient(bytes: Buffer | string): Promise<JsonObject> {
  return plain(await clientOver(bytes).beta.messages.stream(QUESTION).finalMessage());
}

function clientOver(bytes: Buffer | string): Anthropic {
  return new Anthropic({
    apiKey: 'test',
    maxRetries: 0,
    logLevel: 'off',
    fetch: () => Promise.resolve(new Response(Buffer.from(bytes), { status: 200, headers: { 'content-type': 'text/event-stream' } })),
  });
}

/** Without `parsed_output` and lazy inputs, which are the SDK's own helpers. */
function plain(message: object): JsonObject {
  return JSON.parse(JSON.stringify({ ...message, parsed_output: undefined })) as JsonObject;
}

export interface RecordedStream {
  name: string;
  bytes: Buffer;
}

const CORPORA = process.env.UNDERSTUDY_CORPORA ?? '/work/shared/corpora';

/** Streams that Anthropic really sent, one message each; none where the corpora are not at hand. */
export function recordedStreams(): RecordedStream[] {
  return [...cassettes(), ...fixtures()];
}

function cassettes(): RecordedStream[] {
  const file = `${CORPORA}/llm-anthropic-cassettes/anthropic.jsonl.gz`;
  if (!existsSync(file)) return [];
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  return lines.flatMap((line, index) => {
    const { resp, src } = parseObject(line) ?? {};
    return typeof resp === 'string' ? [{ name: `cassette ${index} ${String(src).split('/').at(-1)}`, bytes: Buffer.from(resp) }] : [];
  });
}

/** Made by hand to trap naive failover: they are no proper streams. */
const TRAPS = /duplicate-message-start|spliced-message-start/;

function fixtures(): RecordedStream[] {
  const folder = `${CORPORA}/vercel-ai-fixtures/anthropic`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.chunks.txt') && !TRAPS.test(file))
    .flatMap((file) => messagesOf(readFileSync(`${folder}/${file}`, 'utf8')).map((bytes, index) => ({ name: `${file} #${index}`, bytes })));
}

/** The traps, event by event; none where the corpora are not at hand. */
export function trapStreams(): RecordedStream[] {
  const folder = `${CORPORA}/vercel-ai-fixtures/anthropic`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => TRAPS.test(file))
    .map((name) => ({
      name,
      bytes: Buffer.from(
        readFileSync(`${folder}/${name}`, 'utf8').replace(/^.+$/gm, (line) => `event: ${String(parseObject(line)?.type)}\ndata: ${line}\n`),
      ),
    }));
}

/** Recordings of several turns in one file are cut apart; what has no beginning or no end is left out. */
export function messagesOf(payloads: string): Buffer[] {
  const messages: Buffer[] = [];
  let current: string[] | undefined;
  for (const line of payloads.split('\n').filter((payload) => payload.trim() !== '')) {
    const type = String(parseObject(line)?.type);
    if (type === 'message_start') current = [];
    current?.push(`event: ${type}\ndata: ${line}\n\n`);
    if (type !== 'message_stop' || !current) continue;
    messages.push(Buffer.from(current.join('')));
    current = undefined;
  }
  return messages;
}
