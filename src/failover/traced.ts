import type { UpstreamRequest } from '../providers/call.ts';
import type { Question } from './engine.ts';

const TRACE_HEADERS: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** A request that tells its target the trace it belongs to, where the user wants that; the client's `tracestate` goes with it, as W3C asks. */
export function traced(request: UpstreamRequest, { traceparent, headers: given }: Question, attempt: number): UpstreamRequest {
  if (!traceparent) return request;
  const headers = request.headers.filter(([name]) => !TRACE_HEADERS.has(name.toLowerCase()));
  headers.push(['traceparent', traceparent(attempt)]);
  const state = given.find(([name]) => name.toLowerCase() === 'tracestate');
  if (state) headers.push(['tracestate', state[1]]);
  return { ...request, headers };
}
