import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { isObject, type Json, type JsonObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

export interface Expected {
  issuer: string;
  /** The id that was issued to this program. */
  audience: string;
  /** Sent with the question that the token answers. */
  nonce: string;
  /** UTC milliseconds. */
  now: number;
}

/** Who has signed in. */
export interface Person {
  subject: string;
  email?: string;
}

/** Clocks differ; in seconds. */
const SKEW = 60;

/**
 * Checks an id token as OpenID Connect Core 3.1.3.7 has it: signed with RS256 by one of the server's keys, made by it, for us, now, and in
 * answer to our question. The error says which of these does not hold.
 */
export function readIdToken(token: string, keys: readonly Json[], expected: Expected): Result<Person, string> {
  const [head, body, signature, ...more] = token.split('.');
  const header = decoded(head);
  const claims = decoded(body);
  if (!header || !claims || signature === undefined || more.length > 0) return err('the id token is no signed token');
  if (header['alg'] !== 'RS256') return err(`the id token is signed with ${String(header['alg'])}, not with RS256`);
  if (!isSigned(`${head}.${body}`, signature, header['kid'], keys)) return err('the signature of the id token is not of its issuer');

  const { iss, aud, azp, exp, iat, nonce, sub, email } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  const now = expected.now / 1000;
  if (iss !== expected.issuer) return err('the id token was made by somebody else');
  if (!audiences.includes(expected.audience) || ((audiences.length > 1 || azp !== undefined) && azp !== expected.audience))
    return err('the id token is meant for another program');
  if (typeof exp !== 'number' || exp <= now - SKEW) return err('the id token has expired; check this machine’s clock');
  if (typeof iat !== 'number' || iat > now + SKEW) return err('the id token comes from the future; check this machine’s clock');
  if (nonce !== expected.nonce) return err('the id token answers another sign-in');
  if (typeof sub !== 'string' || sub === '') return err('the id token does not say who has signed in');
  return ok(typeof email === 'string' ? { subject: sub, email } : { subject: sub });
}

function decoded(part: string | undefined): JsonObject | undefined {
  return part === undefined ? undefined : parseObject(Buffer.from(part, 'base64url').toString('utf8'));
}

function isSigned(text: string, signature: string, kid: Json | undefined, keys: readonly Json[]): boolean {
  return keys.some((key) => {
    if (!isObject(key) || key['kty'] !== 'RSA' || (kid !== undefined && key['kid'] !== kid)) return false;
    if (key['use'] !== undefined && key['use'] !== 'sig') return false;
    try {
      const publicKey = createPublicKey({ key: key as JsonWebKeyInput['key'], format: 'jwk' });
      return verify('RSA-SHA256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'));
    } catch {
      // A key that cannot be read has signed nothing.
      return false;
    }
  });
}
