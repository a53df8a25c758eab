import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Answer, AnswerPart } from '../answer.ts';
import type { Asked } from '../asked.ts';
import type { Mark, Scene, Step } from '../scene.ts';
import { vendorId } from '../seeded.ts';
import { ownSignature } from '../signature.ts';
import { paced, pacedWhole, type WireContext } from './pace.ts';

/** Shapes of generativelanguage.googleapis.com as recorded from Gemini 2.5 and 3: usage on every chunk, the reason in the last, no terminator. */

export function geminiScene(answer: Answer, asked: Asked, context: WireContext): Scene {
  if (asked.stream) {
    const type = asked.jsonArray === true ? 'application/json; charset=UTF-8' : 'text/event-stream';
    const frames = chunks(answer, asked);
    const steps = asked.jsonArray === true ? asArray(frames) : frames.map(({ json, mark }) => write(geminiData(json), mark));
    return paced({ type: 'head', status: 200, headers: { ...geminiHeaders(), 'content-type': type } }, steps, context.pace, answer.pace);
  }
  const body = Buffer.from(`${JSON.stringify(wholeAnswer(answer, asked), undefined, 2)}\n`);
  const headers = { ...geminiHeaders(), 'content-type': 'application/json; charset=UTF-8', 'content-length': String(body.length) };
  return pacedWhole({ type: 'head', status: 200, headers }, body, answer.usage.output, context.pace, answer.pace);
}

function geminiHeaders(): Record<string, string> {
  return {
    vary: 'Origin, X-Origin, Referer',
    'x-xss-protection': '0',
    'x-content-type-options': 'nosniff',
    'server-timing': 'gfet4t7; dur=612',
    server: 'simulated',
  };
}

/** The real service ends its lines with CR LF. */
export function geminiData(data: JsonObject): Buffer {
  return Buffer.from(`data: ${JSON.stringify(data)}\r\n\r\n`);
}

/** Gemini 3 and later give calls an id and put signatures on parts; names that say no number are taken for the newest. */
export function isGemini3(model: string): boolean {
  return !/gemini-(1|2|1\.5|2\.0|2\.5)(-|$)/.test(model);
}

const STOPS: Record<Answer['stop'], string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  refusal: 'PROHIBITED_CONTENT',
  'content-filter': 'SAFETY',
  pause: 'STOP',
  'context-window': 'MAX_TOKENS',
};

const RATINGS = ['SEXUALLY_EXPLICIT', 'HATE_SPEECH', 'HARASSMENT', 'DANGEROUS_CONTENT'].map((category) => ({
  category: `HARM_CATEGORY_${category}`,
  probability: category === 'DANGEROUS_CONTENT' ? 'HIGH' : 'NEGLIGIBLE',
}));

/** A part in Gemini's form; a call's arguments are an object, so there is no half of a call. */
type Said = { part: JsonObject; kind: 'text' | 'reasoning' | 'arguments'; ordinal: number };

interface Spoken {
  said: Said[];
  finish: string;
  /** The signature that found no call to sit on: it comes with the last, empty text. */
  signature?: string;
}

function spoken(answer: Answer): Spoken {
  const said: Said[] = [];
  let finish = STOPS[answer.stop];
  let signature = signatureOf(answer);
  answer.parts.forEach((part, ordinal) => {
    if (part.type === 'reasoning') {
      if (!part.hidden) for (const text of part.pieces) said.push({ part: { text, thought: true }, kind: 'reasoning', ordinal });
    } else if (part.type === 'text') {
      for (const text of part.pieces) said.push({ part: { text }, kind: 'text', ordinal });
    } else if (part.type === 'tool-call') {
      const functionCall = callOf(part, answer.model);
      if (functionCall) {
        said.push({
          part: { functionCall, ...(signature === undefined ? {} : { thoughtSignature: signature }) },
          kind: 'arguments',
          ordinal,
        });
        // Parallel calls: only the first is signed.
        signature = undefined;
      } else if (answer.stop !== 'length') finish = 'MALFORMED_FUNCTION_CALL';
    }
  });
  if (finish === 'MALFORMED_FUNCTION_CALL') return { said: said.filter(({ kind }) => kind !== 'arguments'), finish };
  return { said, finish, ...(signature === undefined ? {} : { signature }) };
}

/** Gemini 3 always thinks, and signs what it says also where no thoughts are shown. */
function signatureOf(answer: Answer): string | undefined {
  const reasoning = answer.parts.find((part) => part.type === 'reasoning');
  if (reasoning) return reasoning.signature === '' ? undefined : reasoning.signature;
  return isGemini3(answer.model) && answer.parts.length > 0 ? ownSignature('gemini', `${answer.model} ${answer.seed}`) : undefined;
}

function callOf(part: Extract<AnswerPart, { type: 'tool-call' }>, model: string): JsonObject | undefined {
  const text = part.pieces.join('');
  const args = parseObject(text === '' ? '{}' : text);
  return args && { ...(isGemini3(model) ? { id: part.id } : {}), name: part.name, args };
}

function usageOf(answer: Answer, shown: number): JsonObject {
  const { input, output, cacheRead, reasoning } = answer.usage;
  const candidates = Math.min(output - reasoning, shown);
  return {
    promptTokenCount: input,
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    totalTokenCount: input + candidates + reasoning,
    ...(cacheRead > 0 ? { cachedContentTokenCount: cacheRead } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
  };
}

function envelope(answer: Answer, candidates: JsonObject[], shown: number): JsonObject {
  return {
    candidates,
    usageMetadata: usageOf(answer, shown),
    modelVersion: answer.model,
    responseId: vendorId('', 23, `${answer.seed} message`),
  };
}

function ending({ finish }: Spoken): JsonObject {
  if (finish === 'SAFETY' || finish === 'PROHIBITED_CONTENT') return { finishReason: finish, safetyRatings: RATINGS };
  if (finish !== 'MALFORMED_FUNCTION_CALL') return { finishReason: finish };
  return { finishReason: finish, finishMessage: 'Malformed function call: print(default_api.simulated(' };
}

interface Chunk {
  json: JsonObject;
  mark: Mark;
}

function chunks(answer: Answer, asked: Asked): Chunk[] {
  const all = spoken(answer);
  const found: Chunk[] = [];
  let shown = 0;
  const add = (kind: Mark['kind'], part: number, parts: JsonObject[], more: JsonObject = {}): void => {
    for (let index = 0; index < asked.candidates; index++) {
      const content: JsonObject = parts.length === 0 ? { role: 'model' } : { parts, role: 'model' };
      found.push({ json: envelope(answer, [{ content, ...more, index }], shown), mark: { kind, part } });
    }
  };
  for (const { part, kind, ordinal } of all.said) {
    if (kind !== 'reasoning') shown++;
    add(kind, ordinal, [part]);
  }
  const last = all.said.length === 0 && all.signature === undefined ? [] : [{ text: '', ...signed(all) }];
  shown = Infinity;
  add('finish', answer.parts.length, last, ending(all));
  return found;
}

function signed({ signature }: Spoken): JsonObject {
  return signature === undefined ? {} : { thoughtSignature: signature };
}

function wholeAnswer(answer: Answer, asked: Asked): JsonObject {
  const all = spoken(answer);
  const parts: JsonObject[] = [];
  let kind: string | undefined;
  for (const { part, kind: each } of all.said) {
    const before = parts.at(-1);
    if (before && each === kind && each !== 'arguments') before.text = `${String(before.text)}${String(part.text)}`;
    else parts.push({ ...part });
    kind = each;
  }
  const last = parts.at(-1);
  if (last) Object.assign(last, signed(all));
  else if (all.signature !== undefined) parts.push({ text: '', ...signed(all) });
  const calls = all.said.some((each) => each.kind === 'arguments');
  const content: JsonObject = parts.length === 0 ? { role: 'model' } : { parts, role: 'model' };
  const candidate = { content, ...ending(all), ...(calls ? { finishMessage: 'Model generated function call(s).' } : {}) };
  return envelope(
    answer,
    Array.from({ length: asked.candidates }, (_, index) => ({ ...candidate, index })),
    Infinity,
  );
}

/** Without `alt=sse` the same objects come as the elements of one array. */
function asArray(frames: readonly Chunk[]): Step[] {
  const steps = frames.map(({ json, mark }, index) =>
    write(Buffer.from(`${index === 0 ? '[' : ',\r\n'}${JSON.stringify(json, undefined, 2)}\n`), mark),
  );
  return [...steps, write(Buffer.from(']\n'), { kind: 'terminator', part: 0 })];
}

function write(bytes: Buffer, mark: Mark): Step {
  return { type: 'write', bytes, mark };
}
