/** What goes over the wire to a client, as its `fetch` sees it. */
export interface Tap {
  /** For the client to use as its own. */
  fetch: typeof fetch;
  seen: {
    /** 0: no answer. */
    status: number;
    headers: [name: string, value: string][];
    body: Buffer[];
  };
}

/** A `fetch` that keeps what comes through it. */
export function tap(): Tap {
  const seen: Tap['seen'] = { status: 0, headers: [], body: [] };
  return {
    seen,
    async fetch(input, init) {
      const response = await fetch(input, init);
      seen.status = response.status;
      seen.headers = [...response.headers];
      seen.body = [];
      const copy = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          seen.body.push(Buffer.from(chunk));
          controller.enqueue(chunk);
        },
      });
      const { status, statusText, headers } = response;
      return new Response(response.body?.pipeThrough(copy) ?? null, { status, statusText, headers });
    },
  };
}
