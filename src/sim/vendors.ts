import type { JsonObject } from '../exchange/json.ts';
import type { Answer } from './answer.ts';
import type { Asked, SimDialect } from './asked.ts';
import type { VendorError } from './errors.ts';
import type { Scene } from './scene.ts';
import { strictAnthropic } from './strict/anthropic.ts';
import { strictGemini } from './strict/gemini.ts';
import { strictOpenai } from './strict/openai.ts';
import { strictResponses } from './strict/responses.ts';
import { anthropicScene } from './wire/anthropic-messages.ts';
import { geminiScene } from './wire/gemini.ts';
import { chatScene } from './wire/openai-chat.ts';
import { responsesScene } from './wire/openai-responses.ts';
import type { WireContext } from './wire/pace.ts';
import { readAnthropic } from './wire/read-anthropic.ts';
import { readChat } from './wire/read-chat.ts';
import { readGemini } from './wire/read-gemini.ts';
import { readResponses } from './wire/read-responses.ts';

/** What the simulated service behind one dialect does with a request. */
export interface Vendor {
  /** `size`: length of the body; `path`: with its query. */
  read(body: JsonObject, size: number, path: string): Asked;
  write(answer: Answer, asked: Asked, context: WireContext): Scene;
  /** What the real service would refuse. */
  strict(body: JsonObject, path: string): VendorError | undefined;
  /** What it says of a body that is no JSON. */
  notJson: string;
  /** The answer to a request that is to be counted only. */
  counted(tokens: number): JsonObject;
}

const OPENAI_NOT_JSON = 'We could not parse the JSON body of your request.';

export const VENDORS: Record<SimDialect, Vendor> = {
  'anthropic-messages': {
    read: readAnthropic,
    write: anthropicScene,
    strict: strictAnthropic,
    notJson: 'The request body is not valid JSON',
    counted: (tokens) => ({ input_tokens: tokens }),
  },
  'openai-chat': {
    read: readChat,
    write: chatScene,
    strict: strictOpenai,
    notJson: OPENAI_NOT_JSON,
    counted: (tokens) => ({ input_tokens: tokens }),
  },
  'openai-responses': {
    read: readResponses,
    write: responsesScene,
    strict: strictResponses,
    notJson: OPENAI_NOT_JSON,
    counted: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  },
  gemini: {
    read: readGemini,
    write: geminiScene,
    strict: strictGemini,
    notJson: 'Invalid JSON payload received. Unexpected end of string.',
    counted: (tokens) => ({ totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }),
  },
};
