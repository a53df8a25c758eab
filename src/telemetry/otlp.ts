import type { JsonObject } from '../exchange/json.ts';

// OTLP/JSON by hand, not the OpenTelemetry SDK: the SDK with its HTTP exporter is 67 packages and a tenth of a second at each start, for a
// mapping that is stable since OTLP 1.0 and fits on this page: https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md
// (ids in hexadecimal, enums as numbers, 64-bit numbers as strings, names in lowerCamelCase).

/** A number is an integer; what may be a fraction is told so, since the two are different types to whoever collects. */
export type Attribute = string | number | boolean | { fraction: number } | readonly string[];
export type Attributes = Readonly<Record<string, Attribute | undefined>>;

export const KIND = { server: 2, client: 3 } as const;

export interface Span {
  trace: string;
  span: string;
  parent?: string;
  name: string;
  kind: keyof typeof KIND;
  /** UTC milliseconds. */
  from: number;
  to: number;
  attributes: Attributes;
  events: { at: number; name: string; attributes: Attributes }[];
  /** What went wrong, as `error.type`; absent: nothing did. */
  error?: string;
}

export interface Resource {
  attributes: Attributes;
  /** Of Understudy. */
  version: string;
}

/** An `ExportTraceServiceRequest`. */
export function exportRequest(resource: Resource, spans: readonly Span[]): JsonObject {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource.attributes) },
        scopeSpans: [{ scope: { name: 'understudy', version: resource.version }, spans: spans.map(spanMessage) }],
      },
    ],
  };
}

function spanMessage(span: Span): JsonObject {
  return {
    traceId: span.trace,
    spanId: span.span,
    ...(span.parent !== undefined && { parentSpanId: span.parent }),
    name: span.name,
    kind: KIND[span.kind],
    startTimeUnixNano: nanoseconds(span.from),
    endTimeUnixNano: nanoseconds(Math.max(span.from, span.to)),
    attributes: keyValues(span.attributes),
    events: span.events.map(({ at, name, attributes }) => ({ timeUnixNano: nanoseconds(at), name, attributes: keyValues(attributes) })),
    // 2: STATUS_CODE_ERROR. What is well stays unset, as the conventions ask of instrumentation.
    status: span.error === undefined ? {} : { code: 2, message: span.error },
  };
}

function keyValues(attributes: Attributes): JsonObject[] {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]));
}

function anyValue(value: Attribute): JsonObject {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return { intValue: String(Math.round(value)) };
    default:
      return 'fraction' in value
        ? { doubleValue: value.fraction }
        : { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
  }
}

/** Fractions of milliseconds are kept to the microsecond: more a double does not hold today. */
function nanoseconds(at: number): string {
  return String(BigInt(Math.round(at * 1000)) * 1000n);
}
