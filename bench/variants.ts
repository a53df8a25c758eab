import { DIALECTS, type BenchDialect } from './wire.ts';

/** A proxy to measure: how it is started. `{port}`, `{upstream}`, `{config}` and `{data}` in the command are filled in. */
export interface Variant {
  name: string;
  command: string[];
  environment?: Record<string, string>;
  /** Contents of the file whose path is `{config}`. */
  config?: (upstream: string) => string;
}

const START = ['{node}', 'src/main.ts', 'start', '--config', '{config}', '--port', '{port}', '--data', '{data}'];

export const RAW: Variant = { name: 'raw', command: ['{node}', 'bench/raw-proxy.ts', '{port}', '{upstream}'] };

/** What an official SDK of each dialect takes as its base URL, behind the origin. */
const BASES: Record<BenchDialect, string> = { 'anthropic-messages': '', 'openai-chat': '/v1', 'openai-responses': '/v1', gemini: '' };

/**
 * What a variant of Understudy changes: lines of YAML for its routes, and more of the file. A provider for each dialect, for the
 * models whose names begin with it.
 */
function config(route: string, more: string): NonNullable<Variant['config']> {
  return (upstream) => {
    const providers = DIALECTS.map((name) => `  ${name}: { dialect: ${name}, baseUrl: "${upstream}${BASES[name]}", apiKey: bench }`);
    const routes = DIALECTS.map((name) => `  ${name}-*: { targets: ["${name}/*"]${route} }`);
    return `providers:\n${providers.join('\n')}\nroutes:\n${routes.join('\n')}\n${more}`;
  };
}

/** All that can be named by `--variants`. The first after `raw` is the product as it is used: everything on. */
export const VARIANTS: Variant[] = [
  RAW,
  { name: 'understudy', command: START, config: config('', '') },
  // The cost of a feature is the difference to `understudy`.
  { name: 'no answer log', command: START, config: config(', save: off', '') },
  { name: 'no continuation', command: START, config: config('', 'failover: { continuation: off }\n') },
];

/** `name=command with {port}`; words are split at blanks. */
export function variantOf(text: string): Variant {
  const split = text.indexOf('=');
  if (split < 1) throw new Error(`--variant takes name=command, for example: other='node other.js {port} {upstream}'; got: ${text}`);
  return {
    name: text.slice(0, split),
    command: text
      .slice(split + 1)
      .split(/\s+/)
      .filter(Boolean),
    config: config('', ''),
  };
}
