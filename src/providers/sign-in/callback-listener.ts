import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/** What the browser brings back. */
export interface Callback {
  code: string;
  /** Issued to this program at its first sign-in. */
  clientId?: string;
}

export interface Listener {
  redirectUri: string;
  /** The first answer to our own question; or what came instead of it, in words. */
  callback: Promise<Result<Callback, string>>;
  close(): void;
}

export interface ListenOptions {
  state: string;
  issuer: string;
  /** Where this one is taken, any free port does: developers.openai.com/siwc, sign-in. */
  preferredPort: number;
  clock: Clock;
  /** Milliseconds for a person to find their password. */
  patience: number;
}

const PATH = '/auth/callback';

/** Waits on 127.0.0.1 for the browser to come back. What is no answer to our question (another state, another path) is turned away and waited past. */
export async function listenForCallback(options: ListenOptions): Promise<Result<Listener, string>> {
  let settle: (result: Result<Callback, string>) => void = () => undefined;
  const callback = new Promise<Result<Callback, string>>((resolve) => (settle = resolve));
  let over = false;
  let strays = 0;
  const server = createServer({ maxHeaderSize: 32 * 1024 }, (request, response) => {
    const read = over ? undefined : readCallback(request, options);
    if (read === undefined) {
      strays += 1;
      return show(response, 404, 'This is not the answer that Understudy waits for. Go back to the page that it has opened.');
    }
    over = true;
    show(response, read.ok ? 200 : 400, read.ok ? 'You may close this page and go back to the terminal.' : `${read.error}.`);
    settle(read);
  });
  const port = (await listening(server, options.preferredPort)) ?? (await listening(server, 0));
  if (port === undefined) return err('no port of 127.0.0.1 could be listened on');
  const stop = options.clock.after(options.patience, () => {
    const other = strays > 0 ? ' Answers to other questions than ours came and were turned away.' : '';
    settle(err(`nobody came back from the browser within ${Math.round(options.patience / 60_000)} minutes.${other}`));
  });
  const close = (): void => {
    stop();
    over = true;
    server.close();
    server.closeIdleConnections();
    settle(err('it was given up'));
  };
  return ok({ redirectUri: `http://127.0.0.1:${port}${PATH}`, callback, close });
}

function listening(server: Server, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const failed = (): void => resolve(undefined);
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Nothing for what is no answer to our question. */
function readCallback(request: IncomingMessage, { state, issuer }: ListenOptions): Result<Callback, string> | undefined {
  const target = request.url ?? '';
  if (request.method !== 'GET' || !URL.canParse(target, 'http://127.0.0.1')) return undefined;
  const { pathname, searchParams: given } = new URL(target, 'http://127.0.0.1');
  if (pathname !== PATH || !isSame(given.get('state') ?? '', state)) return undefined;
  // RFC 9207: an answer that says who it is from must be from whom we asked.
  if ((given.get('iss') ?? issuer) !== issuer) return err('the answer comes from another server');
  const error = given.get('error');
  if (error === 'access_denied') return err('you said no, or your account may not do this');
  if (error !== null)
    return err(`the sign-in failed: ${error.slice(0, 60)} ${(given.get('error_description') ?? '').slice(0, 200)}`.trim());
  const code = given.get('code');
  if (code === null || code === '') return err('the answer has no code');
  const clientId = given.get('client_id');
  return ok(clientId === null || clientId === '' ? { code } : { code, clientId });
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function show(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(`Understudy: ${text}\n`);
}
