import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import type { Usage } from '../../exchange/usage.ts';
import { EMBEDDED_ORIGIN } from '../../providers/embedded/embedded-call.ts';
import type { Embedded } from '../../providers/embedded/embedded.ts';

export interface EngineAnswer {
  text: string;
  usage: Partial<Usage>;
  /** Milliseconds from asking to the first word, which is what loading and reading took, and to the end. */
  first: number;
  took: number;
  /** It broke, or was refused. */
  problem?: string;
}

export interface EngineQuestion {
  model: string;
  words: string;
  maxTokens?: number;
  told?(text: string): void;
  signal?: AbortSignal;
  monotonic(): number;
}

/** Asks the engine as a server would, without one. */
export function askEngine(engine: Pick<Embedded, 'call'>, question: EngineQuestion): Promise<EngineAnswer> {
  const { model, words, maxTokens, told, signal, monotonic } = question;
  const body = {
    model,
    messages: [{ role: 'user', content: words }],
    stream: true,
    stream_options: { include_usage: true },
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
  const began = monotonic();
  const decoder = openaiChat.decoder();
  const answer: EngineAnswer = { text: '', usage: {}, first: 0, took: 0 };
  return new Promise((resolve) => {
    let status = 0;
    let refusal = '';
    const over = (problem?: string): void => resolve({ ...answer, took: monotonic() - began, ...(problem !== undefined && { problem }) });
    const take = (frames: ReturnType<typeof decoder.push>): void => {
      for (const frame of frames) {
        if (!('events' in frame)) continue;
        for (const event of frame.events) {
          if (event.type === 'usage') Object.assign(answer.usage, event.usage);
          if (event.type !== 'part-delta' || event.delta.type !== 'text') continue;
          if (answer.text === '') answer.first = monotonic() - began;
          answer.text += event.delta.text;
          told?.(event.delta.text);
        }
      }
    };
    const cancel = engine.call(() => () => undefined)(
      {
        method: 'POST',
        origin: EMBEDDED_ORIGIN,
        path: '/chat/completions',
        headers: [],
        body: Buffer.from(JSON.stringify(body)),
        connectTimeout: 0,
        fresh: false,
      },
      {
        headers: (found) => void (status = found),
        data(chunk) {
          if (status === 200) take(decoder.push(chunk));
          else refusal += chunk.toString();
        },
        end() {
          if (status !== 200) return over(messageIn(refusal));
          take(decoder.end());
          over();
        },
        error: ({ message }) => over(message),
      },
    );
    signal?.addEventListener('abort', () => {
      cancel();
      over('given up');
    });
  });
}

function messageIn(body: string): string {
  const told = JSON.parse(body) as { error?: { message?: string } };
  return told.error?.message ?? body;
}

/** `1.2 s to the first word, 35 tokens a second`. */
export function speedText({ usage, first, took }: EngineAnswer): string {
  const tokens = usage.output ?? 0;
  const writing = Math.max(1, took - first);
  const speed = (tokens * 1000) / writing;
  const told = tokens < 2 ? '' : `, ${speed < 10 ? speed.toFixed(1) : Math.round(speed)} tokens a second`;
  return `${(first / 1000).toFixed(1)} s to the first word${told}`;
}
