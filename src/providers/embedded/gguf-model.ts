import { open } from 'node:fs/promises';
import { err, ok, type Result } from '../../exchange/result.ts';
import { type GgufHead, parseGguf } from './gguf-parse.ts';

/** A GGUF file that can answer, as far as its head tells. */
export interface GgufModel {
  /** As its maker calls it. */
  title?: string;
  /** `llama`, `qwen3`, … */
  architecture: string;
  /** Bytes, of all its files. */
  size: number;
  weights: number;
  /** It is in so many files; absent: one. */
  pieces?: number;
  /** Tokens that it was trained to see at once. */
  context?: number;
  /** Memory that each token of a conversation takes, in bytes, with keys and values of 16 bits. */
  bytesPerToken?: number;
  /** It says how messages are put to it. Without that the engine guesses. */
  hasTemplate: boolean;
  /** Its template has a place for tools. */
  tools: boolean;
}

/** Bytes read at first, next, and how far a head is followed: it has some 5 MB, and 16 where the vocabulary is the largest. */
const READS = [2 ** 23, 2 ** 25, 2 ** 28];

/** Kinds of model that answer nothing (llama.cpp v0.4.0, LLM_ARCH_NAMES): embeddings, parts of others, sound. */
const MUTE: readonly [RegExp, string][] = [
  [/bert|embed|^t5encoder$/, 'a model that makes embeddings'],
  [/^clip$/, "the eyes of a model (mmproj), not the model itself; give the model's own file"],
  [/^(eagle3|dflash|gemma4-assistant)$/, 'a helper of another model (for speculative decoding)'],
  [/tts$|^wavtokenizer/, 'a model of speech'],
];
const TYPES: Readonly<Record<string, string>> = {
  adapter: 'an adapter (LoRA) for another model',
  mmproj: "the eyes of a model (mmproj), not the model itself; give the model's own file",
  imatrix: 'an importance matrix for quantizing',
  vocab: 'a vocabulary without weights',
};

/** Reads a file's head, and says what is wrong with it, or what model is in it. Of its weights only whether they are all there is looked at. */
export async function readGgufModel(path: string): Promise<Result<GgufModel, string>> {
  const first = await readHead(path);
  if (!first.ok) return first;
  const model = modelOf(first.value.head, first.value.size);
  const pieces = first.value.head.metadata.get('split.count');
  return model.ok && typeof pieces === 'number' && pieces > 1 ? withPieces(model.value, path, pieces) : model;
}

/** A model in several files, which are called …-00001-of-00003.gguf and so on: llama.cpp finds the others by their names. */
async function withPieces(model: GgufModel, path: string, pieces: number): Promise<Result<GgufModel, string>> {
  const of = `-of-${String(pieces).padStart(5, '0')}.gguf`;
  if (!path.endsWith(`-00001${of}`))
    return err(`it is the first piece of ${pieces}, and has to be called …-00001${of} for the others to be found`);
  let { size, weights } = model;
  for (let piece = 2; piece <= pieces; piece++) {
    const name = `${path.slice(0, -`-00001${of}`.length)}-${String(piece).padStart(5, '0')}${of}`;
    const read = await readHead(name);
    if (!read.ok) return err(`its piece ${piece} of ${pieces}, ${name}: ${read.error}`);
    const { head, size: bytes } = read.value;
    if (bytes < head.needs)
      return err(`its piece ${piece} of ${pieces} is cut off: ${name} has ${bytes} of ${head.needs} bytes; download it again`);
    size += bytes;
    weights += head.values;
  }
  return ok({ ...model, size, weights, pieces });
}

async function readHead(path: string): Promise<Result<{ head: GgufHead; size: number }, string>> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    return err(unreadable(error));
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return err('it is a folder; give the .gguf file in it');
    const { size } = stats;
    if (size === 0) return err('it is empty; download it again');
    for (const length of READS) {
      const bytes = Buffer.alloc(Math.min(length, size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      const parsed = parseGguf(bytes.subarray(0, bytesRead));
      if (parsed.type === 'problem') return err(parsed.message);
      if (parsed.type === 'head') return ok({ head: parsed.head, size });
      if (length >= size) return err(`it is cut off: it ends within its head, after ${size} bytes; download it again`);
    }
    return err('it is damaged: its head does not end');
  } catch (error) {
    return err(unreadable(error));
  } finally {
    await file.close();
  }
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read; check its permissions';
  return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

/** What the head says of the model. */
function modelOf(head: GgufHead, size: number): Result<GgufModel, string> {
  const { metadata } = head;
  const word = (key: string): string | undefined => {
    const value = metadata.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const whole = (key: string): number | undefined => {
    const value = metadata.get(key);
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
  };
  const type = word('general.type') ?? 'model';
  const typed = TYPES[type];
  if (typed !== undefined) return err(`it is ${typed}`);
  const architecture = word('general.architecture');
  if (architecture === undefined) return err('it does not say what model it is (general.architecture is missing)');
  const mute = MUTE.find(([pattern]) => pattern.test(architecture));
  if (mute) return err(`it is ${mute[1]} (${architecture})`);
  const pieces = whole('split.count') ?? 1;
  const piece = metadata.get('split.no');
  if (pieces > 1 && piece !== 0)
    return err(
      `it is piece ${Number(piece) + 1} of ${pieces} of a model; give the first (…-00001-of-${String(pieces).padStart(5, '0')}.gguf)`,
    );
  // The first of several pieces may have the head alone.
  if (head.tensors === 0 && pieces === 1) return err('it has no weights');
  if (size < head.needs) return err(`it is cut off: it has ${size} of ${head.needs} bytes; download it again`);
  if (word('tokenizer.ggml.model') === undefined || !head.lengths.has('tokenizer.ggml.tokens'))
    return err('it has no tokenizer; take a file that was made for llama.cpp');
  const template = word('tokenizer.chat_template');
  const title = word('general.name');
  const context = whole(`${architecture}.context_length`);
  const bytesPerToken = cacheOf(head, architecture);
  return ok({
    ...(title !== undefined && { title }),
    architecture,
    size,
    weights: head.values,
    ...(context !== undefined && { context }),
    ...(bytesPerToken !== undefined && { bytesPerToken }),
    hasTemplate: template !== undefined,
    tools: template !== undefined && /\btools\b/.test(template),
  });
}

/** Keys and values of all layers for one token, 2 bytes each; layers with a sliding window take less. */
function cacheOf({ metadata }: GgufHead, architecture: string): number | undefined {
  const get = (name: string): number | readonly number[] | undefined => {
    const value = metadata.get(`${architecture}.${name}`);
    return typeof value === 'number' || Array.isArray(value) ? value : undefined;
  };
  const layers = get('block_count');
  const width = get('embedding_length');
  const heads = get('attention.head_count');
  if (typeof layers !== 'number' || typeof width !== 'number' || heads === undefined) return undefined;
  const ofKeys = get('attention.head_count_kv') ?? heads;
  const most = typeof heads === 'number' ? heads : Math.max(...heads);
  if (most <= 0) return undefined;
  const keyed = typeof ofKeys === 'number' ? ofKeys * layers : ofKeys.reduce((sum, each) => sum + each, 0);
  const key = get('attention.key_length') ?? width / most;
  const value = get('attention.value_length') ?? width / most;
  return typeof key === 'number' && typeof value === 'number' ? 2 * keyed * (key + value) : undefined;
}
