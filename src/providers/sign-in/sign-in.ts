import type { Random } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { authorizationUrl, newAttempt } from './authorization.ts';
import { listenForCallback } from './callback-listener.ts';
import { readIdToken } from './id-token.ts';
import { discover } from './identity-server.ts';
import type { SessionParts } from './session.ts';
import type { Account, SignInRecord, SignInStore } from './sign-in-store.ts';
import { exchangeCode } from './tokens.ts';

export interface SignInParts extends SessionParts {
  random: Random;
  /** Shows the page to the user; called once. */
  openPage(url: string): void;
  /** 1455, as developers.openai.com/siwc has it; any free port does where it is taken. */
  port: number;
  /** Aborted when the user gives up. */
  signal?: AbortSignal;
}

export interface SignedIn {
  account: Account;
  kept: 'keychain' | 'file';
}

/** Milliseconds for a person to sign in. */
const PATIENCE = 10 * 60_000;

/** Signs a person in by their browser: loopback callback, PKCE, state and nonce, the id token checked; then keeps the tokens. The error is a clause for people. */
export async function signIn(parts: SignInParts): Promise<Result<SignedIn, string>> {
  const { identity, store, ask, clock, signal } = parts;
  const read = store.read();
  if (!read.ok) return read;
  const known: SignInRecord = read.value ?? { installation: `urn:uuid:${newUuid(parts.random)}` };
  // The installation's name is for good, also when this attempt comes to nothing.
  if (!read.value) {
    const noted = await kept(parts, known);
    if (!noted.ok) return noted;
  }

  const attempt = newAttempt(parts.random);
  const { state, nonce, verifier } = attempt;
  const listener = await listenForCallback({ state, issuer: identity.issuer, preferredPort: parts.port, clock, patience: PATIENCE });
  if (!listener.ok) return listener;
  const { redirectUri, callback, close } = listener.value;
  signal?.addEventListener('abort', close);
  if (signal?.aborted) close();
  else parts.openPage(authorizationUrl(identity, known, attempt, redirectUri));
  const back = await callback;
  close();
  signal?.removeEventListener('abort', close);
  if (!back.ok) return back;

  const clientId = back.value.clientId ?? known.clientId;
  if (clientId === undefined) return err('the identity server issued no id to this program');
  if (known.clientId !== undefined && clientId !== known.clientId) return err('the answer is for another program than this one');
  const exchanged = await exchangeCode(identity, ask, { code: back.value.code, clientId, verifier, redirectUri }, clock.now());
  if (!exchanged.ok) return err(exchanged.error.type === 'transport' ? exchanged.error.error.message : exchanged.error.message);
  const { tokens, idToken } = exchanged.value;

  const discovered = await discover(identity, ask);
  if (!discovered.ok) return discovered;
  const keys = await ask({ url: discovered.value.keysUrl });
  const listed = keys.ok ? keys.value.json?.['keys'] : undefined;
  if (!Array.isArray(listed)) return err('the keys of the identity server could not be read');
  const person = readIdToken(idToken, listed, { issuer: identity.issuer, audience: clientId, nonce, now: clock.now() });
  if (!person.ok) return person;
  if (known.account && known.account.subject !== person.value.subject)
    return err('this is another account than the one that is signed in; sign that one out first: understudy logout chatgpt');

  const account: Account = { ...person.value, tokens, renewed: clock.now() };
  const { email } = person.value;
  const record: SignInRecord = { installation: known.installation, clientId, account, ...(email !== undefined && { email }) };
  const place = await kept(parts, record);
  return place.ok ? ok({ account, kept: place.value }) : place;
}

async function kept({ lock, store }: SignInParts, record: SignInRecord): Promise<ReturnType<SignInStore['write']>> {
  const locked = await lock(async () => store.write(record));
  return locked.ok ? locked.value : locked;
}

/** RFC 9562, version 4. */
function newUuid(random: Random): string {
  const bytes = Buffer.from(random(new Uint8Array(16)));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
