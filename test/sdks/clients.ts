import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { agents, type AgentsPackage } from './clients/agents.ts';
import { anthropic } from './clients/anthropic.ts';
import type { Client } from './clients/client.ts';
import { google } from './clients/google.ts';
import { langchain, type LangChainModel } from './clients/langchain.ts';
import { mistral, type MistralPackage } from './clients/mistral.ts';
import { chatWith, openaiChat, openaiResponses, openaiResponsesKept } from './clients/openai.ts';
import { vercel, vercelAnthropic, vercelChat, vercelCompatible, vercelGoogle, vercelResponses } from './clients/vercel.ts';

/** A client library as people install it. */
export interface Sdk {
  name: string;
  dialect: DialectName;
  /** `load` gives a package that is brought on demand. */
  make(load: (name: string) => Promise<never>): Client | Promise<Client>;
  /** Cannot read calls as OpenAI streams them (a name in the first piece only), from OpenAI itself neither: no chat target streams calls to it here. */
  wholeCallsOnly?: true;
  /** Hands the results of parallel calls back in a turn each, which Gemini refuses without us, too. */
  oneCallOnly?: true;
  /** Its conversation here can demand JSON by a schema. */
  takesSchema?: true;
}

/** Packages that are not dependencies of the repository: brought on demand, versions pinned. `genai2` is the major before. */
export const PACKAGES: Readonly<Record<string, string>> = {
  genai2: 'npm:@google/genai@2.32.0',
  '@ai-sdk/open-responses': '2.0.36',
  '@langchain/anthropic': '1.5.11',
  '@langchain/core': '1.4.0',
  '@langchain/google-genai': '2.3.2',
  '@langchain/openai': '1.6.0',
  '@mistralai/mistralai': '2.7.0',
  '@openai/agents': '0.20.0',
  'groq-sdk': '1.6.0',
  zod: '4.6.7',
};

type Make = new (options: object) => never;

export const SDKS: readonly Sdk[] = [
  { name: '@anthropic-ai/sdk', dialect: 'anthropic-messages', takesSchema: true, make: () => anthropic },
  { name: 'openai chat', dialect: 'openai-chat', takesSchema: true, make: () => openaiChat },
  { name: 'openai responses', dialect: 'openai-responses', takesSchema: true, make: () => openaiResponses },
  { name: 'openai responses, kept', dialect: 'openai-responses', takesSchema: true, make: () => openaiResponsesKept },
  { name: '@google/genai 3', dialect: 'gemini', takesSchema: true, make: async () => google((await import('@google/genai')).GoogleGenAI) },
  {
    name: '@google/genai 2',
    dialect: 'gemini',
    takesSchema: true,
    make: async (load) => google(((await load('genai2')) as { GoogleGenAI: never }).GoogleGenAI),
  },
  { name: 'ai anthropic', dialect: 'anthropic-messages', make: () => vercelAnthropic },
  { name: 'ai openai responses', dialect: 'openai-responses', make: () => vercelResponses },
  { name: 'ai openai chat', dialect: 'openai-chat', make: () => vercelChat },
  { name: 'ai google', dialect: 'gemini', make: () => vercelGoogle },
  { name: 'ai openai-compatible', dialect: 'openai-chat', make: () => vercelCompatible },
  {
    name: 'ai open-responses',
    dialect: 'openai-responses',
    async make(load) {
      const { createOpenResponses } = (await load('@ai-sdk/open-responses')) as {
        createOpenResponses(options: object): (model: string) => never;
      };
      return vercel((address, apiKey, model) => createOpenResponses({ url: `${address}/v1/responses`, apiKey, name: 'understudy' })(model));
    },
  },
  {
    name: 'langchain anthropic',
    dialect: 'anthropic-messages',
    async make(load) {
      const { ChatAnthropic } = (await load('@langchain/anthropic')) as { ChatAnthropic: Make };
      return langchain(
        (anthropicApiUrl, apiKey, model): LangChainModel => new ChatAnthropic({ anthropicApiUrl, apiKey, model, maxTokens: 4096 }),
      );
    },
  },
  {
    name: 'langchain openai chat',
    dialect: 'openai-chat',
    async make(load) {
      const { ChatOpenAI } = (await load('@langchain/openai')) as { ChatOpenAI: Make };
      return langchain(
        (address, apiKey, model): LangChainModel =>
          new ChatOpenAI({ apiKey, model, useResponsesApi: false, configuration: { baseURL: `${address}/v1` } }),
      );
    },
  },
  {
    name: 'langchain openai responses',
    dialect: 'openai-responses',
    async make(load) {
      const { ChatOpenAI } = (await load('@langchain/openai')) as { ChatOpenAI: Make };
      return langchain(
        (address, apiKey, model): LangChainModel =>
          new ChatOpenAI({ apiKey, model, useResponsesApi: true, configuration: { baseURL: `${address}/v1` } }),
      );
    },
  },
  {
    name: 'langchain google-genai',
    oneCallOnly: true,
    dialect: 'gemini',
    async make(load) {
      const { ChatGoogleGenerativeAI } = (await load('@langchain/google-genai')) as { ChatGoogleGenerativeAI: Make };
      return langchain((baseUrl, apiKey, model): LangChainModel => new ChatGoogleGenerativeAI({ baseUrl, apiKey, model }));
    },
  },
  { name: '@openai/agents', dialect: 'openai-responses', make: async (load) => agents((await load('@openai/agents')) as AgentsPackage) },
  {
    name: 'groq-sdk',
    dialect: 'openai-chat',
    takesSchema: true,
    async make(load) {
      const { default: Groq } = (await load('groq-sdk')) as { default: Make };
      return chatWith((baseURL, apiKey) => new Groq({ baseURL, apiKey }), 'iterator');
    },
  },
  {
    name: '@mistralai/mistralai',
    dialect: 'openai-chat',
    wholeCallsOnly: true,
    make: async (load) => mistral((await load('@mistralai/mistralai')) as MistralPackage),
  },
];
