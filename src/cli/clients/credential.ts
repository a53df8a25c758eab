import { STAND_IN } from '../../providers/subscription.ts';
import { isLoopback } from '../../server/access.ts';
import type { Situation } from './client.ts';

/** What a client shows to Understudy. */
export type Shown =
  /** The user's own key, in a variable that the client reads or wherever the client has it (`place`). */
  | { type: 'own'; place: string; value?: string }
  /** A word that is no key: others answer, with keys of Understudy's configuration. */
  | { type: 'stand-in'; value: string }
  | { type: 'none' };

/** Nothing is set: the client shows the login of its own plan, as its user has agreed to. */
export interface LoginShown {
  type: 'login';
}

/**
 * The user's own key where there is one for this vendor, else a stand-in where someone answers without. `foreign` says that
 * the keys found are for another service: they are never shown to this vendor. `signedIn`: it works by itself, with a login of its own; a model that
 * happens to be on this machine is then no reason to go past that.
 */
export function whatToShow(
  situation: Pick<Situation, 'answersWithoutKey' | 'answersHereAlone' | 'token'>,
  model: string,
  own: { place: string; value?: string } | undefined,
  foreign: boolean,
  signedIn = false,
): Shown {
  if (own !== undefined && !foreign) return { type: 'own', ...own };
  if (signedIn && situation.answersHereAlone(model)) return { type: 'none' };
  if (situation.answersWithoutKey(model)) return { type: 'stand-in', value: situation.token ?? STAND_IN };
  return { type: 'none' };
}

/** The first of these variables that has a value. */
export function keyIn(environment: Situation['environment'], variables: readonly string[]): { place: string; value: string } | undefined {
  for (const variable of variables) {
    const value = environment[variable]?.trim();
    if (value !== undefined && value !== '') return { place: variable, value };
  }
  return undefined;
}

/** Whether a base URL that was set before leads to someone else than the vendor: then the keys beside it are for that service. */
export function leadsElsewhere(baseUrl: string | undefined, vendorHost: string): boolean {
  if (baseUrl === undefined || baseUrl.trim() === '') return false;
  if (!URL.canParse(baseUrl)) return true;
  const { hostname } = new URL(baseUrl);
  // An Understudy, or another local gateway, that the user's key was meant to go through to the vendor.
  return hostname !== vendorHost && !isLoopback(hostname);
}

/** In whose hands the key is, for the lines before the start. */
export function keySentence(shown: Exclude<Shown, { type: 'none' }> | LoginShown, vendor: string): string {
  switch (shown.type) {
    case 'own':
      return `Your key (${shown.place}) goes to ${vendor} only.`;
    case 'stand-in':
      return 'No key of yours is shown to anybody: who answers has one in Understudy’s configuration, or needs none.';
    case 'login':
      return `Your own login goes along to ${vendor}, untouched and to nobody else, as you have agreed to.`;
  }
}
