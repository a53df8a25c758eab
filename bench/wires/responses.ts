import { answerText, askedInBody, sse, type Wire } from './wire.ts';

const CREATED = 1780380300;
const INPUT_TOKENS = 12;
const ITEM = 'msg_bench';
/** As long as those that OpenAI sends with each piece of text. */
const OBFUSCATION = 'k3JmQx9LtW';

/** OpenAI's Responses. */
export const responsesWire: Wire = {
  path: () => '/v1/responses',
  owns: (path) => path.startsWith('/v1/responses'),
  asked: (_, edges) => askedInBody(edges),
  request: (model, stream, turns) => ({
    model,
    stream,
    max_output_tokens: 1024,
    input: turns.map(({ role, text }) => ({
      type: 'message',
      role,
      content: [role === 'user' ? { type: 'input_text', text } : { type: 'output_text', text, annotations: [] }],
    })),
  }),
  credential: { authorization: 'Bearer bench' },
  stream(model, pace) {
    let sequence = 0;
    const frame = (type: string, fields: object) => sse({ type, sequence_number: sequence++, ...fields }, type);
    const place = { item_id: ITEM, output_index: 0, content_index: 0 };
    const text = answerText(pace);
    const started = { ...response(model), status: 'in_progress', output: [], usage: null };
    const opening =
      frame('response.created', { response: started }) +
      frame('response.in_progress', { response: started }) +
      frame('response.output_item.added', { output_index: 0, item: { ...message(''), status: 'in_progress', content: [] } }) +
      frame('response.content_part.added', { ...place, part: part('') });
    const last = sequence + pace.chunks;
    const chunk = (delta: string) => frame('response.output_text.delta', { ...place, delta, logprobs: [], obfuscation: OBFUSCATION });
    const first = sequence;
    sequence = last;
    const closing =
      frame('response.output_text.done', { ...place, text, logprobs: [] }) +
      frame('response.content_part.done', { ...place, part: part(text) }) +
      frame('response.output_item.done', { output_index: 0, item: message(text) }) +
      frame('response.completed', { response: { ...response(model), output: [message(text)], usage: usage(pace.chunks) } });
    sequence = first;
    return { opening, chunk, closing };
  },
  whole: (model, pace) => ({ ...response(model), output: [message(answerText(pace))], usage: usage(pace.chunks) }),
  piece(data) {
    const value = JSON.parse(data) as { type?: string; delta?: string };
    return { text: value.type === 'response.output_text.delta' ? (value.delta ?? '') : '', last: value.type === 'response.completed' };
  },
  words(body) {
    const { output } = JSON.parse(body) as { output?: { content?: { text?: string }[] }[] };
    return output?.flatMap((item) => item.content?.map((piece) => piece.text ?? '') ?? []).join('') ?? '';
  },
};

function part(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function message(text: string): object {
  return { id: ITEM, type: 'message', status: 'completed', role: 'assistant', content: [part(text)] };
}

function response(model: string): object {
  return {
    id: 'resp_bench',
    object: 'response',
    created_at: CREATED,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: 1024,
    model,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    metadata: {},
  };
}

function usage(chunks: number): object {
  return {
    input_tokens: INPUT_TOKENS,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: chunks * 6,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: INPUT_TOKENS + chunks * 6,
  };
}
