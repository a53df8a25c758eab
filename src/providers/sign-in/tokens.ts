import type { JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { TransportError } from '../call.ts';
import { redactor } from '../credentials.ts';
import type { AskJson } from './ask-json.ts';
import { type IdentityServer, PLAN_SCOPE } from './identity-server.ts';

export interface Tokens {
  access: string;
  /** UTC milliseconds at which the access token ends. */
  accessUntil: number;
  /** Good for one use: each refresh brings the next. */
  refresh: string;
}

/** `over`: these tokens will never work again, only a new sign-in helps. */
export type TokenProblem = { type: 'over' | 'refused'; message: string } | { type: 'transport'; error: TransportError };

/** Refusals of a refresh token that no second try changes (developers.openai.com/siwc/token-sharing-open-source/errors-and-recovery). */
const FINAL = new Set([
  'invalid_grant',
  'invalid_refresh_token',
  'token_expired',
  'refresh_token_expired',
  'refresh_token_invalidated',
  'refresh_token_reused',
]);

/** Exchanges what the browser brought back. The id token has still to be checked. */
export async function exchangeCode(
  identity: IdentityServer,
  ask: AskJson,
  given: { code: string; clientId: string; verifier: string; redirectUri: string },
  now: number,
): Promise<Result<{ tokens: Tokens; idToken: string }, TokenProblem>> {
  const answer = await post(identity, ask, {
    grant_type: 'authorization_code',
    code: given.code,
    client_id: given.clientId,
    code_verifier: given.verifier,
    redirect_uri: given.redirectUri,
    resource: identity.resource,
  });
  if (!answer.ok) return answer;
  const { scope, id_token: idToken } = answer.value;
  if (typeof scope !== 'string' || !scope.split(' ').includes(PLAN_SCOPE))
    return err(refused(`your account did not grant the use of its plan (scope ${PLAN_SCOPE}); not every plan and workspace has it`));
  const tokens = readTokens(answer.value, undefined, now);
  if (!tokens || typeof idToken !== 'string') return err(refused('the identity server left out some of the tokens'));
  return ok({ tokens, idToken });
}

export async function refreshTokens(
  identity: IdentityServer,
  ask: AskJson,
  given: { refresh: string; clientId: string },
  now: number,
): Promise<Result<Tokens, TokenProblem>> {
  const answer = await post(identity, ask, {
    grant_type: 'refresh_token',
    client_id: given.clientId,
    refresh_token: given.refresh,
    resource: identity.resource,
  });
  if (!answer.ok) return answer;
  const tokens = readTokens(answer.value, given.refresh, now);
  return tokens ? ok(tokens) : err(refused('the identity server left out the access token'));
}

async function post(identity: IdentityServer, ask: AskJson, form: Record<string, string>): Promise<Result<JsonObject, TokenProblem>> {
  const answer = await ask({ url: identity.token, form });
  if (!answer.ok) return err({ type: 'transport', error: answer.error });
  const { status, json } = answer.value;
  if (status === 200 && json) return ok(json);
  const code = errorCode(json);
  // A server in trouble says nothing about the tokens.
  if (status >= 500 || status === 429)
    return err({
      type: 'transport',
      error: { symptom: 'closed', local: false, message: `${identity.issuer} answered with status ${status}` },
    });
  const hide = redactor([form['code'], form['code_verifier'], form['refresh_token']].filter((secret) => secret !== undefined));
  const said = hide(`${identity.issuer} refused it (status ${status}${code === undefined ? '' : `, ${code.slice(0, 60)}`})`);
  return err({ type: code !== undefined && FINAL.has(code) ? 'over' : 'refused', message: said });
}

/** RFC 6749 has a word; OpenAI's servers also answer with an object that has a code. */
function errorCode(json: JsonObject | undefined): string | undefined {
  const error = json?.['error'];
  if (typeof error === 'string') return error;
  const code = typeof error === 'object' && error !== null && !Array.isArray(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}

function refused(message: string): TokenProblem {
  return { type: 'refused', message };
}

function readTokens(json: JsonObject, before: string | undefined, now: number): Tokens | undefined {
  const { access_token: access, refresh_token: refresh = before, expires_in: seconds, token_type: type } = json;
  if (typeof access !== 'string' || !/^[\u0021-\u007e]+$/.test(access) || typeof refresh !== 'string') return undefined;
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer' || typeof seconds !== 'number') return undefined;
  return { access, accessUntil: now + seconds * 1000, refresh };
}
