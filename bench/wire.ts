/**
 * Both dialects as the bench's provider writes them and the load generator reads them. How an answer is to be paced is in the
 * model's name, since that is what reaches a provider through any proxy: `same-paced-50-100` is 100 chunks at 50 a second,
 * rate 0 is as fast as they go.
 */
export type BenchDialect = 'anthropic-messages' | 'openai-chat';

export const PATHS: Record<BenchDialect, string> = { 'anthropic-messages': '/v1/messages', 'openai-chat': '/v1/chat/completions' };

export interface Pace {
  /** Chunks a second; 0: at once. */
  rate: number;
  chunks: number;
}

export function paceOf(model: string): Pace {
  const found = /-(\d+)-(\d+)$/.exec(model);
  return found ? { rate: Number(found[1]), chunks: Number(found[2]) } : { rate: 0, chunks: 8 };
}

/** The words of chunk `index`: numbered, so that a lost, doubled or swapped one is seen. */
export function chunkText(index: number): string {
  return `word ${index} of the answer, `;
}

export function answerText(pace: Pace): string {
  return Array.from({ length: pace.chunks }, (_, index) => chunkText(index)).join('');
}

export interface Stream {
  opening: string;
  chunk: (text: string) => string;
  closing: string;
}

export function streamOf(dialect: BenchDialect, model: string, pace: Pace): Stream {
  return dialect === 'anthropic-messages' ? anthropicStream(model, pace) : chatStream(model, pace);
}

function anthropicStream(model: string, pace: Pace): Stream {
  const frame = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const usage = { input_tokens: 12, output_tokens: 1 };
  const message = {
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return {
    opening: frame('message_start', { message }) + frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    chunk: (text) => frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    closing:
      frame('content_block_stop', { index: 0 }) +
      frame('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: pace.chunks * 6 } }) +
      frame('message_stop', {}),
  };
}

function chatStream(model: string, pace: Pace): Stream {
  const base = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1780380300, model };
  const frame = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const usage = { prompt_tokens: 12, completion_tokens: pace.chunks * 6, total_tokens: 12 + pace.chunks * 6 };
  return {
    opening: frame({ role: 'assistant', content: '' }, null),
    chunk: (text) => frame({ content: text }, null),
    closing: `${frame({}, 'stop')}data: ${JSON.stringify({ ...base, choices: [], usage })}\n\ndata: [DONE]\n\n`,
  };
}

export function wholeAnswer(dialect: BenchDialect, model: string, pace: Pace): string {
  const text = answerText(pace);
  const output = pace.chunks * 6;
  if (dialect === 'anthropic-messages') {
    const content = [{ type: 'text', text }];
    const usage = { input_tokens: 12, output_tokens: output };
    return JSON.stringify({
      id: 'msg_bench',
      type: 'message',
      role: 'assistant',
      model,
      content,
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage,
    });
  }
  const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 12, completion_tokens: output, total_tokens: 12 + output };
  return JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion', created: 1780380300, model, choices, usage });
}

/** A request body of about `size` bytes: a conversation, with the quotes and line breaks of real ones. */
export function requestBody(dialect: BenchDialect, model: string, stream: boolean, size: number): Buffer {
  const question = { role: 'user', content: 'Say "hello".' };
  const messages = [];
  const line = 'const answer = ask("what now?"); // the line, as it came:\n';
  for (let bytes = 0; bytes < size; bytes += 2 * 2100) {
    messages.push({ role: 'user', content: line.repeat(36) }, { role: 'assistant', content: line.repeat(34) });
  }
  const limit =
    dialect === 'anthropic-messages'
      ? { max_tokens: 1024 }
      : { max_completion_tokens: 1024, ...(stream && { stream_options: { include_usage: true } }) };
  return Buffer.from(JSON.stringify({ model, stream, ...limit, messages: [...messages, question] }));
}

export function credentialHeaders(dialect: BenchDialect): Record<string, string> {
  return dialect === 'anthropic-messages' ? { 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' } : { authorization: 'Bearer bench' };
}

interface Piece {
  text: string;
  last: boolean;
}

/** What one `data:` line of a stream says. Unknown ones say nothing. */
export function pieceOf(dialect: BenchDialect, data: string): Piece {
  if (data === '[DONE]') return { text: '', last: true };
  const value = JSON.parse(data) as { type?: string; delta?: { text?: string }; choices?: { delta?: { content?: string } }[] };
  if (dialect === 'anthropic-messages') return { text: value.delta?.text ?? '', last: value.type === 'message_stop' };
  return { text: value.choices?.[0]?.delta?.content ?? '', last: false };
}

/** The words of a whole answer. */
export function wholeText(dialect: BenchDialect, body: string): string {
  const value = JSON.parse(body) as { content?: { text?: string }[]; choices?: { message?: { content?: string } }[] };
  const text =
    dialect === 'anthropic-messages' ? value.content?.map((part) => part.text ?? '').join('') : value.choices?.[0]?.message?.content;
  return text ?? '';
}
