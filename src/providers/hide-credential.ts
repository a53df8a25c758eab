import type { Headers } from '../dialects/dialect.ts';
import type { UpstreamHandler, UpstreamRequest } from './call.ts';
import { redactor } from './credentials.ts';
import { isSecretHeader } from './resolve.ts';

/** Shorter ones are words like `test`, as in `redactor`. */
const SHORTEST_SECRET = 6;
/** A secret in base 64 and percent-encoded is at most so many times as long. */
const LONGEST_FORM = 4;

/**
 * Some services quote the key that they refuse. It must not travel on from there to a client, a log or the journal, so it is
 * taken out of headers, and out of bodies under an error status. Answers stay as they are: a model may be asked about a key.
 */
export function hideCredential(request: Pick<UpstreamRequest, 'headers'>, handler: UpstreamHandler): UpstreamHandler {
  const secrets = secretsOf(request);
  if (secrets.length === 0) return handler;
  const kept = Math.max(...secrets.map((secret) => secret.length)) * LONGEST_FORM;
  let redact: ((text: string) => string) | undefined;
  let rest = '';

  return {
    headers(status, headers) {
      if (status >= 400) redact = redactor(secrets);
      handler.headers(status, withoutSecrets(headers, secrets));
    },
    data(chunk) {
      if (!redact) return handler.data(chunk);
      // What is half of a key may be at the end, so the end waits for what follows. Latin 1 has a character for every byte.
      const text = redact(rest + chunk.toString('latin1'));
      const ready = Math.max(0, text.length - kept);
      rest = text.slice(ready);
      if (ready > 0) handler.data(Buffer.from(text.slice(0, ready), 'latin1'));
    },
    end() {
      if (rest !== '') handler.data(Buffer.from(rest, 'latin1'));
      handler.end();
    },
    error: (error) => handler.error(error),
  };
}

/** The same for an error that was found under status 200, in a stream or a body. */
export function withoutCredential(request: Pick<UpstreamRequest, 'headers'>, text: string): string {
  return redactor(secretsOf(request))(text);
}

function secretsOf(request: Pick<UpstreamRequest, 'headers'>): string[] {
  return request.headers
    .filter(([name]) => isSecretHeader(name))
    .map(([, value]) => value.replace(/^\w+ +/, ''))
    .filter((value) => value.length >= SHORTEST_SECRET);
}

function withoutSecrets(headers: Headers, secrets: readonly string[]): Headers {
  const found = Object.values(headers).some((value) => secrets.some((secret) => value?.includes(secret)));
  if (!found) return headers;
  const redact = redactor(secrets);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === undefined ? undefined : redact(value)]));
}
