import type { Post } from './exporter.ts';

/** By the platform's own `fetch`: some requests a minute, off the path of answers. */
export const post: Post = async (url, headers, body, patience) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'understudy' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  });
  await response.body?.cancel();
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return { status: response.status, ...(Number.isFinite(seconds) && { retryAfter: seconds * 1000 }) };
};
