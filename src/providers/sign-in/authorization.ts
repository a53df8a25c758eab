import { createHash } from 'node:crypto';
import type { Random } from '../../exchange/ids.ts';
import { AGENT_NAME, FIRST_CLIENT, type IdentityServer, SCOPES } from './identity-server.ts';

/** The secrets of one sign-in. */
export interface Attempt {
  state: string;
  nonce: string;
  /** RFC 7636; only its hash travels before the code is exchanged. */
  verifier: string;
}

export function newAttempt(random: Random): Attempt {
  const secret = (): string => Buffer.from(random(new Uint8Array(32))).toString('base64url');
  return { state: secret(), nonce: secret(), verifier: secret() };
}

export interface Registration {
  /** `urn:uuid:…`, the same for all sign-ins of this installation. */
  installation: string;
  /** Issued at the first sign-in, and used ever after. */
  clientId?: string;
  /** Who signed in last. */
  email?: string;
}

/** The page where the user agrees. */
export function authorizationUrl(identity: IdentityServer, known: Registration, attempt: Attempt, redirectUri: string): string {
  const url = new URL(identity.authorize);
  const parameters = {
    response_type: 'code',
    client_id: known.clientId ?? FIRST_CLIENT,
    ext_agent_host_id: known.installation,
    ...(known.clientId === undefined ? { agent_name_hint: AGENT_NAME } : {}),
    ...(known.email === undefined ? {} : { login_hint: known.email }),
    redirect_uri: redirectUri,
    scope: SCOPES,
    resource: identity.resource,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
