import { err, ok, type Result } from '../../exchange/result.ts';
import { discover } from './identity-server.ts';
import type { SessionParts } from './session.ts';

/** `nobody`: nobody was signed in. `revoked`: the server has been told; `kept-there`: it could not be, `why` says so. */
export type SignedOut = { type: 'nobody' } | { type: 'revoked' } | { type: 'kept-there'; why: string };

/** Forgets the tokens, here in any case, and tells the server where it can be told. The program's issued id stays for the next sign-in. */
export async function signOut({ identity, store, lock, ask }: Omit<SessionParts, 'clock'>): Promise<Result<SignedOut, string>> {
  const done = await lock(async (): Promise<Result<SignedOut, string>> => {
    const read = store.read();
    if (!read.ok) return read;
    if (!read.value?.account) return ok({ type: 'nobody' });
    const { account, installation, clientId } = read.value;
    const written = store.write(clientId === undefined ? { installation } : { installation, clientId });
    if (!written.ok) return written;
    const found = await discover(identity, ask);
    const url = found.ok ? found.value.revokeUrl : undefined;
    if (url === undefined || clientId === undefined)
      return ok({ type: 'kept-there', why: found.ok ? 'the server has no address for that' : found.error });
    const form = { token: account.tokens.refresh, token_type_hint: 'refresh_token', client_id: clientId };
    const answer = await ask({ url, form });
    if (!answer.ok) return ok({ type: 'kept-there', why: answer.error.message });
    const { status } = answer.value;
    return ok(status === 200 ? { type: 'revoked' } : { type: 'kept-there', why: `the server answered with status ${status}` });
  });
  return done.ok ? done.value : err(done.error);
}
