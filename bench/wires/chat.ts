import { answerText, askedInBody, sse, type Wire } from './wire.ts';

const CREATED = 1780380300;
const INPUT_TOKENS = 12;

/** OpenAI's Chat Completions. */
export const chatWire: Wire = {
  path: () => '/v1/chat/completions',
  owns: (path) => path.startsWith('/v1/chat/completions'),
  asked: (_, edges) => askedInBody(edges),
  request: (model, stream, turns) => ({
    model,
    stream,
    max_completion_tokens: 1024,
    ...(stream && { stream_options: { include_usage: true } }),
    messages: turns.map(({ role, text }) => ({ role, content: text })),
  }),
  credential: { authorization: 'Bearer bench' },
  stream(model, pace) {
    const base = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: CREATED, model };
    const frame = (delta: object, finish: string | null) => sse({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] });
    return {
      opening: frame({ role: 'assistant', content: '' }, null),
      chunk: (text) => frame({ content: text }, null),
      closing: `${frame({}, 'stop')}${sse({ ...base, choices: [], usage: usage(pace.chunks) })}data: [DONE]\n\n`,
    };
  },
  whole: (model, pace) => ({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: answerText(pace) }, finish_reason: 'stop' }],
    usage: usage(pace.chunks),
  }),
  piece(data) {
    if (data === '[DONE]') return { text: '', last: true };
    const value = JSON.parse(data) as { choices?: { delta?: { content?: string } }[] };
    return { text: value.choices?.[0]?.delta?.content ?? '', last: false };
  },
  words(body) {
    const value = JSON.parse(body) as { choices?: { message?: { content?: string } }[] };
    return value.choices?.[0]?.message?.content ?? '';
  },
};

function usage(chunks: number): object {
  return { prompt_tokens: INPUT_TOKENS, completion_tokens: chunks * 6, total_tokens: INPUT_TOKENS + chunks * 6 };
}
