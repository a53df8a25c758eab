import { alertSecrets } from '../watch/alerts/settings.ts';
import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';
import { MASK } from '../providers/credentials.ts';
import { isSecretHeader, type Resolved } from '../providers/resolve.ts';
import type { Loaded } from './load.ts';
import { configSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { pathText } from './source.ts';
import { unitAt, unitText } from './units-text.ts';

/** The settings in force as the file takes them (`15s`, `64MiB`), with secrets replaced. Fit for the control API, the terminal and bug reports. */
export function effectiveSettings({ settings }: Pick<Loaded, 'settings'>): JsonObject {
  const schema = configSchema();
  const ofAlerts = new Set(alertSecrets(settings.watch.alerts));
  return asWritten(settings as unknown as JsonObject, []) as JsonObject;

  function asWritten(value: Json | undefined, path: readonly string[]): Json | undefined {
    if (Array.isArray(value)) return value.map((item) => asWritten(item, path) ?? null);
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asWritten(inner, [...path, key])]));
    if (typeof value === 'number') {
      const unit = unitAt(path, schema);
      return unit === undefined ? value : unitText(value, unit);
    }
    if (typeof value !== 'string') return value;
    if (isSecret(path) || (path[0] === 'watch' && ofAlerts.has(value))) return MASK;
    return hidePassword(value, path);
  }
}

export interface Origin {
  /** `server.port`. */
  path: string;
  value: Json;
  from: 'file' | 'environment' | 'default';
  /** The variables that were read, for values out of the environment. */
  variables: string[];
}

/** Every single setting in force with where it came from. */
export function origins(loaded: Loaded): Origin[] {
  const found: Origin[] = [];
  walk(effectiveSettings(loaded), []);
  return found;

  function walk(value: Json | undefined, path: PropertyKey[]): void {
    if (value === undefined) return;
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      return;
    }
    const places = Array.isArray(value) ? [path, ...value.map((_, index) => [...path, index])] : [path];
    const variables = places.flatMap((place) => loaded.fromEnvironment.get(JSON.stringify(place)) ?? []);
    const from = variables.length > 0 ? 'environment' : isGiven(loaded.given, path) ? 'file' : 'default';
    found.push({ path: pathText(path), value, from, variables });
  }
}

/** Where secrets may stand: keys, the access token, and headers that carry them. */
function isSecret(path: readonly string[]): boolean {
  const last = path.at(-1) ?? '';
  if (path[0] === 'server') return last === 'token';
  // A collector's header is there to show a key.
  if (path[0] === 'telemetry') return path[1] === 'headers';
  if (path[0] !== 'providers') return false;
  return last === 'apiKey' || last === 'apiKeys' || (path[2] === 'headers' && isSecretHeader(last));
}

/** A proxy's URL may hold a user and a password. */
function hidePassword(value: string, path: readonly string[]): string {
  if (path.at(-1) !== 'proxy') return value;
  return value.replace(/\/\/[^/@]*@/, `//${MASK}@`);
}

/** A short form (`[anthropic/*]` for a whole route) counts for all that it stands for. */
function isGiven(given: unknown, path: readonly PropertyKey[]): boolean {
  let value = given;
  for (const step of path) {
    if (Array.isArray(value)) return step === 'targets';
    if (!isObject(value) || !Object.hasOwn(value, step)) return false;
    value = value[String(step)];
  }
  return true;
}

/** All that must not be written anywhere: keys, the access token, headers of telemetry. */
export function secretsOf({ server, telemetry, watch }: Settings, { secrets }: Pick<Resolved, 'secrets'>): string[] {
  return [
    ...secrets,
    ...(server.token === undefined ? [] : [server.token]),
    ...Object.values(server.tokens).map(({ token }) => token),
    ...Object.values(telemetry.headers),
    ...alertSecrets(watch.alerts),
  ];
}
