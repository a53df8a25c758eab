import { join } from 'node:path';
import type { Clock } from '../../exchange/clock.ts';
import type { Call, Sign } from '../call.ts';
import { jsonAsker } from './ask-json.ts';
import type { IdentityServer } from './identity-server.ts';
import { openKeychain } from './keychain.ts';
import { processLock } from './process-lock.ts';
import { type SessionParts, sessionSign } from './session.ts';
import { signInStore } from './sign-in-store.ts';

export interface SignInPlace {
  /** The user's config folder. */
  folder: string;
  platform: NodeJS.Platform;
  identity: IdentityServer;
  call: Call;
  clock: Clock;
}

/** The sign-in with ChatGPT that this machine's user has, or may have. */
export async function openSignIn({ folder, platform, identity, call, clock }: SignInPlace): Promise<SessionParts> {
  const file = join(folder, 'sign-in-chatgpt.json');
  // By its file, so that another config folder is another sign-in in the keychain too.
  const store = signInStore(file, platform, await openKeychain(`chatgpt ${file}`));
  return { identity, store, lock: processLock(`${file}.lock`, clock), ask: jsonAsker(call, clock), clock };
}

/** Opened by the first request: most installations have no such account. */
export function signWhenAsked(place: SignInPlace): Sign {
  let opened: Promise<Sign> | undefined;
  return async (request) => {
    opened ??= openSignIn(place).then(sessionSign);
    return (await opened)(request);
  };
}
