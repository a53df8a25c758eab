import type { Dialect } from '../dialect.ts';
import { discreet } from '../untold.ts';
import { adaptRequest } from './adapt-request.ts';
import { counting } from './counting.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeError } from './decode-error.ts';
import { decodeRequest } from './decode-request.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encodeError } from './encode-error.ts';
import { encodeRequest } from './encode-request.ts';
import { encoder, keepAlive } from './encode-stream.ts';
import { inspect } from './inspect.ts';
import { resume } from './resume.ts';

/** OpenAI's Responses, as OpenAI and the services that are compatible with it speak them. The base URL carries `/v1`. */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  keepAlive,
  endpoint: () => '/responses',
  inspect,
  decodeRequest,
  encodeRequest,
  adaptRequest,
  decoder,
  decodeAnswer,
  ...discreet({ encoder, encodeAnswer }),
  decodeError,
  encodeError,
  counting,
  resume,
};
