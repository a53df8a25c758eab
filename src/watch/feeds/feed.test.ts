import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatusPage } from '../page.ts';
import type { PageReading } from '../page-reading.ts';
import { productsOfIncident } from '../registry/covering.ts';
import { feed } from './feed.ts';
import { flashduty } from './flashduty.ts';
import { AWS_EMPTY, AZURE_ONE, DEEPSEEK_ATOM, STATUSPAGE_ATOM, awsFeed, xaiFeed, xaiItem } from './testing/feeds.ts';
import { pageNamed, payload } from './testing/payload.ts';

const AWS = 'https://status.aws.amazon.com/rss/bedrock-us-east-1.rss';
const XAI = 'https://status.x.ai/feed.xml';
const AZURE = 'https://rssfeed.azure.status.microsoft/en-us/status/feed/';
const OTHER = 'https://status.example.com/history.atom';
const NOW = Date.parse('2026-09-25T00:00:00Z');

const read = (text: string, url: string, page = pageNamed('aws-bedrock')) => feed.read(payload(text, 'application/xml', url), page, NOW);
function readOk(text: string, url: string, page?: StatusPage): PageReading {
  const result = read(text, url, page);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('AWS', () => {
  it('an empty feed says that nothing is open', () => {
    expect(readOk(AWS_EMPTY, AWS)).toEqual({ components: [], incidents: [], listsAllOpen: true });
  });

  it('of an event, written as an item for each update, the last says how far it is', () => {
    const begun = {
      state: 'Informational message',
      title: 'Increased error rates',
      at: 'Fri, 18 Sep 2026 08:00:00 PDT',
      epoch: 1_789_743_600,
    };
    const worse = { ...begun, state: 'Service disruption', at: 'Fri, 18 Sep 2026 08:30:00 PDT', epoch: 1_789_745_400 };
    const over = {
      state: 'Service is operating normally',
      title: '[RESOLVED] Increased error rates',
      at: 'Fri, 18 Sep 2026 11:00:00 PDT',
      epoch: 1_789_754_400,
    };
    const startedAt = Date.parse('2026-09-18T15:00:00Z');
    expect(readOk(awsFeed(worse, begun), AWS).incidents).toMatchObject([
      {
        title: 'Increased error rates',
        phase: 'investigating',
        impact: 'critical',
        startedAt,
        updates: [{}, { text: 'Some calls fail & are retried.' }],
      },
    ]);
    expect(readOk(awsFeed(over, worse, begun), AWS).incidents).toMatchObject([
      { title: 'Increased error rates', phase: 'resolved', startedAt, endedAt: Date.parse('2026-09-18T18:00:00Z') },
    ]);
    expect(
      readOk(awsFeed({ ...begun, at: 'Fri, 25 Sep 2026 08:00:00 PDT', epoch: 1_790_348_400 }, over, begun), AWS).incidents,
    ).toHaveLength(2);
  });
});

describe('xAI', () => {
  const at = 'Tue, 22 Sep 2026 01:02:42 GMT';
  const copies = (status: string): string[] => [
    xaiItem('API (us-east-1.api.x.ai)', 'High error rate', 'INC1', status, 'outage', at),
    xaiItem(
      'API (eu-west-1.api.x.ai)',
      'High error rate',
      'INC2',
      'RESOLVED',
      'available',
      'Tue, 22 Sep 2026 01:10:00 GMT',
      'Tue, 22 Sep 2026 01:28:30 GMT',
    ),
    xaiItem('Grok (iOS)', 'High error rate', 'INC3', status, 'outage', at),
  ];
  const page = pageNamed('xai');

  it('copies by region and surface are one event, over when all are, and of all products that they name', () => {
    const open = readOk(xaiFeed(...copies('IDENTIFIED')), XAI, page);
    expect(open).toMatchObject({
      listsAllOpen: true,
      incidents: [{ id: 'INC1', title: 'High error rate', phase: 'identified', impact: 'critical' }],
    });
    expect(open.incidents).toHaveLength(1);
    expect(productsOfIncident(page, open.incidents[0]!, [])).toEqual([
      { provider: 'xai', product: 'api' },
      { provider: 'xai', product: 'chat' },
    ]);
    expect(readOk(xaiFeed(...copies('RESOLVED')), XAI, page).incidents).toMatchObject([
      { phase: 'resolved', endedAt: Date.parse('2026-09-22T01:28:30Z') },
    ]);
  });

  it('the same words of the same place, or hours apart, are events of their own', () => {
    const again = xaiItem(
      'API (us-east-1.api.x.ai)',
      'High error rate',
      'INC8',
      'INVESTIGATING',
      'degraded',
      'Tue, 22 Sep 2026 01:30:00 GMT',
    );
    const later = xaiItem('Grok (Web)', 'High error rate', 'INC9', 'INVESTIGATING', 'degraded', 'Tue, 22 Sep 2026 09:00:00 GMT');
    expect(readOk(xaiFeed(copies('RESOLVED')[0]!, again, later), XAI, page).incidents).toHaveLength(3);
  });
});

it('Azure: whom it hits is read from the text where the title does not say', () => {
  const page = pageNamed('azure');
  const { incidents, listsAllOpen } = readOk(AZURE_ONE, AZURE, page);
  expect(listsAllOpen).toBe(true);
  expect(incidents).toMatchObject([{ phase: 'unknown', startedAt: Date.parse('2026-09-10T08:00:00Z') }]);
  expect(productsOfIncident(page, incidents[0]!, [])).toEqual([{ provider: 'azure', product: 'openai' }]);
});

it('Statuspage’s history, as a fallback: the newest label counts, and silence says nothing', () => {
  const { incidents, listsAllOpen } = readOk(STATUSPAGE_ATOM, OTHER);
  expect(listsAllOpen).toBe(false);
  expect(incidents).toMatchObject([
    { title: 'Logins fail', phase: 'resolved', endedAt: Date.parse('2026-06-01T07:00:00Z') },
    {
      title: 'Errors on one model',
      phase: 'monitoring',
      startedAt: Date.parse('2026-06-02T06:04:59Z'),
      url: 'https://status.example.com/incidents/b',
    },
  ]);
});

it('Flashduty’s feed has the numbers that its JSON has', () => {
  const result = flashduty.read(payload(DEEPSEEK_ATOM, 'application/atom+xml'), pageNamed('deepseek'), NOW);
  expect(result).toMatchObject({
    ok: true,
    value: {
      listsAllOpen: false,
      incidents: [
        { id: '2', phase: 'resolved' },
        { id: '6985724403287', phase: 'investigating' },
      ],
    },
  });
});

it('RDF, and entries without a guid: title, link and time stand for it', () => {
  const rdf =
    '<rdf:RDF xmlns:rdf="r" xmlns:dc="d"><channel><title>S</title></channel><item rdf:about="urn:1"><title>[Investigating] Slow</title><dc:date>2026-09-20T10:00:00Z</dc:date></item></rdf:RDF>';
  expect(readOk(rdf, OTHER).incidents).toMatchObject([{ id: 'urn:1', title: 'Slow', phase: 'investigating' }]);
  const bare = '<rss><channel><title>S</title><item><title>Slow</title><pubDate>20 Sep 26 10:00 GMT</pubDate></item></channel></rss>';
  expect(readOk(bare, OTHER).incidents).toMatchObject([{ id: `#Slow@${Date.parse('2026-09-20T10:00:00Z')}`, phase: 'unknown' }]);
});

describe('what is no feed, or not all of one', () => {
  it.each([
    ['<!DOCTYPE html><html><title>Login</title></html>', 'not-a-feed'],
    ['', 'not-a-feed'],
    ['{"error":"no"}', 'not-a-feed'],
    ['Human verification required', 'not-a-feed'],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'unknown-shape'],
    ['<?xml version="1.0"?><html><head><title>x</title></head></html>', 'unknown-shape'],
    ['<rss version="2.0"></rss>', 'unknown-shape'],
    ['<rss version="2.0"><channel></channel></rss>', 'unknown-shape'],
    ['<rss><channel><title>S</title><item><title>Broken</title></item></channel></rss>', 'unknown-shape'],
    ['<rss><channel><title>S</title><item><pubDate>Fri, 18 Sep 2026 08:00:00 GMT</pubDate></item></channel></rss>', 'unknown-shape'],
    [`<rss><channel><title>S</title>${'<item><title>x</title></item>'.repeat(2001)}</channel></rss>`, 'unknown-shape'],
    ['<rss><channel><title>A & B</title></channel></rss>', 'malformed'],
    ['<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>', 'malformed'],
    ['<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel><title>&a;</title></channel></rss>', 'malformed'],
    ['<?xml version="1.0" encoding="klingon"?><rss><channel><title>S</title></channel></rss>', 'malformed'],
    [`${'<a>'.repeat(200_000)}`, 'malformed'],
    [`<rss><channel><title>S</title>${'<i/>'.repeat(200_000)}</channel></rss>`, 'malformed'],
  ])('%.60s: %s', (text, type) => {
    expect(read(text, AWS)).toMatchObject({ ok: false, error: { type } });
  });

  it('cut off at any byte it is a problem', () => {
    const { bytes } = payload(xaiFeed(xaiItem('Grok (Web)', 'Down', 'INC1', 'INVESTIGATING', 'outage', 'Tue, 22 Sep 2026 01:02:42 GMT')));
    const lengths = Array.from(bytes.keys()).filter(
      (length) => feed.read({ url: XAI, contentType: 'text/xml', bytes: bytes.subarray(0, length) }, pageNamed('xai'), NOW).ok,
    );
    expect(lengths).toEqual([]);
  });

  it('8 MiB of noise, 50 MB of a feed, and text that is not what its declaration says, are problems', () => {
    const bytes = new Uint8Array(8 * 1024 * 1024).map((_, index) => (index * 7919) % 251);
    const huge = payload(
      `<rss><channel><title>S</title><description>${'x'.repeat(50_000_000)}</description></channel></rss>`,
      'text/xml',
      AWS,
    );
    expect(feed.read({ url: AWS, contentType: 'application/xml', bytes }, pageNamed('aws-bedrock'), NOW).ok).toBe(false);
    expect(feed.read(huge, pageNamed('aws-bedrock'), NOW)).toMatchObject({ ok: false, error: { type: 'malformed' } });
    const latin = new Uint8Array([
      ...new TextEncoder().encode('<rss><channel><title>'),
      0xe9,
      ...new TextEncoder().encode('</title></channel></rss>'),
    ]);
    expect(feed.read({ url: AWS, contentType: 'text/xml', bytes: latin }, pageNamed('aws-bedrock'), NOW).ok).toBe(false);
  });

  it('other encodings are read by what the document says', () => {
    const utf16 = Buffer.from(`\ufeff${AWS_EMPTY.replace('UTF-8', 'UTF-16')}`, 'utf16le');
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><title>\u00e9</title></channel></rss>', 'latin1');
    for (const bytes of [utf16, latin])
      expect(feed.read({ url: AWS, contentType: 'text/xml', bytes }, pageNamed('aws-bedrock'), NOW).ok).toBe(true);
  });

  it('with any stretch of it replaced nothing throws, and what was open is not over', () => {
    const text = xaiFeed(xaiItem('Grok (Web)', 'Down', 'INC1', 'INVESTIGATING', 'outage', 'Tue, 22 Sep 2026 01:02:42 GMT'));
    const from = text.indexOf('<item>');
    const isHonest = (at: number, length: number, junk: string): boolean => {
      const result = read(text.slice(0, from + at) + junk + text.slice(from + at + length), XAI, pageNamed('xai'));
      return !result.ok || result.value.incidents.filter(({ phase }) => phase !== 'resolved').length === 1;
    };
    const mutants = fc.property(fc.nat(text.length - from), fc.nat(40), fc.string({ maxLength: 12 }), isHonest);
    expect(fc.check(mutants, { numRuns: 500 })).toMatchObject({ failed: false });
  });
});
