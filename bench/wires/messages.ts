import { answerText, askedInBody, sse, type Wire } from './wire.ts';

const INPUT_TOKENS = 12;

/** Anthropic's Messages. */
export const messagesWire: Wire = {
  path: () => '/v1/messages',
  owns: (path) => path.startsWith('/v1/messages'),
  asked: (_, edges) => askedInBody(edges),
  request: (model, stream, turns) => ({
    model,
    stream,
    max_tokens: 1024,
    messages: turns.map(({ role, text }) => ({ role, content: text })),
  }),
  credential: { 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' },
  stream(model, pace) {
    const frame = (type: string, fields: object) => sse({ type, ...fields }, type);
    const usage = { input_tokens: INPUT_TOKENS, output_tokens: 1 };
    const message = { ...answer(model), content: [], stop_reason: null, usage };
    return {
      opening: frame('message_start', { message }) + frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      chunk: (text) => frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      closing:
        frame('content_block_stop', { index: 0 }) +
        frame('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: pace.chunks * 6 } }) +
        frame('message_stop', {}),
    };
  },
  whole: (model, pace) => ({
    ...answer(model),
    content: [{ type: 'text', text: answerText(pace) }],
    usage: { input_tokens: INPUT_TOKENS, output_tokens: pace.chunks * 6 },
  }),
  piece(data) {
    const value = JSON.parse(data) as { type?: string; delta?: { text?: string } };
    return { text: value.delta?.text ?? '', last: value.type === 'message_stop' };
  },
  words(body) {
    const { content } = JSON.parse(body) as { content?: { text?: string }[] };
    return content?.map((part) => part.text ?? '').join('') ?? '';
  },
};

function answer(model: string): object {
  return { id: 'msg_bench', type: 'message', role: 'assistant', model, stop_reason: 'end_turn', stop_sequence: null };
}
