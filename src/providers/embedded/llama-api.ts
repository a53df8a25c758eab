import type { JsonObject } from '../../exchange/json.ts';
import type { EngineJob, Turn } from './messages.ts';

/** What is used of node-llama-cpp 3.21.1, by its own type declarations. The package is not there when this is compiled. */
export interface LlamaPackage {
  getLlama(options: object): Promise<Llama>;
  LlamaChat: new (options: { contextSequence: LlamaSequence }) => LlamaChat;
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: JsonObject): Promise<unknown>;
  getGrammarFor(type: 'json'): Promise<unknown>;
}

export interface LlamaModel {
  readonly tokenizer: unknown;
  createContext(options: { contextSize: number; sequences: 1; threads?: number }): Promise<LlamaContext>;
}

export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
}

export interface LlamaSequence {
  readonly tokenMeter: { getState(): TokenCount };
  clearHistory(): Promise<void>;
}

export interface TokenCount {
  usedInputTokens: number;
  usedOutputTokens: number;
}

export interface LlamaChat {
  readonly chatWrapper: {
    generateContextState(options: { chatHistory: readonly Turn[]; availableFunctions?: EngineJob['functions'] }): {
      contextText: { tokenize(tokenizer: unknown): readonly unknown[] };
    };
  };
  generateResponse(history: readonly Turn[], options: object): Promise<LlamaAnswer>;
}

export interface LlamaAnswer {
  functionCalls?: readonly { functionName: string; params: unknown }[];
  metadata: { stopReason: 'eogToken' | 'stopGenerationTrigger' | 'functionCalls' | 'maxTokens' | 'abort' | 'customStopTrigger' };
}

export interface LlamaChunk {
  text: string;
  type: 'segment' | undefined;
}
