import type { DialectName } from '../exchange/dialect-name.ts';
import { BRIDGE_SCHEME } from './bridge/scheme.ts';
import { checkBaseUrl } from './base-url.ts';
import { addressIn, type Preset } from './catalogue/preset.ts';
import { findPreset, presets, vendorOfDialect } from './catalogue.ts';
import { credentialOf, furtherCredentials, isOwnAddress } from './credential-of.ts';
import { DIALECTS } from './dialect-names.ts';
import { nameInCloud } from './clouds/names.ts';
import { hostingOf, type Place, placed } from './clouds/place.ts';
import { globMatcher } from './glob.ts';
import type { FindKnown } from './known-models.ts';
import { factsOf } from './model-facts.ts';
import type { Provider } from './provider.ts';
import { hostOf, isLoopback } from './proxy-choice.ts';
import type { ResolveContext } from './resolve.ts';
import type { ProviderSettings } from './settings.ts';

/** Tells of a problem with a setting (or, with an empty name, with the provider as a whole). */
export type Fail = (field: keyof ProviderSettings | '', message: string) => undefined;

/** What making one provider needs. */
export interface Resolving {
  name: string;
  settings: ProviderSettings;
  preset: Preset | undefined;
  /** For clouds. */
  place: Place | undefined;
  context: ResolveContext;
  find: FindKnown;
  notice(text: string): void;
  fail: Fail;
}

/** One provider of the configuration in all its dialects; nothing where a problem was told of. */
export function resolveOne(
  name: string,
  settings: ProviderSettings,
  context: ResolveContext,
  find: FindKnown,
  out: { notices: string[] },
  fail: Fail,
): Provider | undefined {
  if (settings.sdk !== undefined) return bridged(name, settings, find, fail);
  const named = findPreset(settings.preset ?? name);
  if (settings.preset !== undefined && !named) {
    return fail('preset', `there is no preset «${settings.preset}»; known: ${presets.map((one) => one.name).join(', ')}`);
  }
  const located = named && placed(named, settings, context, fail);
  if (named && !located) return undefined;
  const preset = located?.preset;
  const dialect = settings.dialect ?? preset?.dialect;
  if (!dialect || (!preset && settings.baseUrl === undefined)) {
    const missing = [dialect ? '' : `dialect (${DIALECTS.join(', ')})`, settings.baseUrl === undefined ? 'baseUrl' : ''];
    const known = presets.map((one) => one.name).join(', ');
    return fail(
      '',
      `«${name}» is no known service: give it ${missing.filter((what) => what !== '').join(' and ')}, or a preset (${known})`,
    );
  }
  const documented = preset && addressIn(preset, dialect);
  if (preset && !documented && settings.baseUrl === undefined) {
    return fail('dialect', `${preset.title} is not known here to speak ${dialect}; set baseUrl to its ${dialect} address`);
  }
  const bad = Object.entries(settings.headers ?? {}).find(
    ([header, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(header) || /[^\t\u0020-\u00ff]|\u007f/.test(value),
  );
  if (bad) return fail('headers', `«${bad[0]}» has characters that a header must not have`);

  const notice = (text: string): void => {
    // Dialects at the same address have the same to say.
    if (!out.notices.includes(`${name}: ${text}`)) out.notices.push(`${name}: ${text}`);
  };
  const one: Resolving = { name, settings, preset, place: located?.place, context, find, notice, fail };
  const baseUrl = settings.baseUrl === undefined ? documented?.baseUrl : checkedUrl(one, 'baseUrl', settings.baseUrl, dialect);
  const main = baseUrl === undefined ? undefined : speaking(one, dialect, baseUrl);
  const faces = main && facesOf(one, main);
  if (!main || !faces) return undefined;
  return Object.freeze(faces.size === 0 ? main : { ...main, faces });
}

/** A service behind a package of the AI SDK: to everybody else it speaks chat (bridge/bridge-call.ts). */
function bridged(name: string, settings: ProviderSettings, find: FindKnown, fail: Fail): Provider | undefined {
  for (const field of ['preset', 'dialect', 'baseUrl', 'also', 'apiKey', 'apiKeys', 'keyFile', 'auth', 'headers', 'proxy', 'ca'] as const) {
    if (settings[field] !== undefined) return fail(field, `does not go with sdk: what ${settings.sdk} needs stands under options`);
  }
  const dialect = 'openai-chat';
  return Object.freeze({
    name,
    dialect,
    baseUrl: `${BRIDGE_SCHEME}${name}`,
    vendor: name,
    credential: { type: 'none' as const },
    ...(settings.concurrency !== undefined && { concurrency: settings.concurrency }),
    headers: {},
    local: settings.local ?? false,
    models: settings.models,
    offers: offersOf(settings.models),
    facts: factsOf({ vendor: name, api: undefined, host: undefined, dialect, quirks: {}, overrides: settings.facts ?? {}, find }),
  });
}

/** The service in one of its dialects. */
function speaking(one: Resolving, dialect: DialectName, baseUrl: string): Provider | undefined {
  const { name, settings, preset } = one;
  const credential = credentialOf(one, dialect, baseUrl);
  if (!credential) return undefined;
  if (baseUrl.startsWith('http:') && credential.type !== 'none' && !isLoopback(hostOf(baseUrl))) {
    one.notice(`the key goes to ${baseUrl} unencrypted; use https unless that is your own network`);
  }
  const identity = credential.type === 'identity';
  const hosting = preset && one.place && hostingOf(preset, dialect, { baseUrl, place: one.place, identity, settings });
  const nameOf = preset && one.place && nameInCloud(preset, one.place, one.find);
  const vendor = preset?.vendor ?? name;
  const models = settings.models ?? preset?.models;
  const provider: Provider = {
    name,
    ...(preset ? { preset: preset.name } : {}),
    dialect,
    baseUrl,
    vendor,
    credential,
    ...(settings.concurrency !== undefined && { concurrency: settings.concurrency }),
    headers: settings.headers ?? {},
    local: settings.local ?? (preset?.local === true || isLoopback(hostOf(baseUrl))),
    ...(preset?.local === true && { computesHere: true }),
    models: models === undefined ? undefined : [...models],
    offers: offersOf(models),
    facts: factsOf({
      vendor,
      api: preset?.api,
      host: preset?.list,
      dialect,
      quirks: preset?.quirks ?? {},
      overrides: settings.facts ?? {},
      find: one.find,
    }),
    ...(dialect === 'openai-responses' && preset?.keepsResponses && isOwnAddress(preset, baseUrl) ? { keepsResponses: true } : {}),
    ...(hosting ? { hosting } : {}),
    ...(nameOf ? { nameOf } : {}),
  };
  const credentials = furtherCredentials(one, credential);
  if (!credentials || credentials.length === 0) return credentials && provider;
  return { ...provider, accounts: credentials.map((each) => Object.freeze({ ...provider, credential: each })) };
}

/** The same service in its further dialects: those that the settings name, and those that its preset documents for the address in use. */
function facesOf(one: Resolving, main: Provider): Map<DialectName, Provider> | undefined {
  const written = one.settings.also ?? {};
  if (written[main.dialect] !== undefined) return one.fail('also', `${main.dialect} is its own dialect already; that address is baseUrl`);
  const faces = new Map<DialectName, Provider>();
  for (const dialect of DIALECTS) {
    if (dialect === main.dialect) continue;
    const said = written[dialect];
    const baseUrl = said === undefined ? documentedFace(one, main, dialect) : checkedUrl(one, 'also', said, dialect);
    if (baseUrl === undefined && said === undefined) continue;
    const face = baseUrl === undefined ? undefined : speaking(one, dialect, baseUrl);
    if (!face) return undefined;
    faces.set(dialect, Object.freeze(face));
  }
  return faces;
}

/** Where a preset has a further dialect. Under a base URL of the settings only one that is at the very same address (OpenAI's two) is known to be there. */
function documentedFace({ settings, preset }: Resolving, main: Provider, dialect: DialectName): string | undefined {
  const address = preset && addressIn(preset, dialect);
  if (!address) return undefined;
  // A client's own credential goes to the vendor of its dialect alone: in any other dialect there would be none.
  if (main.credential.type === 'client' && preset.vendor !== vendorOfDialect(dialect)) return undefined;
  if (settings.baseUrl === undefined) return address.baseUrl;
  return settings.dialect === undefined && address.baseUrl === addressIn(preset, main.dialect)?.baseUrl ? main.baseUrl : undefined;
}

function checkedUrl(one: Resolving, field: 'baseUrl' | 'also', text: string, dialect: DialectName): string | undefined {
  const checked = checkBaseUrl(text, dialect);
  if (!checked.ok) return one.fail(field, field === 'also' ? `${dialect}: ${checked.error}` : checked.error);
  if (checked.value.mended !== undefined) one.notice(checked.value.mended);
  return checked.value.url;
}

/** By globs over model names. */
function offersOf(models: readonly string[] | undefined): Provider['offers'] {
  const matchers = models?.map(globMatcher);
  return (model) => matchers === undefined || matchers.some((matches) => matches(model));
}
