import { seeded } from '../../sim/seeded.ts';
import { type GgufTensor, type GgufValue, writeGguf } from './gguf-writer.fixtures.ts';

export interface TinyModel {
  /** What it says, a token each, after the last token of its template; then it ends. Without an end it begins anew. */
  says: readonly string[];
  ends: boolean;
  /** Tokens. */
  context?: number;
  /** Its template speaks of tools. */
  tools?: boolean;
  /** More metadata, or other. */
  metadata?: Readonly<Record<string, GgufValue>>;
}

const WIDTH = 64;
const HIDDEN = 128;
const LAYERS = 2;
const HEADS = 4;
/** Small against an embedding (length 8), so that layers change the course of things by little. */
const NOISE = 0.02;
/** Puts some 30 between the logit of the token whose turn it is and any other, so that sampling finds it, too. */
const SURE = 0.6;

/** Every message between its marks, as ChatML has it; the turn of the model is opened at the end. */
const TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% endif %}";

const PRINTABLE = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index));
const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

const WITH_TOOLS = "{% if tools %}{{'<|im_start|>system\\n' + (tools | tojson) + '<|im_end|>\\n'}}{% endif %}";

/**
 * A Llama of two layers and random weights (the same for the same words), with a tokenizer of its own: all bytes, and the words that it
 * says. Its last layer leads from each of them to the next, so that what it writes is known, and yet each token is really computed: about
 * half a megabyte.
 */
export function tinyModel({ says, ends, context = 512, tools = false, metadata = {} }: TinyModel): Buffer {
  const random = seeded(says.length);
  const words = [...new Set(says)].filter((word) => word !== '\n');
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  // A space is written so (SentencePiece).
  const spelled = words.map((word) => word.replaceAll(' ', '▁'));
  // The tokenizer puts words together letter by letter, and so wants all their beginnings.
  const beginnings = spelled.flatMap((word) => Array.from(word, (_, end) => word.slice(0, end + 1)));
  const pieces = [...new Set(['▁', ...PRINTABLE, ...beginnings])];
  const tokens = ['<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>', ...bytes, ...pieces];
  const kinds = tokens.map((_, id) => (id === 0 ? KIND.unknown : id < 5 ? KIND.control : id < 261 ? KIND.byte : KIND.normal));
  const end = 4;
  const newline = 5 + 10;
  const idOf = (word: string): number => (word === '\n' ? newline : tokens.indexOf(word.replaceAll(' ', '▁')));

  const embeddings = matrix(WIDTH, tokens.length, random, 1);
  const output = matrix(WIDTH, tokens.length, random, NOISE);
  const path = [newline, ...says.map(idOf), ends ? end : idOf(says[0]!)];
  path.slice(1).forEach((next, index) => {
    const from = path[index]! * WIDTH;
    for (let place = 0; place < WIDTH; place++) output[next * WIDTH + place]! += SURE * embeddings[from + place]!;
  });

  const tensors: GgufTensor[] = [
    { name: 'token_embd.weight', shape: [WIDTH, tokens.length], values: embeddings },
    { name: 'output_norm.weight', shape: [WIDTH], values: new Float32Array(WIDTH).fill(1) },
    { name: 'output.weight', shape: [WIDTH, tokens.length], values: output },
  ];
  for (let layer = 0; layer < LAYERS; layer++) {
    const weight = (name: string, inputs: number, outputs: number): void =>
      void tensors.push({ name: `blk.${layer}.${name}.weight`, shape: [inputs, outputs], values: matrix(inputs, outputs, random, NOISE) });
    const norm = (name: string): void =>
      void tensors.push({ name: `blk.${layer}.${name}.weight`, shape: [WIDTH], values: new Float32Array(WIDTH).fill(1) });
    norm('attn_norm');
    for (const name of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) weight(name, WIDTH, WIDTH);
    norm('ffn_norm');
    weight('ffn_gate', WIDTH, HIDDEN);
    weight('ffn_up', WIDTH, HIDDEN);
    weight('ffn_down', HIDDEN, WIDTH);
  }

  return writeGguf(
    {
      'general.architecture': 'llama',
      'general.name': 'Tiny, of random weights',
      'general.file_type': { u32: 0 },
      'llama.context_length': { u32: context },
      'llama.embedding_length': { u32: WIDTH },
      'llama.block_count': { u32: LAYERS },
      'llama.feed_forward_length': { u32: HIDDEN },
      'llama.attention.head_count': { u32: HEADS },
      'llama.attention.head_count_kv': { u32: HEADS },
      'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
      'llama.rope.dimension_count': { u32: WIDTH / HEADS },
      'llama.vocab_size': { u32: tokens.length },
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': { strings: tokens },
      // Longer ones first: it merges by score.
      'tokenizer.ggml.scores': { f32s: tokens.map((token, id) => (id < 261 ? 0 : -1 / token.length)) },
      'tokenizer.ggml.token_type': { i32s: kinds },
      'tokenizer.ggml.bos_token_id': { u32: 1 },
      'tokenizer.ggml.eos_token_id': { u32: end },
      'tokenizer.ggml.unknown_token_id': { u32: 0 },
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.ggml.add_space_prefix': false,
      'tokenizer.chat_template': tools ? WITH_TOOLS + TEMPLATE : TEMPLATE,
      ...metadata,
    },
    tensors,
  );
}

function matrix(inputs: number, outputs: number, random: () => number, size: number): Float32Array {
  return Float32Array.from({ length: inputs * outputs }, () => (random() * 2 - 1) * size * Math.sqrt(3));
}
