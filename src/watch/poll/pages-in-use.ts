import type { Result } from '../../exchange/result.ts';
import type { StatusPage } from '../page.ts';
import type { WatchedProvider } from '../plan.ts';
import type { Product } from '../product.ts';
import { uptimeFeed } from '../registry/openrouter-models.ts';

/** What is in use and what there is to know. */
export interface InUse {
  providers: readonly WatchedProvider[];
  /** Named in the configuration (`watch.products`), as people call them. */
  named: readonly string[];
  /** Pages of the user's own (`watch.pages`). */
  own: readonly StatusPage[];
  /** What a reseller is asked about, as it names them; none: the page's own choice. */
  models?: readonly string[];
}

export interface Registry {
  products: readonly Product[];
  pages: readonly StatusPage[];
  /** What a user types for it. */
  productNamed(text: string): Result<Key, unknown>;
}

export interface PageInUse {
  page: StatusPage;
  /** Why it is asked, in words: `provider anthropic is in use`. */
  reason: string;
}

/** `https://bedrock-runtime.us-east-1.amazonaws.com` */
const AWS_REGION = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com|api\.aws)$/;

type Key = Pick<Product, 'provider' | 'product'>;

/**
 * The pages that may be asked, and no others: the promise that nothing goes out but to providers in use and to their own pages is kept here.
 * Providers' pages come first, in the providers' order, then what was named, then a user's own.
 */
export function pagesInUse({ providers, named, own, models = [] }: InUse, registry: Registry): PageInUse[] {
  const reasons = new Map<StatusPage, string[]>();
  const add = (page: StatusPage, reason: string): void => {
    const known = reasons.get(page);
    if (!known) reasons.set(page, [reason]);
    else if (!known.includes(reason)) known.push(reason);
  };
  for (const provider of providers) {
    for (const key of productsOf(provider, registry)) {
      for (const page of pagesOf(key, registry)) add(page, `provider ${provider.name} is in use`);
    }
  }
  for (const text of named) {
    const product = registry.productNamed(text);
    for (const page of product.ok ? pagesOf(product.value, registry) : []) add(page, `watch.products names ${text}`);
  }
  for (const page of own) add(page, `watch.pages names ${page.id}`);
  // A user's own description of a page takes the place of ours.
  const taken = new Set(own.map(({ id }) => id));
  return [...reasons]
    .filter(([page]) => own.includes(page) || !taken.has(page.id))
    .map(([page, all]) => ({ page: ofModels(inRegions(page, providers), models), reason: all.join('; ') }));
}

function productsOf({ preset, local }: WatchedProvider, { products }: Registry): Key[] {
  return preset === undefined || local ? [] : products.filter(({ presets }) => presets.includes(preset));
}

/** A reseller's page about another's product is the reseller's: it is asked where the reseller itself is in use. */
function pagesOf(key: Key, { pages }: Registry): StatusPage[] {
  return pages.filter((page) =>
    page.family === 'openrouter-uptime' ? key.provider === 'openrouter' : page.covers.some((covered) => isSame(covered, key)),
  );
}

/** Of a page with a feed for each region of a cloud, those of the regions in use: others neither concern anybody here nor are asked. */
function inRegions(page: StatusPage, providers: readonly WatchedProvider[]): StatusPage {
  const regions = providers.flatMap(({ origin }) => AWS_REGION.exec(origin)?.[1] ?? []);
  const feeds = page.feeds?.filter((feed) => regions.some((region) => feed.includes(region))) ?? [];
  return feeds.length > 0 ? { ...page, feeds } : page;
}

/** Of a reseller's page with a feed for each model, those of the models in use. */
function ofModels(page: StatusPage, models: readonly string[]): StatusPage {
  return page.family === 'openrouter-uptime' && models.length > 0 ? { ...page, feeds: models.map(uptimeFeed) } : page;
}

function isSame(one: Key, other: Key): boolean {
  return one.provider === other.provider && one.product === other.product;
}
