import { publishedFile, publishedPaths } from '../../watch/publish/files.ts';
import type { Desk, Visit } from '../desk.ts';
import { refuse } from '../desk.ts';
import { unknownPath } from '../unknown-path.ts';
import { watchRefusal } from './routes.ts';

/** Below it lies the status page, with its feeds and its JSON. */
export const STATUS_PAGE = '/status/';

/** Seconds after which the page loads itself anew. */
const REFRESH = 60;

/** The page itself. Its links are relative, so that it has to be asked for with the slash, which `Visit.url` no longer has. */
export async function serveStatusRoot(desk: Desk, visit: Visit): Promise<void> {
  const asked = (visit.request.url ?? '').split(/[?#]/, 1)[0]!;
  if (asked.endsWith('/')) return serveStatusPage(desk, visit, '');
  visit.response.writeHead(308, { location: STATUS_PAGE }).end();
}

/** `?address=`: where a copy of it will be served, for its links. */
export async function serveStatusPage({ ports, clock }: Desk, { request, response, url }: Visit, path: string): Promise<void> {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const wanted = query.get('address') ?? '';
  const copy = /^https?:\/\/[^\s"<>]+$/.test(wanted);
  const address = copy ? `${wanted.replace(/\/+$/, '')}/` : `${ports.status().address}${STATUS_PAGE}`;
  const found = await ports.watch.ask('published', { address });
  if (!found.ok) return refuse(clock, request, response, watchRefusal(found.error), undefined);
  // For whoever copies it to another place.
  const list = { contentType: 'application/json', text: JSON.stringify({ files: publishedPaths(found.value) }) };
  const file = path === 'files.json' ? list : publishedFile(path, found.value, copy ? undefined : REFRESH);
  if (!file) return refuse(clock, request, response, unknownPath(STATUS_PAGE + path), undefined);
  const bytes = Buffer.from(file.text);
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
