import { hash } from 'node:crypto';

/** The client's own trace: W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  trace: string;
  /** The caller's span: 16 hexadecimal digits. */
  parent?: string;
  /** The caller wants no record of this trace. */
  sampled: boolean;
}

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Versions to come may append fields, version 00 may not; ff, and ids of zeros, are invalid. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const [, version, trace, parent, flags, more] = TRACEPARENT.exec(header?.trim() ?? '') ?? [];
  if (trace === undefined || parent === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(trace) || /^0+$/.test(parent)) return undefined;
  return { trace, parent, sampled: (Number.parseInt(flags ?? '00', 16) & 1) === 1 };
}

/** The trace that an exchange belongs to: its client's, else its own. */
export function traceOf(exchange: string, traceparent: string | undefined): TraceContext {
  return parseTraceparent(traceparent) ?? { trace: digest(`trace ${exchange}`, 32), sampled: true };
}

/**
 * Ids of spans are made from what they stand for (80 bits of an exchange's id are random): so whoever asks a target knows the id of an
 * attempt's span without asking whoever writes the spans.
 */
export function spanOf(exchange: string, attempt?: number): string {
  return digest(`span ${exchange} ${attempt ?? 'whole'}`, 16);
}

/** What a target is told: the attempt is its parent. */
export function traceparentFor(exchange: string, attempt: number, traceparent: string | undefined): string {
  const { trace, sampled } = traceOf(exchange, traceparent);
  return `00-${trace}-${spanOf(exchange, attempt)}-${sampled ? '01' : '00'}`;
}

function digest(text: string, digits: number): string {
  return hash('sha256', text, 'hex').slice(0, digits);
}
