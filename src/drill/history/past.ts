import type { Severity } from '../../watch/incident.ts';
import type { ProductKey } from '../../watch/product.ts';

/** An outage that was told of, as a replay takes it. Times are UTC milliseconds. */
export interface PastOutage {
  title: string;
  /** `product` absent: all products of the provider. */
  products: { provider: string; product?: string }[];
  /** Models that it is limited to, as they are called in a request; none: all. */
  models: string[];
  severity: Severity;
  from: number;
  to: number;
}

/** So many answers that somebody got, within one hour, from the one that had been asked first. */
export interface PastUse {
  /** UTC milliseconds: the beginning of the hour. */
  hour: number;
  asked: ProductKey;
  answers: number;
  /** Asked in a web chat: nothing stands between that and its provider. */
  web: boolean;
}

/** `anthropic/opus`, `claude-opus-4-6`: what an incident calls a model, and what a request does, are alike if one begins with the other. */
function isModel(named: string, model: string): boolean {
  const [one, other] = [named, model].map((text) => text.toLowerCase().slice(text.lastIndexOf('/') + 1));
  return one!.startsWith(other!) || other!.startsWith(one!);
}

/** Whether an outage was one of this product, and of this model where it is limited to some. What is not known to be hit is not counted. */
export function hits(outage: PastOutage, { provider, product, model }: ProductKey): boolean {
  if (!outage.products.some((each) => each.provider === provider && (each.product === undefined || each.product === product))) return false;
  return outage.models.length === 0 || (model !== undefined && outage.models.some((named) => isModel(named, model)));
}
