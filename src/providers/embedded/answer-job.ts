import { isObject } from '../../exchange/json.ts';
import type { Llama, LlamaChat, LlamaChunk, LlamaModel, LlamaSequence } from './llama-api.ts';
import type { EngineJob, FromEngine, Turn } from './messages.ts';

/** A loaded model. */
export interface Loaded {
  llama: Llama;
  model: LlamaModel;
  chat: LlamaChat;
  sequence: LlamaSequence;
  /** Tokens. */
  context: number;
}

/** Tokens of the window that stay free, so that the package never has reason to drop the conversation's beginning without a word. */
const SPARE = 8;

/** Has the model answer. Everything is told as it comes; nothing is thrown. After `gone` nothing but the end is told. */
export async function answerJob(
  loaded: Loaded,
  id: number,
  job: EngineJob,
  gone: AbortSignal,
  say: (message: FromEngine) => void,
): Promise<void> {
  const { chat, model, sequence, context } = loaded;
  const functions = Object.keys(job.functions).length > 0 ? job.functions : undefined;
  const refuse = (message: string, tooLong = false): void => say({ type: 'refused', id, tooLong, message });

  let grammar: unknown;
  try {
    grammar = job.shape === undefined ? undefined : await grammarOf(loaded.llama, job.shape);
  } catch (error) {
    return refuse(`no grammar can be made of the JSON schema: ${messageOf(error)}`);
  }
  try {
    const read = chat.chatWrapper.generateContextState({
      chatHistory: opened(job.turns),
      ...(functions && { availableFunctions: functions }),
    });
    const input = read.contextText.tokenize(model.tokenizer).length;
    const room = context - SPARE - input;
    if (room < 1)
      return refuse(
        `the question has ${input} tokens, and this model's window is ${context} as it is loaded (local.embedded: context)`,
        true,
      );
    say({ type: 'reading', id, tokens: input });

    const before = sequence.tokenMeter.getState();
    const full = new AbortController();
    const { stopReason, calls } = await generate({ loaded, job, functions, grammar, room, gone, full, tell: (chunk) => tell(chunk) });
    if (gone.aborted) return say({ type: 'broke', id, message: 'given up' });
    const after = sequence.tokenMeter.getState();
    const fresh = after.usedInputTokens - before.usedInputTokens;
    // The first token of a text is not always counted.
    const usage = { input, cached: fresh >= input - 1 ? 0 : input - fresh, output: after.usedOutputTokens - before.usedOutputTokens };
    for (const { functionName, params } of calls) say({ type: 'call', id, name: functionName, arguments: isObject(params) ? params : {} });
    say({ type: 'done', id, reason: calls.length > 0 ? 'tool-calls' : REASONS[stopReason], usage });
  } catch (error) {
    // What a question that broke has left in the window is nothing to build upon.
    await sequence.clearHistory().catch(() => undefined);
    say({ type: 'broke', id, message: gone.aborted ? 'given up' : messageOf(error) });
  }

  function tell({ text, type }: LlamaChunk): void {
    if (text !== '' && !gone.aborted) say({ type: 'text', id, text, thought: type === 'segment' });
  }
}

interface Generating {
  loaded: Loaded;
  job: EngineJob;
  functions: EngineJob['functions'] | undefined;
  grammar: unknown;
  /** Tokens that fit in behind the question. */
  room: number;
  gone: AbortSignal;
  /** Raised when the window is full all the same. */
  full: AbortController;
  tell(chunk: LlamaChunk): void;
}

type StopReason = keyof typeof REASONS;
/** `abort`: only where the window is full; of what the client gave up nobody asks for the reason. */
const REASONS = {
  eogToken: 'stop',
  stopGenerationTrigger: 'stop',
  functionCalls: 'tool-calls',
  customStopTrigger: 'stop-sequence',
  maxTokens: 'length',
  abort: 'length',
} as const;

async function generate({ loaded, job, functions, grammar, room, gone, full, tell }: Generating): Promise<{
  stopReason: StopReason;
  calls: readonly { functionName: string; params: unknown }[];
}> {
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty, stop, calls } = job;
  const answer = await loaded.chat.generateResponse(job.turns, {
    signal: AbortSignal.any([gone, full.signal]),
    stopOnAbortSignal: true,
    onResponseChunk: tell,
    maxTokens: Math.max(1, Math.min(job.maxTokens ?? room, room)),
    temperature,
    topP,
    topK,
    ...(seed !== undefined && { seed }),
    // The package punishes repetitions by itself; other servers do not unless they are asked to.
    repeatPenalty:
      presencePenalty === undefined && frequencyPenalty === undefined ? false : { penalty: 1, presencePenalty, frequencyPenalty },
    customStopTriggers: stop,
    ...(functions
      ? { functions, ...(calls !== undefined && { maxParallelFunctionCalls: calls }) }
      : grammar === undefined
        ? {}
        : { grammar }),
    contextShift: {
      size: 1,
      strategy({ chatHistory }: { chatHistory: unknown }) {
        full.abort();
        return { chatHistory };
      },
    },
  });
  return { stopReason: answer.metadata.stopReason, calls: answer.functionCalls ?? [] };
}

/** The package opens the model's turn itself where there is none; here that is wanted for counting. */
function opened(turns: readonly Turn[]): Turn[] {
  return turns.at(-1)?.type === 'model' ? [...turns] : [...turns, { type: 'model', response: [] }];
}

function grammarOf(llama: Llama, shape: NonNullable<EngineJob['shape']>): Promise<unknown> {
  return shape === 'json' ? llama.getGrammarFor('json') : llama.createGrammarForJsonSchema(shape);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
