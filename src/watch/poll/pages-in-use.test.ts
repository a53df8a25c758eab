import { describe, expect, it } from 'vitest';
import { err, ok } from '../../exchange/result.ts';
import type { StatusPage } from '../page.ts';
import type { WatchedProvider } from '../plan.ts';
import type { Product } from '../product.ts';
import { productNamed } from '../registry/known.ts';
import { PAGES } from '../registry/pages.ts';
import { PRODUCTS } from '../registry/products.ts';
import { pagesInUse, type InUse, type Registry } from './pages-in-use.ts';

const product = (provider: string, name: string, presets: string[] = []): Product => ({
  provider,
  product: name,
  title: name,
  aliases: [],
  presets,
});
const page = (id: string, covers: [string, string][], more: Partial<StatusPage> = {}): StatusPage => ({
  id,
  family: 'statuspage',
  url: `https://status.${id}.example`,
  covers: covers.map(([provider, name]) => ({ provider, product: name })),
  source: 'test',
  ...more,
});
const products = [
  product('anthropic', 'api', ['anthropic']),
  product('anthropic', 'chat'),
  product('openai', 'api', ['openai', 'chatgpt']),
  product('openrouter', 'api', ['openrouter']),
  product('google', 'api', ['gemini']),
  product('google', 'vertex', ['vertex']),
  product('local', 'thing', ['ollama']),
];
const registry: Registry = {
  products,
  pages: [
    page('anthropic', [
      ['anthropic', 'api'],
      ['anthropic', 'chat'],
    ]),
    page('openai', [['openai', 'api']]),
    page('openrouter', [['openrouter', 'api']]),
    page(
      'openrouter-uptime',
      [
        ['anthropic', 'api'],
        ['openai', 'api'],
      ],
      { family: 'openrouter-uptime' },
    ),
    page('google-cloud', [
      ['google', 'vertex'],
      ['google', 'api'],
    ]),
    page('local', [['local', 'thing']]),
  ],
  productNamed(text) {
    const found = products.find((one) => `${one.provider}/${one.product}` === text);
    return found ? ok(found) : err([]);
  },
};
const provider = (name: string, more: Partial<WatchedProvider> = {}): WatchedProvider => ({
  name,
  preset: name,
  origin: `https://api.${name}.example`,
  local: false,
  probable: true,
  ...more,
});

const chosen = (inUse: Partial<InUse>): [string, string][] =>
  pagesInUse({ providers: [], named: [], own: [], ...inUse }, registry).map(({ page: { id }, reason }) => [id, reason]);

describe('pages in use', () => {
  it('are none where nothing is', () => {
    expect(chosen({})).toEqual([]);
  });

  it('are those of the providers, in their order, and no others', () => {
    expect(chosen({ providers: [provider('openai'), provider('anthropic')] })).toEqual([
      ['openai', 'provider openai is in use'],
      ['anthropic', 'provider anthropic is in use'],
    ]);
  });

  it('have every reason, each of them once', () => {
    const providers = [provider('vertex'), provider('gemini'), provider('work', { preset: 'gemini' })];
    expect(chosen({ providers, named: ['google/api'] })).toEqual([
      ['google-cloud', 'provider vertex is in use; provider gemini is in use; provider work is in use; watch.products names google/api'],
    ]);
  });

  it('are none of a service that nobody knows, of one on this machine, or of a gateway', () => {
    const wall = provider('wall', { preset: 'unheard-of' });
    const { preset: _preset, ...gateway } = provider('gateway');
    expect(chosen({ providers: [wall, gateway, provider('ollama', { local: true })] })).toEqual([]);
  });

  it('are those of products that are named, after those of providers', () => {
    expect(chosen({ providers: [provider('openai')], named: ['anthropic/chat', 'never heard of'] })).toEqual([
      ['openai', 'provider openai is in use'],
      ['anthropic', 'watch.products names anthropic/chat'],
    ]);
  });

  it('ask a reseller what it has seen of others only where it is in use or named itself', () => {
    expect(chosen({ providers: [provider('anthropic')], named: ['openai/api'] }).map(([id]) => id)).toEqual(['anthropic', 'openai']);
    expect(chosen({ providers: [provider('openrouter')] }).map(([id]) => id)).toEqual(['openrouter', 'openrouter-uptime']);
    expect(chosen({ named: ['openrouter/api'] }).map(([id]) => id)).toEqual(['openrouter', 'openrouter-uptime']);
  });

  it("have a user's own, which take the place of ours of the same name", () => {
    const own = [page('wall', [['wall', 'api']]), page('anthropic', [['anthropic', 'api']], { url: 'https://mirror.example' })];
    const found = pagesInUse({ providers: [provider('anthropic')], named: [], own }, registry);
    expect(found.map(({ page: { id, url }, reason }) => [id, url, reason])).toEqual([
      ['wall', 'https://status.wall.example', 'watch.pages names wall'],
      ['anthropic', 'https://mirror.example', 'watch.pages names anthropic'],
    ]);
  });

  it("have a cloud's feeds for the regions in use, and all where none of them is", () => {
    const feeds = ['us-east-1', 'us-east-2', 'eu-west-1'].map((region) => `https://status.aws.example/rss/bedrock-${region}.rss`);
    const clouds: Registry = {
      products: [product('aws', 'bedrock', ['bedrock'])],
      pages: [page('aws', [['aws', 'bedrock']], { feeds })],
      productNamed: () => ok({ provider: 'aws', product: 'bedrock' }),
    };
    const bedrock = (region: string) => provider('bedrock', { origin: `https://bedrock-runtime.${region}.amazonaws.com` });
    const asked = (...regions: string[]) =>
      pagesInUse({ providers: regions.map(bedrock), named: ['bedrock'], own: [] }, clouds).flatMap((found) => found.page.feeds);
    expect(asked('us-east-1')).toEqual([feeds[0]]);
    expect(asked('eu-west-1', 'us-east-2')).toEqual([feeds[1], feeds[2]]);
    expect(asked('sa-east-1')).toEqual(feeds);
    expect(asked()).toEqual(feeds);
  });
});

describe('of the pages that are known', () => {
  const known: Registry = { products: PRODUCTS, pages: PAGES, productNamed };
  const ids = (inUse: Partial<InUse>): string[] =>
    pagesInUse({ providers: [], named: [], own: [], ...inUse }, known).map(({ page: { id } }) => id);

  it.each([
    ['anthropic', ['anthropic']],
    ['openai', ['openai']],
    ['chatgpt', ['openai']],
    ['google', []],
    ['vertex', ['google-cloud']],
    ['mistral', ['mistral']],
    ['xai', ['xai']],
    ['groq', ['groq']],
    ['openrouter', ['openrouter', 'openrouter-uptime']],
    ['bedrock', ['aws-bedrock']],
    ['azure', ['azure']],
    ['ollama', []],
  ])('%s alone has %j asked', (preset, pages) => {
    expect(ids({ providers: [provider(preset, { preset, local: preset === 'ollama' })] })).toEqual(pages);
  });

  it('those that somebody names are asked', () => {
    expect(ids({ named: ['claude.ai', 'ChatGPT', 'gemini', 'copilot'] })).toEqual(['anthropic', 'openai', 'google-workspace', 'github']);
  });
});
