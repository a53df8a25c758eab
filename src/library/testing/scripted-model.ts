import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Clock } from '../../exchange/clock.ts';

/** What a scripted model does next. `close`: the stream ends without a word; `hang`: nothing comes any more. */
export type Step = LanguageModelV4StreamPart | { wait: number } | { cut: unknown } | 'close' | 'hang';

export interface ScriptedModel extends LanguageModelV4 {
  calls: LanguageModelV4CallOptions[];
  /** Streams that whoever read them gave up. */
  cancelled: number;
}

/** A provider whose every part is written by hand. `answer`: of the `turn`th call (from 1); what it throws the call is rejected with. */
export function scriptedModel(
  provider: string,
  clock: Clock,
  answer: (options: LanguageModelV4CallOptions, turn: number) => Step[],
  modelId = 'm',
): ScriptedModel {
  const model: ScriptedModel = {
    specificationVersion: 'v4',
    provider,
    modelId,
    supportedUrls: {},
    calls: [],
    cancelled: 0,
    doGenerate: () => Promise.reject(new Error('models are asked for streams')),
    doStream(options) {
      model.calls.push(options);
      let steps: Step[];
      try {
        steps = answer(options, model.calls.length);
      } catch (error) {
        return Promise.reject(error as Error);
      }
      let next = 0;
      const stream = new ReadableStream<LanguageModelV4StreamPart>({
        async pull(controller) {
          const step = steps[next++];
          if (step === undefined || step === 'close') return controller.close();
          if (step === 'hang') return new Promise(() => undefined);
          if ('cut' in step) return controller.error(step.cut);
          if ('type' in step) return controller.enqueue(step);
          await new Promise<void>((done) => {
            clock.after(step.wait, done);
          });
          const after = steps[next++];
          if (after !== undefined && typeof after === 'object' && 'type' in after) controller.enqueue(after);
          else controller.close();
        },
        cancel() {
          model.cancelled += 1;
        },
      });
      return Promise.resolve({ stream });
    },
  };
  return model;
}

export const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
};

/** The beginning, a text in these pieces, and the end. */
export function said(pieces: readonly string[], id = '0'): LanguageModelV4StreamPart[] {
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'answer', modelId: 'm' },
    { type: 'text-start', id },
    ...pieces.map((delta) => ({ type: 'text-delta' as const, id, delta })),
    { type: 'text-end', id },
    finished('stop'),
  ];
}

export function finished(unified: 'stop' | 'tool-calls' | 'length' | 'interrupted'): LanguageModelV4StreamPart {
  return { type: 'finish', finishReason: { unified, raw: unified }, usage: USAGE };
}
