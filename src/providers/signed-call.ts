import type { Sign, SignProblem, UpstreamHandler, UpstreamRequest } from './call.ts';

/**
 * A call whose credential has to be made first. Its headers are added to the request's own list, so that whoever takes secrets out of
 * errors later knows them. Without a credential it ends as if the service had refused it: with status 401 and the reason.
 */
export function signed(request: UpstreamRequest, sign: Sign, handler: UpstreamHandler, begin: () => () => void): () => void {
  let cancelled = false;
  let cancel: (() => void) | undefined;
  sign(request).then(
    (result) => {
      if (cancelled) return;
      if (!result.ok) return refuse(result.error, handler);
      const names = new Set(result.value.map(([name]) => name));
      const others = request.headers.filter(([name]) => !names.has(name.toLowerCase()));
      request.headers.splice(0, Infinity, ...others, ...result.value);
      try {
        cancel = begin();
      } catch (cause) {
        // The client has been closed meanwhile.
        handler.error({ symptom: 'closed', local: false, message: cause instanceof Error ? cause.message : String(cause) });
      }
    },
    (cause: unknown) => {
      if (!cancelled)
        refuse({ type: 'auth', message: `no credentials: ${cause instanceof Error ? cause.name : 'unknown trouble'}` }, handler);
    },
  );
  return () => {
    cancelled = true;
    cancel?.();
  };
}

function refuse(problem: SignProblem, handler: UpstreamHandler): void {
  if (problem.type === 'transport') return handler.error(problem.error);
  const { message } = problem;
  // Every dialect finds its own in it: Anthropic and OpenAI the type, Gemini the status.
  const error = { type: 'authentication_error', message, status: 'UNAUTHENTICATED' };
  handler.headers(401, { 'content-type': 'application/json' });
  handler.data(Buffer.from(JSON.stringify({ type: 'error', error })));
  handler.end();
}
