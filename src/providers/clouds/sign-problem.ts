import type { SignProblem } from '../call.ts';
import { transportError } from '../transport-error.ts';

/** Nobody who makes credentials could be reached: no fault of the credentials. */
const UNREACHED = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']);
/** Longest part of a library's words that is passed on. */
const LONGEST = 300;

/** What a credential library's failure means. `advice`: what to do where no credential was found. */
export function signProblem(service: string, cause: unknown, advice: string): SignProblem {
  const failed = unreached(cause);
  if (failed) {
    const error = transportError(failed, false);
    return { type: 'transport', error: { ...error, message: `no credentials for ${service}: ${error.message}` } };
  }
  return { type: 'auth', message: `no credentials for ${service}: ${words(cause)}. ${advice}` };
}

function unreached(cause: unknown): Error | undefined {
  let error = cause;
  for (let depth = 0; error instanceof Error && depth < 8; depth++) {
    if ('code' in error && typeof error.code === 'string' && UNREACHED.has(error.code)) return error;
    error = hasErrors(error) ? error.errors[0] : error.cause;
  }
  return undefined;
}

/** The first lines; where several ways were tried, the first one's reason says the most. Servers' whole answers stand further down. */
function words(cause: unknown): string {
  const said = hasErrors(cause) ? cause.errors[0] : cause;
  const text = (said instanceof Error ? said.message : String(said)).split('\n', 1)[0]!.trim().replace(/\.+$/, '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** As @azure/identity has it in errors of its own. */
function hasErrors(cause: unknown): cause is { errors: unknown[] } {
  return cause instanceof Error && 'errors' in cause && Array.isArray(cause.errors) && cause.errors.length > 0;
}
