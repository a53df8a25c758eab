import { z } from 'zod';
import { byteSize, duration } from '../journal/units.ts';
import { accessToken, tokensProblem, tokensSettings } from './token-settings.ts';

/** Scheme, host and port as browsers write them in `Origin`: no path, no closing slash. */
const origin = z
  .string()
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/, 'an origin such as https://notes.example or chrome-extension://abc, without a path');

export const serverSettings = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address to listen on. Anything but loopback (127.0.0.1, ::1, localhost) needs a token.'),
    port: z.int().min(0).max(65_535).default(4141).describe('TCP port to listen on; 0 takes a free one.'),
    token: accessToken
      .optional()
      .describe(
        'Access token. When set, every request but GET /healthz must bear it: Authorization: Bearer, x-api-key or x-understudy-token.',
      ),
    tokens: tokensSettings.describe(
      'Access tokens of further people or programs, by name. They may ask, within their limits; the control API is for server.token alone.',
    ),
    allowedHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Further names under which clients reach this server (the Host header), such as host.docker.internal.'),
    allowedOrigins: z
      .array(origin)
      .default([])
      .describe('Web pages and extensions that may call this server (the Origin header), besides its own pages.'),
    maxBody: byteSize.prefault('64MiB').describe('Largest request body, also after decompression.'),
    inFlight: byteSize
      .prefault('512MiB')
      .describe('What all requests under way may take in memory; beyond it new ones get 503 with Retry-After.'),
    maxConnections: z.int().min(1).default(2048).describe('Most client connections at a time; further ones are closed unanswered.'),
    headersTimeout: duration.prefault('15s').describe('Longest time for a client to send its request headers.'),
    bodyTimeout: duration.prefault('2m').describe('Longest time for a client to send its request body; then 408.'),
    idleTimeout: duration.prefault('75s').describe('How long a connection without a request is kept open.'),
    keepAlive: duration.prefault('10s').describe('A streaming client that has been sent nothing for this long gets a keep-alive.'),
    slowReader: duration.prefault('5m').describe('A client that takes nothing of what waits for it for this long is dropped.'),
    closeWait: duration.prefault('30s').describe('How long answers may go on when the server is stopped; then they get an error.'),
  })
  .superRefine(({ token, tokens }, context) => {
    const message = tokensProblem(token, tokens);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['tokens'], message });
  });

export type ServerSettings = z.output<typeof serverSettings>;
