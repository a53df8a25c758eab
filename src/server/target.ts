/** A request's target, taken apart. */
export interface RequestTarget {
  /** Host of a whole URL: clients that take us for a proxy send one, and it then stands for the Host header (RFC 9112 section 3.2.2). */
  authority: string | undefined;
  /** Without doubled slashes (a base URL that ended with one), a slash at the end, and the `/openai` that Groq's and Azure's clients begin with. */
  path: string;
  /** Path and query, without credentials. */
  url: string;
  /** `?key=`, where Google's clients put their credential. Nothing else of the house is shown the query that it came in. */
  key: string | undefined;
}

/** Google's parameters for credentials (cloud.google.com/apis/docs/system-parameters, and its discovery documents). Only the first is used. */
const CREDENTIALS: ReadonlySet<string> = new Set(['key', '$key', 'access_token', 'oauth_token']);

export function requestTarget(raw: string): RequestTarget {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(raw);
  const rest = absolute ? absolute[2]! : raw;
  const [given = '', query = ''] = rest.split('#', 1)[0]!.split(/\?(.*)/s);
  const path = cleanPath(given.startsWith('/') ? given : `/${given}`);
  if (query === '') return { authority: absolute?.[1], path, url: path, key: undefined };
  const key = new URLSearchParams(query).get('key') ?? undefined;
  const kept = query.split('&').filter((pair) => !CREDENTIALS.has(parameter(pair)));
  return { authority: absolute?.[1], path, url: kept.length === 0 ? path : `${path}?${kept.join('&')}`, key };
}

function cleanPath(given: string): string {
  const path = given.replaceAll(/\/{2,}/g, '/').replace(/^\/openai(?=\/v1\/)/, '');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function parameter(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? '';
}
