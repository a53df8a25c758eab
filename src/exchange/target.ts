import type { DialectName } from './dialect-name.ts';

/** A provider, a model and a credential: what answers, and what a breaker is keyed on. */
export interface Target {
  /** Name of the provider in the configuration. */
  provider: string;
  /** Model name as sent to the provider. */
  model: string;
  /** Label of the credential, never the credential: `key`, `client`, `none`. */
  credential: string;
  dialect: DialectName;
  /** Vendor family; reasoning and opaque parts are only accepted by the vendor that made them. */
  vendor: string;
}

/** The key under which a target's health is kept: `provider/model#credential`. */
export function targetKey(target: Target): string {
  return `${target.provider}/${target.model}#${target.credential}`;
}

/** How a target is named to people and in `x-understudy-target`: `provider/model`. */
export function targetName(target: Target): string {
  return `${target.provider}/${target.model}`;
}
