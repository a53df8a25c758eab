import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE_FAMILIES } from '../page.ts';
import { productsOfComponent, productsOfIncident } from './covering.ts';
import { productOf } from './known.ts';
import { PAGES } from './pages.ts';
import { PRODUCTS } from './products.ts';

const page = (id: string) => PAGES.find((each) => each.id === id)!;
const keys = (found: { provider: string; product: string }[]): string[] => found.map(({ provider, product }) => `${provider}/${product}`);
const entry = (id: string, title: string): string[] => keys(productsOfIncident(page(id), { title, components: [] }, []));

describe('the registry of pages', () => {
  it('has each once, with addresses that can be asked, and only for products that there are', () => {
    expect(new Set(PAGES.map(({ id }) => id)).size).toBe(PAGES.length);
    for (const { family, url, mirrors = [], feeds = [], covers, source } of PAGES) {
      expect(PAGE_FAMILIES).toContain(family);
      for (const address of [url, ...mirrors, ...feeds]) expect(URL.canParse(address) && address.startsWith('https://')).toBe(true);
      for (const address of [url, ...mirrors]) expect(address).not.toMatch(/\/$/);
      expect(covers.length).toBeGreaterThan(0);
      for (const covered of covers) {
        expect(productOf(covered)).toBeDefined();
        const { components = [], names = [], groups = [], all } = covered;
        expect([...components, ...names, ...groups, ...(all ? ['all'] : [])].length).toBeGreaterThan(0);
        for (const name of names) expect(() => new RegExp(name, 'i')).not.toThrow();
      }
      expect(source).toMatch(/\d{4}/);
    }
  });

  it('gives no component to two products', () => {
    for (const { covers } of PAGES) {
      const ids = covers.flatMap(({ components = [] }) => components);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('has a page for every product but those whose providers have none that can be read', () => {
    const covered = new Set(PAGES.filter(({ family }) => family !== 'openrouter-uptime').flatMap(({ covers }) => keys([...covers])));
    const without = PRODUCTS.filter(({ provider, product }) => !covered.has(`${provider}/${product}`));
    expect(keys(without)).toEqual(['google/api', 'zai/api']);
  });
});

it('docs/status-pages.md lists every product with its pages', () => {
  const lines = readFileSync(new URL('../../../docs/status-pages.md', import.meta.url), 'utf8').split('\n');
  for (const { provider, product, title } of PRODUCTS) {
    const line = lines.find((each) => each.includes(`\`${provider}/${product}\``));
    const hosts = PAGES.filter(
      ({ family, covers }) => family !== 'openrouter-uptime' && keys([...covers]).includes(`${provider}/${product}`),
    ).map(({ url }) => new URL(url).host);
    for (const said of [title, ...hosts]) expect(line).toContain(said);
  }
});

describe('a component is of', () => {
  it.each([
    ['anthropic', 'rwppv331jlwc', 'claude.ai', 'anthropic/chat'],
    ['anthropic', 'k8w3r06qmzrp', 'whatever it is called by then', 'anthropic/api'],
    ['anthropic', '0qbwn08sd68x', 'Claude Console (platform.claude.com)', 'anthropic/console'],
    ['anthropic', 'yyzkbfz2thpt', 'Claude Code', 'anthropic/code'],
    ['anthropic', 'bpp5gb3hpjcl', 'Claude Cowork', 'anthropic/cowork'],
    ['anthropic', '0scnb50nvy53', 'Claude for Government', 'anthropic/government'],
    ['openai', '01JSM5RTJWHRWDTS6Q604VEW3B', 'Login', 'openai/api'],
    ['openai', '01JMXBNJXG1S2D9V65P1ZZTD94', 'Login', 'openai/chat'],
    ['openai', '01KMP3KP5MGE23B80K1EK4S8PV', 'Codex API', 'openai/codex'],
    ['openai', '01KMKFAMWKQ81YWSE1Z18R6VHR', 'Codex in ChatGPT Desktop', 'openai/chat'],
    ['openai', '01K9G527YRPY1EFRMHTKB5BKT5', 'Sora', 'openai/sora'],
    ['github', 'pjmpxvq2cmr2', 'Copilot', 'github/copilot'],
    ['google-cloud', 'Z0FZJAMvEB4j3NbCJs6B', 'Gemini on Agent Platform', 'google/vertex'],
    ['groq', '01K', 'llama-3.3-70b', 'groq/api'],
    ['mistral', 'x', 'Chat Completions API', 'mistral/api'],
    ['mistral', 'x', 'Le Chat', 'mistral/chat'],
    ['perplexity', 'x', 'API', 'perplexity/api'],
    ['xai', '[API (us-east-1.api.x.ai)]', '[API (us-east-1.api.x.ai)]', 'xai/api'],
    ['xai', '[Grok (iOS)]', '[Grok (iOS)]', 'xai/chat'],
  ])('%s, %s (%s): %s', (id, component, name, expected) => {
    expect(keys(productsOfComponent(page(id), { id: component, name }))).toEqual([expected]);
  });

  it.each([
    ['github', '8l4ygp009s5s', 'Git Operations'],
    ['openai', '01KKAD7C71MCCH3FTREMJH4AAS', 'FedRAMP'],
    ['openai', '01KTQBYVARFJ5KMCSECM06VKCF', 'Ads Manager'],
    ['openai', '01KVR95C58GGWHV7RYBT32NP11', 'Ads API'],
    ['cohere', '01H', 'Docs'],
    ['cerebras', '83h1cchw4vs4', 'Developer Console'],
    ['cursor', 'jh0714rgjgt4', 'cursor.com'],
  ])('%s, %s (%s): nobody', (id, component, name) => {
    expect(productsOfComponent(page(id), { id: component, name })).toEqual([]);
  });

  it('its group where nobody knows it yet', () => {
    const agents = { id: '01M3Q6W0264T1RJS1YEM47CAQJ', name: 'Agents' };
    expect(keys(productsOfComponent(page('openai'), { ...agents, group: 'APIs' }))).toEqual(['openai/api']);
    expect(keys(productsOfComponent(page('openai'), { ...agents, group: 'ChatGPT' }))).toEqual(['openai/chat']);
    expect(productsOfComponent(page('openai'), agents)).toEqual([]);
  });
});

describe('an entry without components is, by its title, about', () => {
  it.each([
    [
      'openai',
      'Elevated errors across ChatGPT, Codex, and the API including the Agents API',
      ['openai/api', 'openai/chat', 'openai/codex'],
    ],
    ['openai', 'Elevated Codex API authentication errors', ['openai/codex']],
    ['openai', 'Elevated Errors for Sora API', ['openai/sora']],
    ['openai', 'Unexpected logouts for some ChatGPT web users', ['openai/chat']],
    ['openai', 'Codex and conversation search not working in FedRAMP workspaces', []],
    ['openai', 'Support chat unavailable', []],
    ['xai', '[API (us-east-1.api.x.ai)] grok-4.6 high error rate', ['xai/api']],
    ['xai', '[Global (api.x.ai)] high error rate', ['xai/api']],
    ['xai', '[Grok (iOS)] Models outage', ['xai/chat']],
    ['xai', '[grok.com] Models outage', ['xai/chat']],
    ['xai', '[API Console]Console not loading', []],
    ['aws-bedrock', 'Increased error rates', ['aws/bedrock']],
    ['azure', 'Azure OpenAI - Sweden Central - Mitigated', ['azure/openai']],
    ['azure', 'Virtual Machines - West Europe', []],
  ])('%s: %s', (id, title, expected) => {
    expect(entry(id, title)).toEqual(expected);
  });
});

describe('an entry with components is about', () => {
  const components = (...states: [string, 'operational' | 'degraded' | undefined][]) =>
    states.map(([id, state]) => ({ id, name: id, ...(state && { state }) }));

  it('those that are not well', () => {
    const linked = components(['k8w3r06qmzrp', 'degraded'], ['rwppv331jlwc', 'operational'], ['yyzkbfz2thpt', undefined]);
    const title = 'Elevated errors';
    expect(keys(productsOfIncident(page('anthropic'), { title, components: linked }, []))).toEqual(['anthropic/api', 'anthropic/code']);
  });

  it('all, or those of its title, where all are well', () => {
    const linked = components(['k8w3r06qmzrp', 'operational'], ['rwppv331jlwc', 'operational']);
    const about = (title: string) => keys(productsOfIncident(page('anthropic'), { title, components: linked }, []));
    expect(about('Elevated errors')).toEqual(['anthropic/api', 'anthropic/chat']);
    expect(about('Elevated errors on claude.ai')).toEqual(['anthropic/chat']);
  });

  it('nobody here, where they are none of ours', () => {
    const linked = components(['8l4ygp009s5s', 'degraded']);
    expect(productsOfIncident(page('github'), { title: 'Copilot is not it', components: linked }, [])).toEqual([]);
  });
});
