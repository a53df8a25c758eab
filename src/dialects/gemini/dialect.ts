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
import { endpoint } from './path.ts';
import { DIALECT } from './wire.ts';

/** `POST /v1beta/models/{model}:generateContent` of the Gemini API and its siblings, as of November 2026. */
export const gemini: Dialect = {
  name: DIALECT,
  endsWithConnection: true,
  wholeCalls: true,
  keepAlive,
  endpoint,
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
};
