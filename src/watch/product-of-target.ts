import { DESK } from '../providers/desk.ts';
import type { WatchedProvider } from './plan.ts';
import type { ProductKey } from './product.ts';
import { productOfPreset } from './registry/known.ts';

/**
 * Which product answers a target (`provider/model`). A provider that no registry knows is a product of its own, `name/api`. `undefined`: a simulated
 * assistant. `provider/*` has no model.
 */
export function productOfTarget(target: string, providers: readonly WatchedProvider[]): ProductKey | undefined {
  const slash = target.indexOf('/');
  const name = target.slice(0, slash);
  const model = target.slice(slash + 1);
  if (slash < 1 || name === 'sim') return undefined;
  const configured = providers.find((provider) => provider.name === name);
  // What lies on this machine is nobody's product.
  if (!configured && name === DESK) return undefined;
  // A client's own vendor has no entry in the configuration, and the name of its preset.
  const preset = configured ? configured.preset : name;
  const product = preset === undefined ? undefined : productOfPreset(preset);
  const key = product ? { provider: product.provider, product: product.product } : { provider: name, product: 'api' };
  return model === '*' || model === '' ? key : { ...key, model };
}

/** Providers that have been asked without being configured: vendors of clients that bring their own credential. */
export function vendorInUse(target: string, providers: readonly WatchedProvider[]): WatchedProvider | undefined {
  const name = target.slice(0, target.indexOf('/'));
  if (name === '' || name === 'sim' || providers.some((provider) => provider.name === name) || !productOfPreset(name)) return undefined;
  return { name, preset: name, origin: '', local: false, probable: false };
}
