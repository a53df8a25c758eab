import { describe, expect, it } from 'vitest';
import { PAGE_FAMILIES } from '../page.ts';
import { PAGES } from '../registry/pages.ts';
import { adapterOf } from './adapters.ts';

const NOW = Date.parse('2026-09-25T00:00:00Z');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Always the same. */
const noise = new Uint8Array(8 * 1024 * 1024).map((_, index) => (index * 7919 + (index >> 9)) % 256);

/** What stands in a page's place, and what it is served as. */
const JUNK: readonly (readonly [string, string, Uint8Array])[] = [
  [
    'a web page',
    'text/html',
    bytesOf('<!DOCTYPE html><html><head><title>All systems operational</title></head><body>Major outage</body></html>'),
  ],
  ['a captive portal', 'text/html', bytesOf('<html><head><meta http-equiv="refresh" content="0;url=http://10.0.0.1/login"></head></html>')],
  ['a web page called JSON', 'application/json', bytesOf('<html><body>ok</body></html>')],
  ['a web page called XML', 'application/xml', bytesOf('<html><head><title>Status</title></head><body/></html>')],
  ['an error in JSON', 'application/json', bytesOf('{"error":{"code":403,"status":"PERMISSION_DENIED","message":"Forbidden"}}')],
  ['an error in XML', 'application/xml', bytesOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
  [
    'a challenge, as it comes with 405',
    'text/html',
    bytesOf('<!DOCTYPE html><script>window.awsWafCookieDomainList=[]</script><h1>Human Verification</h1>'),
  ],
  ['nothing', 'application/json', new Uint8Array()],
  ['blanks', 'text/plain', bytesOf(' \n\t ')],
  ['a byte order mark', 'application/xml', new Uint8Array([0xef, 0xbb, 0xbf])],
  ['8 MiB of noise', 'application/json', noise],
  ['8 MiB of noise called XML', 'application/rss+xml', noise],
  ['deep lists', 'application/json', bytesOf('['.repeat(100_000) + ']'.repeat(100_000))],
  ['deep objects', 'application/json', bytesOf('{"page":'.repeat(50_000) + '1' + '}'.repeat(50_000))],
  ['deep elements', 'application/xml', bytesOf('<feed>'.repeat(50_000) + '</feed>'.repeat(50_000))],
  [
    'an entity bomb',
    'application/xml',
    bytesOf(
      `<!DOCTYPE rss [<!ENTITY a "${'a'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><rss><channel><title>&b;</title></channel></rss>`,
    ),
  ],
  ['an empty object', 'application/json', bytesOf('{}')],
  ['null', 'application/json', bytesOf('null')],
  ['a word', 'application/json', bytesOf('"OPERATIONAL"')],
  ['true success without anything', 'application/json', bytesOf('{"success":true,"result":{},"data":{},"page":{},"summary":{}}')],
];

describe.each(PAGE_FAMILIES)('%s', (family) => {
  const adapter = adapterOf(family);
  const page = PAGES.find((each) => each.family === family)!;

  it('has a page in the registry, whose addresses are asked', () => {
    expect(adapter.family).toBe(family);
    const requests = adapter.requests(page);
    expect(requests.length).toBeGreaterThan(0);
    for (const { url, mirrors } of requests) for (const each of [url, ...mirrors]) expect(new URL(each).protocol).toBe('https:');
  });

  it.each(JUNK)('%s in its place is a problem with a sentence, neither well nor ill', (_what, contentType, bytes) => {
    const result = adapter.read({ url: page.url, contentType, bytes }, page, NOW);
    expect(result).toMatchObject({ ok: false, error: { message: expect.stringMatching(/^\S.{5,300}$/) } });
  });
});
