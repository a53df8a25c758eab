import { escaped } from '../../watch/publish/escaped.ts';
import type { Visit } from '../desk.ts';

/** A page of a few words and a button or two; `body` is markup. No script, nothing loaded, and its forms come back here only. */
export function smallPage({ request, response }: Pick<Visit, 'request' | 'response'>, title: string, body: string): void {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>`;
  const style =
    '<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}button,select{font:inherit;padding:.5rem 1rem;margin:.2rem 0}label{display:block;margin:.8rem 0}pre{overflow-x:auto;font-size:.85rem}</style>';
  const bytes = Buffer.from(
    `<!doctype html><html lang="en"><head>${head}${style}</head><body><h1>${escaped(title)}</h1>${body}</body></html>`,
  );
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
