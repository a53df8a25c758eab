import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { describe, expect, it } from 'vitest';
import { breakHost } from './broken-host.ts';
import type { Refusal } from './faults/fault.ts';

/** The code of the error that a client meets; `silence` if it meets none for a moment. */
function meet(origin: string, ca?: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { ...(ca === undefined ? {} : { ca }), timeout: 300, agent: false } as const;
    const request = origin.startsWith('https') ? httpsRequest(origin, options) : httpRequest(origin, options);
    request.on('timeout', () => {
      resolve('silence');
      request.destroy();
    });
    request.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    request.on('response', (response) => {
      resolve(`status ${response.statusCode}`);
      response.resume();
    });
    request.end();
  });
}

describe('connections that fail for real', () => {
  const cases: [Refusal, boolean, RegExp][] = [
    ['closed-port', false, /ECONNREFUSED/],
    ['dns', false, /ENOTFOUND|EAI_AGAIN/],
    ['never-reads', false, /silence/],
    ['tls-hang', false, /silence/],
    ['plain-http-on-tls', false, /ERR_SSL_|EPROTO|ECONNRESET/],
    ['tls-self-signed', false, /DEPTH_ZERO_SELF_SIGNED_CERT/],
    // Trusted, so that nothing is wrong but what is meant to be.
    ['tls-self-signed', true, /status 200/],
    ['tls-expired', true, /CERT_HAS_EXPIRED/],
    ['tls-wrong-host', true, /ERR_TLS_CERT_ALTNAME_INVALID/],
  ];
  for (const [refusal, trusted, code] of cases) {
    it(`${refusal}${trusted ? ', trusted' : ''}`, async () => {
      const host = await breakHost(refusal, Date.now());
      if (!host.ok) throw new Error(host.error);
      try {
        expect(await meet(host.value.origin, trusted ? host.value.certificate : undefined)).toMatch(code);
      } finally {
        await host.value.close();
      }
    });
  }

  it('says which it can not make', async () => {
    expect(await breakHost('syn-dropped', 0)).toMatchObject({ ok: false });
    expect(await breakHost('dns-timeout', 0)).toMatchObject({ ok: false });
  });
});
