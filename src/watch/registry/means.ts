import { productNamed } from './known.ts';

/** Whether a name, as people write it, means this product (`anthropic/api`). A provider's name means all its products. */
export function means(name: string, product: string): boolean {
  const [provider] = product.split('/');
  if (name.toLowerCase() === provider || name.toLowerCase() === product) return true;
  const found = productNamed(name);
  return found.ok && `${found.value.provider}/${found.value.product}` === product;
}
