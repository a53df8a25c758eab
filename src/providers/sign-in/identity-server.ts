import type { JsonObject } from '../../exchange/json.ts';
import type { Result } from '../../exchange/result.ts';
import { err, ok } from '../../exchange/result.ts';
import type { AskJson } from './ask-json.ts';

/** Where a person signs in, and what a program may then use. */
export interface IdentityServer {
  issuer: string;
  authorize: string;
  token: string;
  /** What the access token is for: the base URL of requests, and the only place that sees the token. */
  resource: string;
}

/** Sign in with ChatGPT for open-source and local programs: developers.openai.com/siwc/token-sharing-open-source, read 2026-11-22. */
export const OPENAI_IDENTITY: IdentityServer = {
  issuer: 'https://auth.openai.com',
  authorize: 'https://auth.openai.com/api/accounts/authorize',
  token: 'https://auth.openai.com/api/accounts/oauth/token',
  resource: 'https://api.openai.com/v1',
};

/** Without this among the granted scopes the plan is not to be used (same source). */
export const PLAN_SCOPE = 'chatgpt.tokens.use.direct';
export const SCOPES = `openid profile email offline_access resource.invoke ${PLAN_SCOPE}`;
/** Stands for a program until it has been issued an id of its own. */
export const FIRST_CLIENT = 'dynamic_agent_client';
/** How the program is called where the user agrees. */
export const AGENT_NAME = 'Understudy';

/** What the server says of itself (OpenID Connect Discovery). */
export interface Discovered {
  keysUrl: string;
  /** RFC 7009; not every server has it. */
  revokeUrl?: string;
}

export async function discover(identity: IdentityServer, ask: AskJson): Promise<Result<Discovered, string>> {
  const url = `${identity.issuer}/.well-known/openid-configuration`;
  const answer = await ask({ url });
  if (!answer.ok) return err(answer.error.message);
  const { status, json } = answer.value;
  if (status !== 200 || json === undefined) return err(`${url} answered with status ${status}`);
  if (json['issuer'] !== identity.issuer) return err(`${url} speaks for another issuer`);
  const keysUrl = ownUrl(json, 'jwks_uri', identity);
  if (keysUrl === undefined) return err(`${url} names no keys of its own`);
  const revokeUrl = ownUrl(json, 'revocation_endpoint', identity);
  return ok(revokeUrl === undefined ? { keysUrl } : { keysUrl, revokeUrl });
}

/** Nothing that a token or a key's trust hangs on is taken from elsewhere. */
function ownUrl(json: JsonObject, field: string, { issuer }: IdentityServer): string | undefined {
  const url = json[field];
  return typeof url === 'string' && URL.canParse(url) && new URL(url).origin === new URL(issuer).origin ? url : undefined;
}
