import { readFileSync } from 'node:fs';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { checkBaseUrl } from './base-url.ts';
import type { KeyScheme, Preset } from './catalogue/preset.ts';
import { findPreset, presets, vendorOfDialect } from './catalogue.ts';
import { keyCredential, readKeyFile } from './credentials.ts';
import type { ConnectionSettings } from './http-call.ts';
import { expandHome } from './home-folder.ts';
import { globMatcher } from './glob.ts';
import { factsOf } from './model-facts.ts';
import type { Credential, Provider } from './provider.ts';
import type { Environment } from './proxy-choice.ts';
import { isLoopback } from './proxy-choice.ts';
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
  /** What was mended or is worth knowing. */
  notices: string[];
}

type Fail = (field: ProviderProblem['field'], message: string) => undefined;

/** Presets, settings and keys become providers; or every problem there is, never only the first. Reads key and certificate files. */
export function resolveProviders(settings: ProvidersSettings, context: ResolveContext): Result<Resolved, ProviderProblem[]> {
  const problems: ProviderProblem[] = [];
  const connections = new Map<string, ConnectionSettings>();
  const resolved = { providers: [] as Provider[], secrets: [] as string[], connections, notices: [] as string[] };
  for (const [name, one] of Object.entries(settings)) {
    const fail: Fail = (field, message) => {
      problems.push({ provider: name, field, message });
      return undefined;
    };
    const provider = resolveOne(name, one, context, resolved, fail);
    if (!provider) continue;
    resolved.providers.push(provider);
    if (provider.credential.type === 'key') resolved.secrets.push(provider.credential.value);
    for (const [header, value] of Object.entries(provider.headers)) {
      if (isSecretHeader(header)) resolved.secrets.push(value.replace(/^\w+ +/, ''));
    }
    connect(one, provider, context, connections, fail);
  }
  return problems.length > 0 ? err(problems) : ok(resolved);
}

/** Whether a header's value is nobody's business, going by its name. */
export function isSecretHeader(name: string): boolean {
  return /auth|key|token|secret|cookie|password|credential/i.test(name);
}

function resolveOne(
  name: string,
  settings: ProviderSettings,
  context: ResolveContext,
  out: { notices: string[] },
  fail: Fail,
): Provider | undefined {
  const preset = findPreset(settings.preset ?? name);
  if (settings.preset !== undefined && !preset) {
    return fail('preset', `there is no preset «${settings.preset}»; known: ${presets.map((one) => one.name).join(', ')}`);
  }
  const dialect = settings.dialect ?? preset?.dialect;
  if (!dialect || (!preset && settings.baseUrl === undefined)) {
    const missing = [dialect ? '' : 'dialect (anthropic-messages or openai-chat)', settings.baseUrl === undefined ? 'baseUrl' : ''];
    const known = presets.map((one) => one.name).join(', ');
    return fail(
      '',
      `«${name}» is no known service: give it ${missing.filter((what) => what !== '').join(' and ')}, or a preset (${known})`,
    );
  }
  if (preset && dialect !== preset.dialect && settings.baseUrl === undefined) {
    return fail('dialect', `${preset.title} is known here by its ${preset.dialect} address only; set baseUrl to its ${dialect} one`);
  }
  let baseUrl = preset?.baseUrl ?? '';
  if (settings.baseUrl !== undefined) {
    const checked = checkBaseUrl(settings.baseUrl, dialect);
    if (!checked.ok) return fail('baseUrl', checked.error);
    baseUrl = checked.value.url;
    if (checked.value.mended !== undefined) out.notices.push(`${name}: ${checked.value.mended}`);
  }
  const credential = credentialOf(settings, preset, dialect, baseUrl, context, fail);
  const headers = settings.headers ?? {};
  const bad = Object.entries(headers).find(
    ([header, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(header) || /[^\t\u0020-\u00ff]|\u007f/.test(value),
  );
  if (bad) fail('headers', `«${bad[0]}» has characters that a header must not have`);
  if (!credential || bad) return undefined;
  if (baseUrl.startsWith('http:') && credential.type !== 'none' && !isLoopback(hostOf(baseUrl))) {
    out.notices.push(`${name}: the key goes to ${baseUrl} unencrypted; use https unless that is your own network`);
  }
  const vendor = preset?.vendor ?? name;
  const models = settings.models ?? preset?.models;
  return Object.freeze({
    name,
    dialect,
    baseUrl,
    vendor,
    credential,
    headers,
    local: settings.local ?? (preset?.local === true || isLoopback(hostOf(baseUrl))),
    models: models === undefined ? undefined : [...models],
    offers: offersOf(models),
    facts: factsOf({ vendor, dialect, quirks: preset?.quirks ?? {}, overrides: settings.facts ?? {} }),
  });
}

/**
 * The key: from the settings, a file, or the preset's environment variables. A variable's key goes only to the service that it
 * is named after, and so does a client's own, unless the settings say so in words.
 */
function credentialOf(
  settings: ProviderSettings,
  preset: Preset | undefined,
  dialect: Provider['dialect'],
  baseUrl: string,
  context: ResolveContext,
  fail: Fail,
): Credential | undefined {
  const { auth, apiKey, keyFile } = settings;
  if (apiKey !== undefined && keyFile !== undefined) return fail('keyFile', 'apiKey is set too; keep one of the two');
  if (auth === 'none' || auth === 'client') {
    if (apiKey !== undefined || keyFile !== undefined) return fail('auth', `is ${auth}, yet there is a key; take one of them out`);
    if (auth === 'none') return { type: 'none' };
    const vendor = vendorOfDialect(dialect);
    if (preset?.vendor === vendor) return { type: 'client' };
    return fail('auth', `client: a client's own credential goes only to the vendor of its dialect (${vendor}); set apiKey instead`);
  }
  const scheme: KeyScheme = auth ?? preset?.scheme ?? (dialect === 'anthropic-messages' ? 'x-api-key' : 'bearer');
  if (apiKey !== undefined) {
    if (apiKey.trim() === '') return fail('apiKey', 'is empty; give the key, or take the setting out');
    if (/[^\u0021-\u007e]/.test(apiKey)) return fail('apiKey', 'has spaces, line breaks or other characters that no key has');
    return keyCredential(apiKey, scheme);
  }
  if (keyFile !== undefined) {
    const key = readKeyFile(expandHome(keyFile, context.home), context.platform);
    return key.ok ? keyCredential(key.value, scheme) : fail('keyFile', key.error);
  }
  if (!preset || preset.local) return { type: 'none' };
  if (new URL(baseUrl).origin !== new URL(preset.baseUrl).origin) {
    if (isLoopback(hostOf(baseUrl))) return { type: 'none' };
    return fail(
      'apiKey',
      `is missing: baseUrl is not ${preset.title}'s own, so no key is sent there unasked; set apiKey, or auth: client or none`,
    );
  }
  const found = preset.keyVariables.map((variable) => context.environment[variable]?.trim()).find((key) => key !== undefined && key !== '');
  if (found !== undefined) return keyCredential(found, scheme);
  if (preset.vendor === vendorOfDialect(dialect)) return { type: 'client' };
  return fail('apiKey', `is missing: set ${preset.keyVariables.join(' or ')}, apiKey or keyFile; keys are made at ${preset.keyPage}`);
}

function connect(
  settings: ProviderSettings,
  provider: Provider,
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
  const { origin } = new URL(provider.baseUrl);
  const other = connections.get(origin);
  if (other && (other.proxy !== connection.proxy || other.ca !== connection.ca)) {
    return fail(settings.proxy === undefined ? 'ca' : 'proxy', `another provider at ${origin} has it otherwise; give both the same`);
  }
  connections.set(origin, connection);
}

/** By globs over model names. */
function offersOf(models: readonly string[] | undefined): Provider['offers'] {
  const matchers = models?.map(globMatcher);
  return (model) => matchers === undefined || matchers.some((matches) => matches(model));
}

function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
}
