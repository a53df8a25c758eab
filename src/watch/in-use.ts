import { modelsInUse } from './models-in-use.ts';
import type { StatusPage } from './page.ts';
import type { WatchedProvider, WatchPlan } from './plan.ts';
import { pagesInUse } from './poll/pages-in-use.ts';
import type { ProductKey } from './product.ts';
import { productOfTarget, vendorInUse } from './product-of-target.ts';
import { productNamed, productOfPreset } from './registry/known.ts';
import { PAGES } from './registry/pages.ts';
import { PRODUCTS } from './registry/products.ts';
import { isIll, type Judgement } from './verdict.ts';

/** What is in use, and so may be watched: as configured, and as it was asked since. */
export interface WhatIsInUse {
  apply(plan: WatchPlan): void;
  /** A target (`provider/model`) was asked. True: something is in use that was not before. */
  asked(target: string): boolean;
  /** Somebody asks about these. True: one of them was not watched before, and is from now on. */
  wanted(products: readonly ProductKey[]): boolean;
  productOf(target: string): ProductKey | undefined;
  /** Keys of products: `anthropic/api`. */
  products(): string[];
  pages(): StatusPage[];
  /** Pages of products that are in trouble. */
  pagesOfIll(judgements: readonly Judgement[]): string[];
  /** Those of the routes that name a model, and those that were asked. */
  targets(): string[];
  /** Origins (`https://api.openai.com`) that are asked anyway. */
  origins(): string[];
  /** Targets of what is in trouble, but for an account's own. */
  suspects(judgements: readonly Judgement[]): string[];
}

/** Names that were asked; more than these nobody suspects. */
const MOST_TARGETS = 300;

export function whatIsInUse(initial: WatchPlan, detected: () => readonly StatusPage[], now: () => number): WhatIsInUse {
  let plan = initial;
  const models = modelsInUse(now);
  /** Vendors of clients that brought their own credential. */
  const vendors = new Map<string, WatchedProvider>();
  const targets = new Map<string, ProductKey>();
  /** Products that somebody has asked about since the start. */
  const questions = new Set<string>();

  function providers(): WatchedProvider[] {
    return plan.settings.enabled ? [...plan.providers, ...vendors.values()] : [];
  }

  function pages(): StatusPage[] {
    if (!plan.settings.enabled) return [];
    const registry = { products: PRODUCTS, pages: PAGES, productNamed };
    const named = [...plan.settings.products, ...questions];
    const routed = exactTargets().flatMap((target) => productOf(target) ?? []);
    const inUse = { providers: providers(), named, own: detected(), models: models.all(routed) };
    return pagesInUse(inUse, registry).map(({ page }) => page);
  }

  function productOf(target: string): ProductKey | undefined {
    return productOfTarget(target, plan.providers);
  }

  function whatIs(): string[] {
    const own = providers().map(({ name, preset }) => {
      const product = preset === undefined ? undefined : productOfPreset(preset);
      return product ? `${product.provider}/${product.product}` : `${name}/api`;
    });
    const named = [...plan.settings.products, ...questions].flatMap((text) => {
      const found = productNamed(text);
      return found.ok ? [`${found.value.provider}/${found.value.product}`] : [];
    });
    const covered = plan.settings.enabled
      ? detected().flatMap(({ covers }) => covers.map(({ provider, product }) => `${provider}/${product}`))
      : [];
    return plan.settings.enabled ? [...new Set([...own, ...named, ...covered])] : [];
  }

  function exactTargets(): string[] {
    return plan.routes.flatMap((route) => route.targets).filter((target) => !target.endsWith('/*'));
  }

  function allTargets(): string[] {
    return [...new Set([...exactTargets(), ...targets.keys()])];
  }

  function illProducts(judgements: readonly Judgement[]): Set<string> {
    return new Set(judgements.flatMap(({ key, verdict }) => (isIll(verdict) ? [productKey(key)] : [])));
  }

  return {
    apply: (wanted) => void (plan = wanted),
    asked(target) {
      const key = productOf(target);
      if (!key) return false;
      targets.delete(target);
      targets.set(target, key);
      if (targets.size > MOST_TARGETS) targets.delete(targets.keys().next().value!);
      const vendor = plan.settings.enabled ? vendorInUse(target, providers()) : undefined;
      if (vendor) vendors.set(vendor.name, vendor);
      const isOther = models.asked(key) && pages().some(({ family }) => family === 'openrouter-uptime');
      return vendor !== undefined || isOther;
    },
    wanted(products) {
      const known = new Set(whatIs());
      const fresh = products.map(({ provider, product }) => `${provider}/${product}`).filter((key) => !known.has(key));
      for (const key of fresh) questions.add(key);
      return fresh.length > 0;
    },
    productOf,
    products: whatIs,
    pages,
    targets: allTargets,
    origins() {
      const outside = providers().flatMap(({ origin, local }) => (local || !URL.canParse(origin) ? [] : [origin]));
      return [...new Set([...outside, ...pages().map(({ url }) => new URL(url).origin)])];
    },
    pagesOfIll(judgements) {
      const ill = illProducts(judgements);
      return pages().flatMap(({ id, covers }) => (covers.some(({ provider, product }) => ill.has(`${provider}/${product}`)) ? [id] : []));
    },
    suspects(judgements) {
      const ill = new Set(judgements.flatMap(({ key, verdict, scope }) => (isIll(verdict) && scope !== 'account' ? [key] : [])));
      return allTargets().filter((target) => {
        const key = productOf(target);
        if (!key) return false;
        const product = `${key.provider}/${key.product}`;
        // Of a product whose trouble is one model's, that model alone is suspected.
        const isWhole = judgements.some((judgement) => judgement.key === product && ill.has(product) && judgement.scope !== 'model');
        return isWhole || ill.has(`${product}/${key.model}`);
      });
    },
  };
}

function productKey(key: string): string {
  return key.split('/').slice(0, 2).join('/');
}
