import { readFileSync } from 'node:fs';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { isObject, type JsonObject } from '../exchange/json.ts';
import type { SdkService } from './bridge/load-sdk.ts';
import type { ConnectionSettings } from './http-call.ts';
import { expandHome } from './home-folder.ts';
import { knownModels } from './known-models.ts';
import type { Provider } from './provider.ts';
import type { Environment } from './proxy-choice.ts';
import { type Fail, resolveOne } from './resolve-one.ts';
import type { ProviderSettings, ProvidersSettings } from './settings.ts';

export interface ResolveContext {
  environment: Environment;
  /** What `~` stands for. */
  home: string;
  platform: NodeJS.Platform;
}

export interface ProviderProblem {
  provider: string;
  /** The setting at fault; empty for the provider as a whole. */
  field: keyof ProviderSettings | '';
  /** What is wrong and what to do. */
  message: string;
}

export interface Resolved {
  providers: Provider[];
  /** Every secret among the settings, for the redactor. */
  secrets: string[];
  /** How origins are reached, for `createCall`. */
  connections: ReadonlyMap<string, ConnectionSettings>;
  /** Services that a package of the AI SDK speaks to, by name. */
  services: ReadonlyMap<string, SdkService>;
  /** What was mended or is worth knowing. */
  notices: string[];
}

/** Presets, settings and keys become providers; or every problem there is, never only the first. Reads key and certificate files. */
export function resolveProviders(settings: ProvidersSettings, context: ResolveContext): Result<Resolved, ProviderProblem[]> {
  const problems: ProviderProblem[] = [];
  const find = knownModels();
  const connections = new Map<string, ConnectionSettings>();
  const services = new Map<string, SdkService>();
  const resolved = { providers: [] as Provider[], secrets: [] as string[], connections, services, notices: [] as string[] };
  for (const [name, one] of Object.entries(settings)) {
    const fail: Fail = (field, message) => {
      problems.push({ provider: name, field, message });
      return undefined;
    };
    const provider = resolveOne(name, one, context, find, resolved, fail);
    if (!provider) continue;
    resolved.providers.push(provider);
    if (one.sdk !== undefined) {
      services.set(name, { package: one.sdk, options: one.options ?? {} });
      resolved.secrets.push(...secretOptions(one.options ?? {}));
      continue;
    }
    for (const { credential } of provider.accounts ?? [provider]) if (credential.type === 'key') resolved.secrets.push(credential.value);
    for (const [header, value] of Object.entries(provider.headers)) {
      if (isSecretHeader(header)) resolved.secrets.push(value.replace(/^\w+ +/, ''));
    }
    for (const origin of originsOf(provider)) connect(one, origin, context, connections, fail);
  }
  return problems.length > 0 ? err(problems) : ok(resolved);
}

/** Whether a header's value is nobody's business, going by its name. */
export function isSecretHeader(name: string): boolean {
  return /auth|key|token|secret|cookie|password|credential/i.test(name);
}

/** Keys and the like among the options of a package. */
export function secretOptions(options: JsonObject): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (isObject(value)) return secretOptions(value);
    return typeof value === 'string' && isSecretHeader(name) ? [value] : [];
  });
}

/** Where a provider is asked, in any of its dialects. */
function originsOf(provider: Provider): Set<string> {
  return new Set([provider, ...(provider.faces?.values() ?? [])].map(({ baseUrl }) => new URL(baseUrl).origin));
}

function connect(
  settings: ProviderSettings,
  origin: string,
  context: ResolveContext,
  connections: Map<string, ConnectionSettings>,
  fail: Fail,
): void {
  if (settings.proxy === undefined && settings.ca === undefined) return;
  const connection: ConnectionSettings = {};
  if (settings.proxy !== undefined) {
    const proxy = settings.proxy;
    if (proxy !== 'off' && !(URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol))) {
      return fail('proxy', `must be off or the URL of an HTTP proxy, such as http://127.0.0.1:3128`);
    }
    connection.proxy = proxy;
  }
  if (settings.ca !== undefined) {
    const path = expandHome(settings.ca, context.home);
    try {
      connection.ca = readFileSync(path, 'utf8');
    } catch {
      return fail('ca', `${path} cannot be read; give the path of a PEM file`);
    }
    if (!connection.ca.includes('-----BEGIN CERTIFICATE-----'))
      return fail('ca', `${path} holds no PEM certificate (-----BEGIN CERTIFICATE-----)`);
  }
  const other = connections.get(origin);
  if (other && (other.proxy !== connection.proxy || other.ca !== connection.ca)) {
    return fail(settings.proxy === undefined ? 'ca' : 'proxy', `another provider at ${origin} has it otherwise; give both the same`);
  }
  connections.set(origin, connection);
}
