import { parseProductKey } from './product.ts';
import { means } from './registry/means.ts';
import { isIll, type Judgement, type Scope } from './verdict.ts';

/** In which state of a product a runbook is of use. `over`: it is well again. */
export type RunbookVerdict = 'degraded' | 'down' | 'over';

/** A runbook as far as the watch has to know it: when it is to be pointed at. Its text is somebody else's (src/offline/runbooks). */
export interface RunbookHint {
  /** By which it is opened: `claude-api-down`. */
  name: string;
  title: string;
  /** As people call them; `everything`: all that is known of is down. None: any. */
  products: string[];
  verdicts: RunbookVerdict[];
  /** None: any. */
  scopes: Scope[];
}

/** What it is about: a product (`anthropic/api`), how it is, and whose fault it is. */
export interface Trouble {
  product: string;
  verdict: RunbookVerdict;
  scope?: Scope;
}

/** Says that all is down, as a product in a runbook's front matter. */
export const EVERYTHING = 'everything';
/** Pointed at in one alert or under one product: more would be a list, not help. */
const MOST = 2;

/** Runbooks for this trouble, those first that say most exactly when they are of use. Those that fit at any time are not pointed at. */
export function fittingRunbooks(hints: readonly RunbookHint[], troubles: readonly Trouble[], everything: boolean): RunbookHint[] {
  return hints
    .map((hint) => ({ hint, rank: Math.max(0, ...troubles.map((trouble) => rankOf(hint, trouble, everything))) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((one, other) => other.rank - one.rank || (one.hint.name < other.hint.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ hint }) => hint);
}

/** What of a board is trouble. */
export function troublesOf(judgements: readonly Pick<Judgement, 'key' | 'verdict' | 'scope'>[]): Trouble[] {
  return judgements.flatMap(({ key, verdict, scope }): Trouble[] => {
    const product = parseProductKey(key);
    if (!product || !isIll(verdict) || (verdict !== 'down' && verdict !== 'degraded')) return [];
    return [{ product: `${product.provider}/${product.product}`, verdict, ...(scope !== undefined && { scope }) }];
  });
}

/** Several providers are known of, and none of them is anything but down. */
export function isEverythingDown(judgements: readonly Pick<Judgement, 'key' | 'verdict'>[]): boolean {
  const whole = judgements.filter(({ key, verdict }) => parseProductKey(key)?.model === undefined && verdict !== 'unknown');
  const providers = new Set(whole.map(({ key }) => key.split('/')[0]));
  return providers.size > 1 && whole.every(({ verdict }) => verdict === 'down');
}

/** 0: it does not fit. What names an account or a network says more than what names a product, and that more than a provider. */
function rankOf({ products, verdicts, scopes }: RunbookHint, { product, verdict, scope }: Trouble, everything: boolean): number {
  if (products.length === 0 && scopes.length === 0 && !verdicts.includes('over')) return 0;
  if (!verdicts.includes(verdict)) return 0;
  if (scopes.length > 0 && (scope === undefined || !scopes.includes(scope))) return 0;
  if (products.length === 1 && products[0]!.toLowerCase() === EVERYTHING) return everything ? 8 : 0;
  const named = products.filter((name) => means(name, product));
  if (products.length > 0 && named.length === 0) return 0;
  const isExact = named.some((name) => name.toLowerCase() !== product.split('/')[0]);
  return 1 + (scopes.length > 0 ? 4 : 0) + (named.length > 0 ? 1 : 0) + (isExact ? 1 : 0);
}
