import type { Dialect } from '../dialect.ts';
import { discreet } from '../untold.ts';
import { adaptRequest } from './adapt-request.ts';
import { decodeAnswer, encodeAnswer } from './answer.ts';
import { decodeError } from './decode-error.ts';
import { decodeRequest } from './decode-request.ts';
import { decoder } from './decode-stream.ts';
import { encodeError } from './encode-error.ts';
import { encodeRequest } from './encode-request.ts';
import { encoder } from './encode-stream.ts';
import { inspect } from './inspect.ts';
import { DIALECT } from './wire.ts';

/** `POST /v1/messages` of the Anthropic API, as of November 2026. */
export const anthropicMessages: Dialect = {
  name: DIALECT,
  keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
  endpoint: () => '/v1/messages',
  inspect,
  decodeRequest,
  encodeRequest,
  adaptRequest,
  decoder,
  decodeAnswer,
  ...discreet({ encoder, encodeAnswer }),
  decodeError,
  encodeError,
  counting: {
    endpoint: () => '/v1/messages/count_tokens',
    request: (body) => body,
    read: (body) => (typeof body.input_tokens === 'number' ? body.input_tokens : undefined),
    estimate: (tokens) => ({ input_tokens: tokens, understudy_estimate: true }),
  },
};
