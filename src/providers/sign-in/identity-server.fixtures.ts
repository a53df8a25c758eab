import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseObject } from '../../exchange/json.ts';
import { startSim } from '../../sim/serve.ts';
import type { IdentityServer } from './identity-server.ts';

/** How the next sign-ins go otherwise than well. */
export interface Script {
  /** The user says no. */
  denies?: boolean;
  /** The browser comes back with another state first. */
  strayFirst?: boolean;
  /** Claims that replace those of the id token. */
  claims?: Record<string, unknown>;
  /** The id token's signature is another key's. */
  forges?: boolean;
  /** Granted in place of what was asked for. */
  scope?: string;
  /** Client id in the callback in place of the issued one. */
  clientId?: string;
  /** Seconds that access tokens are good for. */
  lifetime?: number;
  /** Status of the token endpoint, for a server in trouble. */
  trouble?: number;
  /** Milliseconds that a refresh takes. */
  delay?: number;
}

/** An identity server like OpenAI's and a Responses API behind it, over real HTTP on loopback. */
export interface SimulatedIdentity {
  identity: IdentityServer;
  script: Script;
  /** Stands for the user and their browser: opens the page, agrees, and follows where it leads. */
  browse(url: string): Promise<string>;
  /** Forms that the token endpoint has had. */
  asked: Record<string, string>[];
  authorizations: URLSearchParams[];
  revoked: string[];
  /** Bodies and tokens that the API has had. */
  requests: { authorization: string; body: Record<string, unknown> }[];
  close(): Promise<void>;
}

const SIM_KEY = 'sk-simulated-plan';

export async function simulateIdentity(): Promise<SimulatedIdentity> {
  const sim = await startSim({ name: 'plan', key: SIM_KEY });
  const newKey = (): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = newKey();
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Map<string, 'good' | 'used'>();
  const accessTokens = new Map<string, number>();
  let count = 0;
  let origin = '';

  function idToken(request: URLSearchParams, clientId: string): string {
    const now = Math.floor(Date.now() / 1000);
    const nonce = request.get('nonce');
    const claims = { iss: origin, aud: clientId, sub: 'user-1', email: 'someone@example.com', iat: now, exp: now + 600, nonce };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ ...claims, ...world.script.claims })}`;
    const pair = world.script.forges ? newKey() : key;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(pair.privateKey).toString('base64url')}`;
  }

  function newTokens(): Record<string, unknown> {
    const serial = ++count;
    const seconds = world.script.lifetime ?? 3600;
    const access = `plan-access-${serial}-${'a'.repeat(24)}`;
    const refresh = `plan-refresh-${serial}-${'r'.repeat(24)}`;
    accessTokens.set(access, Date.now() + seconds * 1000);
    refreshTokens.set(refresh, 'good');
    return { access_token: access, refresh_token: refresh, token_type: 'Bearer', expires_in: seconds };
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams((await read(request)).toString()));
    world.asked.push(form);
    if (world.script.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, world.script.delay));
    if (world.script.trouble !== undefined) return json(response, world.script.trouble, { error: 'temporarily_unavailable' });
    if (form['client_id'] !== 'oaiapp_1') return json(response, 401, { error: 'invalid_client' });
    if (form['grant_type'] === 'refresh_token') {
      const state = refreshTokens.get(form['refresh_token'] ?? '');
      if (state !== 'good') return json(response, 400, { error: { code: state ? 'refresh_token_reused' : 'invalid_grant' } });
      refreshTokens.set(form['refresh_token']!, 'used');
      return json(response, 200, newTokens());
    }
    const asked = codes.get(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    const fits = asked?.get('code_challenge') === challenge && asked.get('redirect_uri') === form['redirect_uri'];
    if (!asked || !fits) return json(response, 400, { error: 'invalid_grant' });
    codes.delete(form['code']!);
    return json(response, 200, {
      ...newTokens(),
      id_token: idToken(asked, form['client_id']),
      scope: world.script.scope ?? asked.get('scope') ?? '',
    });
  }

  function authorize(given: URLSearchParams, response: ServerResponse): void {
    world.authorizations.push(given);
    const back = new URL(given.get('redirect_uri')!);
    back.searchParams.set('state', given.get('state')!);
    if (world.script.denies) back.searchParams.set('error', 'access_denied');
    else {
      const code = `code-${++count}-${'c'.repeat(16)}`;
      codes.set(code, given);
      back.searchParams.set('code', code);
      back.searchParams.set('client_id', world.script.clientId ?? 'oaiapp_1');
    }
    response.writeHead(302, { location: back.href }).end();
  }

  /** Plan tokens are checked here; what is answered comes from a simulated assistant. */
  async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const authorization = request.headers.authorization ?? '';
    const parsed = parseObject(body.toString()) ?? {};
    world.requests.push({ authorization, body: parsed });
    const until = accessTokens.get(authorization.replace('Bearer ', ''));
    if (until === undefined || until < Date.now())
      return json(response, 401, {
        error: { code: 'token_expired', message: `${authorization} is no good`, type: 'invalid_request_error' },
      });
    if (parsed['store'] !== false || parsed['stream'] !== true || (parsed['previous_response_id'] ?? null) !== null)
      return json(response, 400, { error: { message: 'a plan takes store: false and stream: true', type: 'invalid_request_error' } });
    const answer = await fetch(`${sim.url}${request.url}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SIM_KEY}`, 'content-type': 'application/json' },
      body: body.toString(),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return json(response, 200, { issuer: origin, jwks_uri: `${origin}/jwks`, revocation_endpoint: `${origin}/revoke` });
      case '/jwks':
        return json(response, 200, { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] });
      case '/authorize':
        return authorize(searchParams, response);
      case '/token':
        return void token(request, response);
      case '/revoke':
        return void read(request).then((body) => {
          world.revoked.push(new URLSearchParams(body.toString()).get('token') ?? '');
          json(response, 200, {});
        });
      default:
        return pathname === '/v1/responses' ? void api(request, response) : json(response, 404, {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const world: SimulatedIdentity = {
    identity: { issuer: origin, authorize: `${origin}/authorize`, token: `${origin}/token`, resource: `${origin}/v1` },
    script: {},
    asked: [],
    authorizations: [],
    revoked: [],
    requests: [],
    async browse(url) {
      const page = await fetch(url, { redirect: 'manual' });
      const back = new URL(page.headers.get('location')!);
      if (world.script.strayFirst) {
        const stray = new URL(back);
        stray.searchParams.set('state', 'not-ours');
        await fetch(stray);
      }
      return (await fetch(back)).text();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sim.close();
    },
  };
  return world;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
