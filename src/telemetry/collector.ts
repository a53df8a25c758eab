import type { TelemetrySettings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where spans go, and as whose. */
export interface Collector {
  url: string;
  headers: Record<string, string>;
  resource: Record<string, string>;
}

/**
 * The collector that the configuration or OpenTelemetry's own variables name; `undefined`: nobody wants spans. The file wins. As the
 * specification has it, the general endpoint gets `/v1/traces`, the one for traces is taken as it is:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function collectorOf(settings: TelemetrySettings, environment: Environment): Collector | undefined {
  if (settings.traces === false || environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const url =
    settings.endpoint === undefined
      ? (usable(environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) ?? withPath(usable(environment['OTEL_EXPORTER_OTLP_ENDPOINT']), true))
      : withPath(settings.endpoint, new URL(settings.endpoint).pathname === '/');
  if (url === undefined) return undefined;
  const given = environment['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? environment['OTEL_EXPORTER_OTLP_HEADERS'];
  // A key in the environment belongs to the collector that the environment names.
  const headers = settings.endpoint === undefined ? pairs(given) : {};
  return {
    url,
    headers: { ...headers, ...settings.headers },
    resource: {
      'service.name': environment['OTEL_SERVICE_NAME'] || 'understudy',
      ...without(pairs(environment['OTEL_RESOURCE_ATTRIBUTES']), environment['OTEL_SERVICE_NAME'] ? 'service.name' : ''),
    },
  };
}

function usable(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url) ? url : undefined;
}

function withPath(url: string | undefined, wanted: boolean): string | undefined {
  return url === undefined || !wanted ? url : `${url.replace(/\/+$/, '')}/v1/traces`;
}

/** `key=value,key2=value2`, values percent-encoded (W3C Baggage, as OpenTelemetry writes headers and attributes). */
function pairs(text: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text?.split(',') ?? []) {
    const middle = pair.indexOf('=');
    const key = pair.slice(0, middle).trim();
    if (middle < 1 || key === '') continue;
    found[key] = decoded(pair.slice(middle + 1).trim());
  }
  return found;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function without(record: Record<string, string>, key: string): Record<string, string> {
  const { [key]: _, ...rest } = record;
  return rest;
}
