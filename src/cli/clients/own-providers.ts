import type { Situation } from './client.ts';
import { keyIn, whatToShow, type Shown } from './credential.ts';

/** A provider that a client of many providers has built in. */
export interface OwnProvider {
  /** As the client names it. */
  name: string;
  title: string;
  /** Where the client looks for its key. */
  keyVariables: readonly string[];
  /** Appended to Understudy's origin to make this provider's base URL. */
  path: string;
  usualModel: string;
}

/** The place of a key that the client itself keeps. */
export const STORED = 'stored';

/** What the client itself keeps for a provider: a key, or a login that is nobody else's business. */
export type Kept = 'key' | 'login' | undefined;

export interface Routed {
  provider: OwnProvider;
  shown: Exclude<Shown, { type: 'none' }>;
}

/** Which of a client's providers can go through Understudy: those with a key, or for which someone answers without. Logins stay. */
export function routable(
  situation: Situation,
  providers: readonly OwnProvider[],
  kept: (name: string) => Kept,
): { routed: Routed[]; logins: OwnProvider[] } {
  const logins = providers.filter(({ name }) => kept(name) === 'login');
  const routed = providers.flatMap((provider): Routed[] => {
    if (logins.includes(provider)) return [];
    const own = keyIn(situation.environment, provider.keyVariables) ?? (kept(provider.name) === 'key' ? { place: STORED } : undefined);
    const shown = whatToShow(situation, provider.usualModel, own, false);
    return shown.type === 'none' ? [] : [{ provider, shown }];
  });
  return { routed, logins };
}

export function routedSentence(routed: readonly Routed[]): string {
  const titles = (type: Shown['type']): string =>
    routed
      .filter(({ shown }) => shown.type === type)
      .map(({ provider }) => provider.title)
      .join(', ');
  const own = titles('own');
  const others = titles('stand-in');
  return [
    ...(own === '' ? [] : [`Your keys go to their own services only (${own}).`]),
    ...(others === '' ? [] : [`Paid by the keys of Understudy’s configuration: ${others}.`]),
  ].join(' ');
}

export function loginSentence(title: string, login: OwnProvider): string {
  return `${title} is signed in to ${login.title} without a key; that login stays where it is and goes past Understudy.`;
}
