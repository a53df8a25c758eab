import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Sign, SignProblem } from '../call.ts';
import type { AskJson } from './ask-json.ts';
import type { IdentityServer } from './identity-server.ts';
import type { ProcessLock } from './process-lock.ts';
import type { Account, SignInRecord, SignInStore } from './sign-in-store.ts';
import { refreshTokens, type Tokens } from './tokens.ts';

export interface SessionParts {
  identity: IdentityServer;
  store: SignInStore;
  lock: ProcessLock;
  ask: AskJson;
  clock: Clock;
}

/** An access token that ends sooner than this is renewed first: a request that is sent now must still arrive with it. */
const MARGIN = 2 * 60_000;
const AGAIN = 'sign in again with: understudy login chatgpt';

/**
 * Shows the access token of whoever is signed in, to the one place that it is for. It is read anew for each request, so that a login or
 * logout in another terminal counts at once, and renewed by one process at a time.
 */
export function sessionSign(parts: SessionParts): Sign {
  const { identity, store, lock, clock } = parts;
  const home = new URL(identity.resource).origin;
  let renewing: Promise<Result<Tokens, SignProblem>> | undefined;
  /** Refused for good: whoever sends a used token again is taken for a thief. */
  let dead: string | undefined;
  /** Given by the server, but not on the disk: without it the sign-in would be over. */
  let unsaved: SignInRecord | undefined;

  function current(): Result<SignInRecord & { account: Account }, SignProblem> {
    if (unsaved && store.write(unsaved).ok) unsaved = undefined;
    const read = unsaved ? ok(unsaved) : store.read();
    if (!read.ok) return err({ type: 'auth', message: `the sign-in with ChatGPT: ${read.error}` });
    const { account } = read.value ?? {};
    if (!read.value || !account)
      return err({ type: 'auth', message: `nobody is signed in with ChatGPT here; ${AGAIN.replace(' again', '')}` });
    return ok({ ...read.value, account });
  }

  function isFresh({ accessUntil }: Tokens): boolean {
    return accessUntil - clock.now() > MARGIN;
  }

  async function renew(): Promise<Result<Tokens, SignProblem>> {
    const locked = await lock(async (): Promise<Result<Tokens, SignProblem>> => {
      // Another process may have done it while we waited for our turn.
      const record = current();
      if (!record.ok) return record;
      const { account, clientId } = record.value;
      const { tokens } = account;
      if (isFresh(tokens)) return ok(tokens);
      if (tokens.refresh === dead || clientId === undefined)
        return err({ type: 'auth', message: `the sign-in with ChatGPT is over; ${AGAIN}` });
      const now = clock.now();
      const next = await refreshTokens(identity, parts.ask, { refresh: tokens.refresh, clientId }, now);
      if (next.ok) {
        const renewed: SignInRecord = { ...record.value, account: { ...account, tokens: next.value, renewed: now } };
        unsaved = store.write(renewed).ok ? undefined : renewed;
        return next;
      }
      // Renewed a little early; the old one may be good for the rest of its time.
      if (next.error.type !== 'over' && tokens.accessUntil > clock.now()) return ok(tokens);
      if (next.error.type === 'transport') return err(next.error);
      if (next.error.type === 'over') dead = tokens.refresh;
      return err({ type: 'auth', message: `the sign-in with ChatGPT could not be renewed: ${next.error.message}; ${AGAIN}` });
    });
    return locked.ok ? locked.value : err({ type: 'auth', message: `the sign-in with ChatGPT could not be renewed: ${locked.error}` });
  }

  async function tokensNow(): Promise<Result<Tokens, SignProblem>> {
    const record = current();
    if (!record.ok) return record;
    const { tokens } = record.value.account;
    if (isFresh(tokens)) return ok(tokens);
    renewing ??= renew().finally(() => (renewing = undefined));
    return renewing;
  }

  return async (request) => {
    if (request.origin !== home) return err({ type: 'auth', message: `the sign-in with ChatGPT goes to ${home} only` });
    const tokens = await tokensNow();
    return tokens.ok ? ok([['authorization', `Bearer ${tokens.value.access}`]]) : tokens;
  };
}
