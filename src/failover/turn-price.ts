import type { Provider } from '../providers/provider.ts';
import { turnCost } from './cost.ts';
import type { RouteTarget } from './route.ts';

/** Tokens of a coding agent's turn, late in its session: its whole history goes along each time (issue 4, point 7). */
export const AGENT_TURN = 150_000;

/** What an agent's turn would cost at a target that has nothing of it in its cache, in dollars; nothing where the price is not known. */
export function turnPrice(provider: Provider | undefined, model: string): number | undefined {
  const price = provider?.facts(model).price;
  return price && turnCost(price, AGENT_TURN);
}

/** Of a route's targets with names and known prices, in order. */
export function turnPrices(
  targets: readonly RouteTarget[],
  providerOf: (name: string, model: string) => Provider | undefined,
): { target: string; dollars: number }[] {
  return targets.flatMap(({ provider, model }) => {
    const dollars = model === '*' ? undefined : turnPrice(providerOf(provider, model), model);
    return dollars === undefined ? [] : [{ target: `${provider}/${model}`, dollars }];
  });
}

/** `$0.75`; what is less than half a cent is said so. */
export function dollarsText(dollars: number): string {
  return dollars > 0 && dollars < 0.005 ? 'less than $0.01' : `$${dollars.toFixed(2)}`;
}
