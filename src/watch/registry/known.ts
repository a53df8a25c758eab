import { distance } from '../../archive/search/lexicon.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { parseProductKey, type Product, type ProductKey } from '../product.ts';
import { PRODUCTS } from './products.ts';

/** Names that are offered for one that is not known. */
const OFFERED = 3;

type Key = Pick<ProductKey, 'provider' | 'product'>;

/**
 * What somebody types: `claude.ai`, `claude code`, `https://chatgpt.com/`, `openai/api`, `openai/api/gpt-5.6`. The error is what it may have meant,
 * likeliest first, as it can be typed.
 */
export function productNamed(text: string): Result<Product, string[]> {
  const name = plain(text);
  const key = parseProductKey(name);
  const known = (key && productOf(key)) ?? PRODUCTS.find((product) => namesOf(product).some((each) => plain(each) === name));
  return known ? ok(known) : err(like(name));
}

export function productOf({ provider, product }: Key): Product | undefined {
  return PRODUCTS.find((each) => each.provider === provider && each.product === product);
}

/** Which product answers the requests of a preset (providers/catalogue). */
export function productOfPreset(preset: string): Product | undefined {
  return PRODUCTS.find(({ presets }) => presets.includes(preset));
}

/** `Claude API`; with a model `claude-opus-4-6 (Claude API)`; of what is not known, its key. */
export function productTitle({ provider, product, model }: ProductKey): string {
  const title = productOf({ provider, product })?.title ?? `${provider}/${product}`;
  return model === undefined ? title : `${model} (${title})`;
}

function namesOf({ provider, product, title, aliases }: Product): string[] {
  return [`${provider}/${product}`, title, ...aliases];
}

/** Lower case, one blank where there are blanks, without what an address has around its host. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/(?:www\.)?([^/?#]+).*$/, '$1')
    .replace(/^www\./, '')
    .replaceAll(/\s+/g, ' ');
}

/** Of each product the name that is most like it: mistyped by at most a third, or beginning with it, or the other products of its provider. */
function like(name: string): string[] {
  if (name === '' || name.length > 64) return [];
  const provider = /^([^/ ]+)\//.exec(name)?.[1];
  return PRODUCTS.flatMap((product) => {
    const best = namesOf(product)
      .map((each) => ({ each, away: away(name, plain(each)) }))
      .reduce((least, next) => (next.away < least.away ? next : least));
    if (best.away < Infinity) return [{ name: shown(product), away: best.away }];
    return product.provider === provider ? [{ name: `${product.provider}/${product.product}`, away: name.length }] : [];
  })
    .toSorted((one, other) => one.away - other.away)
    .slice(0, OFFERED)
    .map((each) => each.name);
}

function away(typed: string, known: string): number {
  if (typed.length >= 3 && known.startsWith(typed)) return 0.5;
  const letters = distance(Array.from(typed), Array.from(known));
  return letters <= Math.max(1, Math.floor(typed.length / 3)) ? letters : Infinity;
}

function shown({ provider, product, aliases }: Product): string {
  return aliases[0] ?? `${provider}/${product}`;
}
