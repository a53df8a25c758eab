import { members, replace, type Span, type SpanEdit } from '../../dialects/json-spans.ts';
import { ok } from '../../exchange/result.ts';
import type { Sign } from '../call.ts';
import { findPreset } from '../catalogue.ts';
import type { Shaped, Unshaped } from '../clouds/hosting.ts';
import type { Provider } from '../provider.ts';
import type { IdentityServer } from './identity-server.ts';

/** A provider that is signed in to shows that; any other stays as it is. */
export function withSignIn(provider: Provider, identity: IdentityServer, sign: Sign): Provider {
  if (findPreset(provider.preset ?? '')?.signIn !== 'chatgpt') return provider;
  return {
    ...provider,
    baseUrl: identity.resource,
    streamsOnly: true,
    hosting: { shape: (request) => ok(planRequest(request)), sign },
    // A plan is paid by the month: its answers add nothing to what backups cost.
    facts: (model) => ({ ...provider.facts(model), price: { input: 0, output: 0 } }),
  };
}

/** What a plan's requests must have, and what they must not (developers.openai.com/siwc/token-sharing-open-source/models-and-inference). */
const FORCED: Readonly<Record<string, string>> = { store: 'false', stream: 'true' };

/** Nothing is kept at OpenAI, the answer is a stream, and what came before is told in full. All other bytes stay. */
export function planRequest({ endpoint, body, headers }: Pick<Unshaped, 'endpoint' | 'body' | 'headers'>): Shaped {
  const found = members(body);
  if (!found.ok) return { path: endpoint, body, headers };
  const text = (span: Span): string => body.toString('utf8', span.start, span.end);
  const edits: SpanEdit[] = [];
  const missing: string[] = [];
  for (const [name, value] of Object.entries(FORCED)) {
    const span = found.value.get(name);
    if (!span) missing.push(`"${name}":${value}`);
    else if (text(span) !== value) edits.push({ ...span, with: value });
  }
  const before = found.value.get('previous_response_id');
  if (before && text(before) !== 'null') edits.push({ ...before, with: 'null' });
  if (missing.length > 0) {
    const start = body.indexOf('{') + 1;
    edits.unshift({ start, end: start, with: missing.join(',') + (found.value.size > 0 ? ',' : '') });
  }
  return { path: endpoint, body: edits.length === 0 ? body : replace(body, edits), headers };
}
