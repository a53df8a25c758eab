import { type Cause, isAtLeast, modelsOf, productsOf } from './cause.ts';
import type { AlertRule } from './settings.ts';

/** `Claude` or `claude.ai` or `anthropic`: does this name mean that product (`anthropic/chat`)? */
export type Means = (name: string, product: string) => boolean;

/** Who is told of it: names of channels, each once. */
export function channelsFor(cause: Cause, rules: readonly AlertRule[], means: Means): string[] {
  return [...new Set(rules.filter((rule) => fits(cause, rule, means)).flatMap(({ channels }) => channels))];
}

function fits(cause: Cause, rule: AlertRule, means: Means): boolean {
  const products = productsOf(cause);
  if (rule.products.length > 0 && !rule.products.some((name) => products.some((product) => means(name, product)))) return false;
  if (rule.models.length > 0 && !isAbout(modelsOf(cause), rule)) return false;
  return isBadEnough(cause, rule);
}

/** What names no model is about all models of its product; so it counts where the rule says which product it means. */
function isAbout(models: readonly string[], rule: AlertRule): boolean {
  if (models.length === 0) return rule.products.length > 0;
  return models.some((model) => rule.models.some((pattern) => matches(pattern, model)));
}

function isBadEnough(cause: Cause, { verdict, severity, maintenance }: AlertRule): boolean {
  if (cause.type === 'judged') return verdict === 'degraded' || (verdict === 'down' && cause.verdict === 'down');
  if (cause.kind === 'maintenance') return maintenance;
  return severity !== 'never' && isAtLeast(cause.severity, severity);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(text);
}
