import { answerText, sse, type Wire } from './wire.ts';

const INPUT_TOKENS = 12;

/** Google's generateContent. */
export const geminiWire: Wire = {
  path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  owns: (path) => path.startsWith('/v1beta/models/'),
  asked(path) {
    const [, model = '', method = ''] = /^\/v1beta\/models\/([^:?]+):(\w+)/.exec(path) ?? [];
    return { model, stream: method === 'streamGenerateContent' };
  },
  request: (_model, _stream, turns) => ({
    contents: turns.map(({ role, text }) => ({ role: role === 'user' ? 'user' : 'model', parts: [{ text }] })),
    generationConfig: { maxOutputTokens: 1024 },
  }),
  credential: { 'x-goog-api-key': 'bench' },
  stream: (model, pace) => ({
    // Google's streams begin with the first words.
    opening: '',
    chunk: (text) => sse(response(model, text, undefined, 6)),
    closing: sse(response(model, '', 'STOP', pace.chunks * 6)),
  }),
  whole: (model, pace) => response(model, answerText(pace), 'STOP', pace.chunks * 6),
  piece(data) {
    const { candidates } = JSON.parse(data) as { candidates?: Candidate[] };
    return { text: textOf(candidates), last: candidates?.[0]?.finishReason !== undefined };
  },
  words: (body) => textOf((JSON.parse(body) as { candidates?: Candidate[] }).candidates),
};

interface Candidate {
  content?: { parts?: { text?: string }[] };
  finishReason?: string;
}

function textOf(candidates: Candidate[] | undefined): string {
  return candidates?.[0]?.content?.parts?.map((part) => part.text ?? '').join('') ?? '';
}

function response(model: string, text: string, finishReason: string | undefined, output: number): object {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, ...(finishReason !== undefined && { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: INPUT_TOKENS, candidatesTokenCount: output, totalTokenCount: INPUT_TOKENS + output },
    modelVersion: model,
    responseId: 'resp_bench',
  };
}
