import { randomFillSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import type { UpstreamRequest } from '../call.ts';
import { createCall, type HttpCall } from '../http-call.ts';
import { jsonAsker } from './ask-json.ts';
import { planRequest } from './chatgpt-provider.ts';
import { simulateIdentity, type SimulatedIdentity } from './identity-server.fixtures.ts';
import type { Keychain } from './keychain.ts';
import { processLock } from './process-lock.ts';
import { type SessionParts, sessionSign } from './session.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { type SignInRecord, signInStore } from './sign-in-store.ts';

let world: SimulatedIdentity;
let http: HttpCall;
let folder: string;
let file: string;

beforeEach(async () => {
  world = await simulateIdentity();
  http = createCall({ environment: {} });
  folder = mkdtempSync(join(tmpdir(), 'understudy-sign-in-'));
  file = join(folder, 'config', 'sign-in-chatgpt.json');
});
afterEach(async () => {
  await http.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

function parts(keychain?: Keychain): SessionParts {
  return {
    identity: world.identity,
    store: signInStore(file, process.platform, keychain),
    lock: processLock(`${file}.lock`, systemClock),
    ask: jsonAsker(http.call, systemClock),
    clock: systemClock,
  };
}

function login(keychain?: Keychain): ReturnType<typeof signIn> {
  const random = (bytes: Uint8Array): Uint8Array => randomFillSync(bytes);
  return signIn({ ...parts(keychain), random, port: 0, openPage: (url) => void world.browse(url).catch(() => undefined) });
}

function kept(): SignInRecord {
  return JSON.parse(readFileSync(file, 'utf8')) as SignInRecord;
}

/** As if so much time had gone by since the tokens were made. */
function age(milliseconds: number): void {
  const record = kept();
  record.account!.tokens.accessUntil -= milliseconds;
  writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
}

function request(): UpstreamRequest {
  const { origin } = new URL(world.identity.resource);
  return { method: 'POST', origin, path: '/v1/responses', headers: [], body: Buffer.alloc(0), connectTimeout: 1000, fresh: false };
}

const shown = (serial: number): unknown => ({
  ok: true,
  value: [['authorization', expect.stringMatching(new RegExp(`^Bearer plan-access-${serial}-a+$`))]],
});

describe('signing in', () => {
  test('the first time registers, later times use the issued id; PKCE, state and nonce are new each time', async () => {
    const first = await login();
    expect(first).toMatchObject({ ok: true, value: { kept: 'file', account: { subject: 'user-1', email: 'someone@example.com' } } });
    expect(await login()).toMatchObject({ ok: true });
    const [one, two] = world.authorizations.map((given) => Object.fromEntries(given)) as [Record<string, string>, Record<string, string>];
    expect(one).toMatchObject({
      client_id: 'dynamic_agent_client',
      agent_name_hint: 'Understudy',
      ext_agent_host_id: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/auth\/callback$/) as string,
      scope: 'openid profile email offline_access resource.invoke chatgpt.tokens.use.direct',
      resource: world.identity.resource,
      code_challenge_method: 'S256',
    });
    expect(two).toMatchObject({ client_id: 'oaiapp_1', login_hint: 'someone@example.com', ext_agent_host_id: one['ext_agent_host_id'] });
    expect(two['agent_name_hint']).toBeUndefined();
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one[name]).not.toBe(two[name]);
    expect(world.asked.map((form) => form['client_id'])).toEqual(['oaiapp_1', 'oaiapp_1']);
  });

  test('what is kept is for its owner only, and nothing else is left beside it', async () => {
    await login();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'config')).toSorted()).toEqual(['sign-in-chatgpt.json', 'sign-in-chatgpt.json.lock']);
    chmodSync(file, 0o644);
    expect(parts().store.read()).toMatchObject({ ok: false, error: expect.stringContaining('chmod 600') as string });
  });

  test('a no is a no', async () => {
    world.script.denies = true;
    expect(await login()).toEqual({ ok: false, error: 'you said no, or your account may not do this' });
    expect(kept().account).toBeUndefined();
  });

  test('an answer with another state is turned away and waited past', async () => {
    world.script.strayFirst = true;
    expect(await login()).toMatchObject({ ok: true });
    expect(world.asked.length).toBe(1);
  });

  test.each([
    ['of somebody else', { iss: 'https://elsewhere.example' }, 'made by somebody else'],
    ['for another program', { aud: 'oaiapp_2' }, 'another program'],
    ['for several, not named as the one', { aud: ['oaiapp_1', 'x'], azp: 'x' }, 'another program'],
    ['that has expired', { exp: 1000 }, 'has expired'],
    ['from the future', { iat: 9e9 }, 'from the future'],
    ['that answers another question', { nonce: 'old' }, 'answers another sign-in'],
    ['of nobody', { sub: '' }, 'does not say who'],
  ])('an id token %s is not believed', async (_name, claims, said) => {
    world.script.claims = claims;
    expect(await login()).toMatchObject({ ok: false, error: expect.stringContaining(said) as string });
    expect(kept().account).toBeUndefined();
  });

  test('nor is a forged one', async () => {
    world.script.forges = true;
    expect(await login()).toMatchObject({ ok: false, error: 'the signature of the id token is not of its issuer' });
  });

  test('without the scope for the plan nothing is kept', async () => {
    world.script.scope = 'openid profile email offline_access';
    expect(await login()).toMatchObject({ ok: false, error: expect.stringContaining('chatgpt.tokens.use.direct') as string });
    expect(kept().account).toBeUndefined();
  });

  test('another program’s id, or another person, does not take the place of who is signed in', async () => {
    await login();
    const before = kept();
    world.script.clientId = 'oaiapp_9';
    expect(await login()).toMatchObject({ ok: false, error: expect.stringContaining('another program') as string });
    world.script = { claims: { sub: 'user-2' } };
    expect(await login()).toMatchObject({ ok: false, error: expect.stringContaining('another account') as string });
    expect(kept()).toEqual(before);
  });

  test('can be given up', async () => {
    const stop = new AbortController();
    const random = (bytes: Uint8Array): Uint8Array => randomFillSync(bytes);
    const done = signIn({ ...parts(), random, port: 0, openPage: () => stop.abort(), signal: stop.signal });
    expect(await done).toEqual({ ok: false, error: 'it was given up' });
  });
});

describe('the session', () => {
  test('shows a good token as it is, to its own place and nowhere else', async () => {
    await login();
    const sign = sessionSign(parts());
    expect(await sign(request())).toEqual(shown(2));
    expect(await sign({ ...request(), origin: 'https://elsewhere.example' })).toMatchObject({ ok: false, error: { type: 'auth' } });
    expect(world.asked.length).toBe(1);
  });

  test('renews an old one once, however many ask at once, in however many processes', async () => {
    await login();
    age(3_590_000);
    world.script.delay = 100;
    // Two sessions have nothing in common but the folder, as two processes have.
    const signs = [sessionSign(parts()), sessionSign(parts())];
    const results = await Promise.all([0, 1, 0, 1, 0].map((which) => signs[which]!(request())));
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(results[0]).toEqual(shown(3));
    expect(world.asked.filter((form) => form['grant_type'] === 'refresh_token').length).toBe(1);
    expect(kept().account?.tokens.refresh).toMatch(/^plan-refresh-3/);
  });

  test('nor do real processes get into each other’s way', async () => {
    await login();
    age(3_590_000);
    world.script.delay = 200;
    const url = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const program = `
      const { createCall } = await import(${url('../http-call.ts')});
      const { signWhenAsked } = await import(${url('./open-sign-in.ts')});
      const { systemClock: clock } = await import(${url('../../exchange/clock.ts')});
      const http = createCall({ environment: {} });
      const identity = ${JSON.stringify(world.identity)};
      const sign = signWhenAsked({ folder: ${JSON.stringify(join(folder, 'config'))}, platform: process.platform, identity, call: http.call, clock });
      const shown = await sign({ origin: new URL(identity.resource).origin });
      await http.close();
      process.stdout.write(JSON.stringify(shown));`;
    const run = promisify(execFile);
    const said = await Promise.all([1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '-e', program])));
    for (const { stdout } of said) expect(JSON.parse(stdout)).toEqual(shown(3));
    expect(world.asked.filter((form) => form['grant_type'] === 'refresh_token').length).toBe(1);
  });

  test('a login and a logout elsewhere count at once', async () => {
    const sign = sessionSign(parts());
    expect(await sign(request())).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('understudy login chatgpt') as string },
    });
    await login();
    expect(await sign(request())).toMatchObject({ ok: true });
    await signOut(parts());
    expect(await sign(request())).toMatchObject({ ok: false, error: { type: 'auth' } });
  });

  test('a refresh token that is over is not tried twice', async () => {
    await login();
    const record = kept();
    age(4_000_000);
    const sign = sessionSign(parts());
    expect(await sign(request())).toMatchObject({ ok: true });
    // An older copy of the file, from a backup, say: its refresh token has been used.
    writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
    age(4_000_000);
    const before = world.asked.length;
    for (let time = 0; time < 3; time++)
      expect(await sign(request())).toMatchObject({
        ok: false,
        error: { type: 'auth', message: expect.stringContaining('sign in again') as string },
      });
    expect(world.asked.length).toBe(before + 1);
  });

  test('a server in trouble is told apart from a sign-in that is over, and an old token is used to its end', async () => {
    await login();
    world.script.trouble = 503;
    age(3_590_000);
    const sign = sessionSign(parts());
    expect(await sign(request())).toEqual(shown(2));
    age(60_000);
    expect(await sign(request())).toMatchObject({ ok: false, error: { type: 'transport' } });
    world.script = {};
    expect(await sign(request())).toEqual(shown(3));
  });

  test('new tokens that cannot be kept are not lost', async () => {
    await login();
    age(4_000_000);
    const good = parts();
    let full = true;
    const store = {
      ...good.store,
      write: (record: SignInRecord) => (full ? ({ ok: false, error: 'disk full' } as const) : good.store.write(record)),
    };
    const sign = sessionSign({ ...good, store });
    expect(await sign(request())).toEqual(shown(3));
    expect(await sign(request())).toEqual(shown(3));
    expect(kept().account?.tokens.refresh).toMatch(/^plan-refresh-2/);
    full = false;
    expect(await sign(request())).toEqual(shown(3));
    expect(kept().account?.tokens.refresh).toMatch(/^plan-refresh-3/);
  });
});

describe('signing out', () => {
  test('tells the server, forgets the tokens and keeps the issued id', async () => {
    await login();
    const { account, installation } = kept();
    expect(await signOut(parts())).toEqual({ ok: true, value: { type: 'revoked' } });
    expect(world.revoked).toEqual([account!.tokens.refresh]);
    expect(kept()).toEqual({ installation, clientId: 'oaiapp_1' });
    expect(await signOut(parts())).toEqual({ ok: true, value: { type: 'nobody' } });
  });

  test('also where the server cannot be reached', async () => {
    await login();
    const gone = { ...parts(), identity: { ...world.identity, issuer: 'http://127.0.0.1:9' } };
    expect(await signOut(gone)).toMatchObject({ ok: true, value: { type: 'kept-there' } });
    expect(kept().account).toBeUndefined();
  });
});

describe('the keychain', () => {
  test('is used where it works', async () => {
    let secret: string | undefined;
    const keychain: Keychain = { read: () => secret, write: (text) => void (secret = text), remove: () => void (secret = undefined) };
    expect(await login(keychain)).toMatchObject({ ok: true, value: { kept: 'keychain' } });
    expect(secret).toContain('plan-refresh-');
    expect(existsSync(file)).toBe(false);
    expect(await sessionSign(parts(keychain))(request())).toEqual(shown(2));
  });

  test('is passed over where it throws', async () => {
    const broken = (): never => {
      throw new Error("Couldn't access platform storage: AccessDenied");
    };
    const keychain: Keychain = { read: broken, write: broken, remove: broken };
    expect(await login(keychain)).toMatchObject({ ok: true, value: { kept: 'file' } });
    expect(await sessionSign(parts(keychain))(request())).toEqual(shown(2));
  });
});

test('a plan’s request: nothing kept, streamed, in full; every other byte as it was', () => {
  const shaped = (text: string): string => planRequest({ endpoint: '/responses', headers: [], body: Buffer.from(text) }).body.toString();
  expect(shaped('{"model":"m","stream":true,"store":false}')).toBe('{"model":"m","stream":true,"store":false}');
  expect(shaped('{ "model":"m","store" : true, "n":1.50,"previous_response_id":"resp_1"}')).toBe(
    '{"stream":true, "model":"m","store" : false, "n":1.50,"previous_response_id":null}',
  );
  expect(shaped('{}')).toBe('{"store":false,"stream":true}');
});
