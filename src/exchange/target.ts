import type { DialectName } from './dialect-name.ts';

/** A provider, a model and a credential: what answers, and what a breaker is keyed on. */
export interface Target {
  /** Name of the provider in the configuration. */
  provider: string;
  /** Model name as sent to the provider. */
  model: string;
  /** Label of the credential, never the credential: `key`, `client`, `none`; `key 1`, `key 2` where a provider has several. */
  credential: string;
  dialect: DialectName;
  /** Vendor family; reasoning and opaque parts are only accepted by the vendor that made them. */
  vendor: string;
}

/** A target as one account knows it: `provider/model#credential`. What is about the account is kept under it. */
export function targetKey(target: Target): string {
  return `${target.provider}/${target.model}#${target.credential}`;
}

/** How a target is named to people and in `x-understudy-target`: `provider/model`. */
export function targetName(target: Target): string {
  return `${target.provider}/${target.model}`;
}

const ONE_OF_KEYS = /^key \d+$/;

/** The key under which a target's health is kept: an outage is the same for all keys of a provider. */
export function serviceKey(target: Target): string {
  return ONE_OF_KEYS.test(target.credential) ? `${targetName(target)}#key` : targetKey(target);
}

/** As `targetName`, with the account where there are several: `provider/model (key 2)`. */
export function accountName(target: Target): string {
  return ONE_OF_KEYS.test(target.credential) ? `${targetName(target)} (${target.credential})` : targetName(target);
}
