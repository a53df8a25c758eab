import type { DialectName } from '../exchange/dialect-name.ts';
import { addressIn, type KeyScheme, type Preset } from './catalogue/preset.ts';
import { vendorOfDialect } from './catalogue.ts';
import { keyCredential, readKeyFile } from './credentials.ts';
import { expandHome } from './home-folder.ts';
import type { Credential } from './provider.ts';
import { hostOf, isLoopback } from './proxy-choice.ts';
import type { Resolving } from './resolve-one.ts';
import { CLAUDE_PLAN } from './subscription.ts';

/**
 * The key: from the settings, a file, or the preset's environment variables. A variable's key goes only to the service that it
 * is named after, and so does a client's own, unless the settings say so in words.
 */
export function credentialOf(one: Resolving, dialect: DialectName, baseUrl: string): Credential | undefined {
  const { settings, preset, context, fail } = one;
  const { auth, keyFile } = settings;
  const [apiKey] = settings.apiKeys ?? [settings.apiKey];
  const field = settings.apiKeys === undefined ? 'apiKey' : 'apiKeys';
  if (settings.apiKeys !== undefined && settings.apiKey !== undefined)
    return fail('apiKeys', 'apiKey is set too; put it into apiKeys, at the place where its turn is');
  if (apiKey !== undefined && keyFile !== undefined) return fail('keyFile', `${field} is set too; keep one of the two`);
  if (settings.subscription !== undefined) return passedThrough(one, baseUrl);
  if (preset?.signIn !== undefined) return signedIn(one, baseUrl);
  if (auth === 'none' || auth === 'client') {
    if (apiKey !== undefined || keyFile !== undefined) return fail('auth', `is ${auth}, yet there is a key; take one of them out`);
    if (auth === 'none') return { type: 'none' };
    const vendor = vendorOfDialect(dialect);
    if (preset?.vendor === vendor && !preset.cloud) return { type: 'client' };
    return fail('auth', `client: a client's own credential goes only to the vendor of its dialect (${vendor}); set apiKey instead`);
  }
  if (auth === 'cloud') {
    if (!preset?.cloud) return fail('auth', 'cloud is for the clouds’ own presets: bedrock, vertex, azure and their kin');
    if (apiKey !== undefined || keyFile !== undefined) return fail('auth', 'is cloud, yet there is a key; take one of them out');
    return { type: 'identity', from: preset.cloud.finds };
  }
  const scheme = auth ?? (preset && addressIn(preset, dialect)?.scheme) ?? usualScheme(dialect);
  if (apiKey !== undefined) return givenKey(apiKey, scheme, field, fail);
  if (keyFile !== undefined) {
    const key = readKeyFile(expandHome(keyFile, context.home), context.platform);
    return key.ok ? ownKey(key.value, scheme, 'keyFile', fail) : fail('keyFile', key.error);
  }
  if (!preset || preset.local) return { type: 'none' };
  if (!isOwnAddress(preset, baseUrl)) {
    if (isLoopback(hostOf(baseUrl))) return { type: 'none' };
    return fail(
      'apiKey',
      `is missing: ${baseUrl} is not ${preset.title}'s own, so no key is sent there unasked; set apiKey, or auth: ${preset.cloud ? 'cloud' : 'client'} or none`,
    );
  }
  const variables = preset.cloud?.keyVariables ?? preset.keyVariables;
  const found = variables.map((variable) => context.environment[variable]?.trim()).find((key) => key !== undefined && key !== '');
  if (found !== undefined) return ownKey(found, scheme, 'apiKey', fail);
  if (preset.cloud) return { type: 'identity', from: preset.cloud.finds };
  if (preset.vendor === vendorOfDialect(dialect)) return { type: 'client' };
  return fail('apiKey', `is missing: set ${preset.keyVariables.join(' or ')}, apiKey or keyFile; keys are made at ${preset.keyPage}`);
}

/**
 * One credential for each of several keys, in order; none where there is but one key, nothing where a problem was told of. `first` is what
 * `credentialOf` has made of the first.
 */
export function furtherCredentials({ settings, fail }: Resolving, first: Credential): Credential[] | undefined {
  const keys = settings.apiKeys ?? [];
  if (keys.length < 2 || first.type !== 'key') return [];
  if (new Set(keys).size < keys.length) return fail('apiKeys', 'has the same key twice; one account has but one room');
  const further = keys.slice(1).map((key) => givenKey(key, first.scheme, 'apiKeys', fail));
  return further.every((one) => one !== undefined) ? [first, ...further] : undefined;
}

function givenKey(key: string, scheme: KeyScheme, field: 'apiKey' | 'apiKeys', fail: Resolving['fail']): Credential | undefined {
  if (key.trim() === '') return fail(field, 'is empty; give the key, or take the setting out');
  if (/[^\u0021-\u007e]/.test(key)) return fail(field, 'has spaces, line breaks or other characters that no key has');
  return ownKey(key, scheme, field, fail);
}

/** A plan's login is no key: it would be used for other purposes than the one that it is for. */
function ownKey(key: string, scheme: KeyScheme, field: 'apiKey' | 'apiKeys' | 'keyFile', fail: Resolving['fail']): Credential | undefined {
  if (!CLAUDE_PLAN.test(key)) return keyCredential(key, scheme);
  return fail(field, 'is the login of a Claude plan (claude setup-token), which is for Claude Code alone; give a key: docs/accounts.md');
}

/** The client's own credential, the login of its Claude plan included. */
function passedThrough({ name, settings, preset, context, notice, fail }: Resolving, baseUrl: string): Credential | undefined {
  const { auth, keyFile } = settings;
  const apiKey = settings.apiKey ?? settings.apiKeys?.[0];
  if (preset?.name !== 'anthropic')
    return fail('subscription', 'pass-through is for anthropic alone: no other vendor lets its login be passed on');
  if (apiKey !== undefined || keyFile !== undefined || (auth !== undefined && auth !== 'client'))
    return fail('subscription', 'is pass-through, yet there is a key; give the key to a provider of its own with preset: anthropic');
  if (settings.headers !== undefined) return fail('headers', 'are added, but with subscription: pass-through a request goes as it came');
  if (!isOwnAddress(preset, baseUrl) && !isLoopback(hostOf(baseUrl)))
    return fail('baseUrl', `is not ${preset.title}'s own; with subscription: pass-through leave it out`);
  const unused = preset.keyVariables.find((variable) => context.environment[variable]?.trim());
  if (unused !== undefined)
    notice(
      `${unused} is not used here because of subscription: pass-through; as a backup it needs a provider of its own with preset: ${name}`,
    );
  return { type: 'client', subscription: 'pass-through' };
}

/** An account that its owner signs in to; what it shows is made when a request goes. */
function signedIn({ settings, preset, fail }: Resolving, baseUrl: string): Credential | undefined {
  const given = (['apiKey', 'apiKeys', 'keyFile', 'auth'] as const).find((field) => settings[field] !== undefined);
  if (given !== undefined)
    return fail(given, `is of no use here: ${preset!.title} is signed in to with understudy login ${preset!.signIn}`);
  if (!isOwnAddress(preset!, baseUrl))
    return fail('baseUrl', `is not ${preset!.title}'s own, and your sign-in goes nowhere else; leave it out`);
  return { type: 'identity', from: 'your sign-in with ChatGPT (understudy login chatgpt)', personal: true };
}

/** Whether an address is one that the preset itself names. */
export function isOwnAddress(preset: Preset, baseUrl: string): boolean {
  const { origin } = new URL(baseUrl);
  return [preset, ...Object.values(preset.also ?? {})].some((known) => new URL(known.baseUrl).origin === origin);
}

/** As the dialect's official SDK shows a key. */
function usualScheme(dialect: DialectName): KeyScheme {
  switch (dialect) {
    case 'anthropic-messages':
      return 'x-api-key';
    case 'gemini':
      return 'x-goog-api-key';
    case 'openai-chat':
    case 'openai-responses':
      return 'bearer';
  }
}
