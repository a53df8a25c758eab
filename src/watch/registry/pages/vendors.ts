import type { StatusPage } from '../../page.ts';

const RESEARCH = 'shared/research/status.md, 1.1, November 2026';

/** Makers of models with an API of their own. */
export const vendorPages: readonly StatusPage[] = [
  {
    id: 'mistral',
    family: 'checkly',
    url: 'https://status.mistral.ai',
    mirrors: ['https://mistral-ai.checkly-status-page.com'],
    covers: [
      {
        provider: 'mistral',
        product: 'api',
        groups: ['API'],
        names: ['\\bAPIs?\\b', '\\b(?:completions?|embeddings|fine.?tuning|moderation|OCR|agents|batch)\\b'],
      },
      { provider: 'mistral', product: 'chat', names: ['\\ble ?chat\\b', '\\bvibe\\b'] },
    ],
    source: `${RESEARCH}: at Checkly since May 2026`,
  },
  {
    id: 'xai',
    family: 'feed',
    url: 'https://status.x.ai',
    feeds: ['https://status.x.ai/feed.xml'],
    covers: [
      // Titles begin with the surface: [API (us-east-1.api.x.ai)], [Global (api.x.ai)], [Grok (iOS)], [grok.com].
      { provider: 'xai', product: 'api', names: ['^\\[(?!API Console)[^\\]]*(?:\\bAPI\\b|api\\.x\\.ai)'] },
      { provider: 'xai', product: 'chat', names: ['^\\[[^\\]]*grok'] },
    ],
    source: `${RESEARCH}; titles as recorded from the feed in July and September 2026`,
  },
  {
    id: 'deepseek',
    family: 'flashduty',
    url: 'https://status.deepseek.com',
    pageId: '6410630422455',
    // deepseek.statuspage.io still answers, with what it knew on 8 May 2026: it is no mirror.
    covers: [
      { provider: 'deepseek', product: 'api', components: ['01KR3NC9ETZYF436Z8YT1HM047'], names: ['\\bAPI\\b'] },
      {
        provider: 'deepseek',
        product: 'chat',
        components: ['01KR3NC9ETESRRQ4GABE0TGW53'],
        groups: ['对话服务(Chat Service)'],
        names: ['web chat', '\\bapp\\b', '网页', '对话'],
      },
    ],
    source: `${RESEARCH}: at Flashduty since May 2026; components of June 2026, renamed and split since`,
  },
  {
    id: 'moonshot',
    family: 'statuspage',
    url: 'https://status.moonshot.cn',
    covers: [
      {
        provider: 'moonshot',
        product: 'api',
        // API Service, Open API, Model, K2 Model.
        components: ['rf64wcbxt3r2', '8psr5dfdld0s', 'x0zsqgy57b75', 'z2zfp65lvb2z'],
        names: ['\\bAPI\\b', '\\bmodel\\b'],
      },
    ],
    source: 'Components of July 2026, as published in repositories that read the page',
  },
  {
    id: 'cohere',
    family: 'incident-io',
    url: 'https://status.cohere.com',
    covers: [{ provider: 'cohere', product: 'api', names: ['^(?!docs\\b|website\\b|playground\\b)'] }],
    source: RESEARCH,
  },
  {
    id: 'perplexity',
    family: 'instatus',
    url: 'https://status.perplexity.com',
    covers: [
      { provider: 'perplexity', product: 'chat', components: ['clyi6jhgg31469ihojbwbsmeeg'], names: ['\\bwebsite\\b', '\\bapps?\\b'] },
      { provider: 'perplexity', product: 'api', components: ['clyiakn7i60113hvojwho6za6j'], names: ['\\bAPI\\b', '\\bsonar\\b'] },
    ],
    source: `${RESEARCH}; components of 16 August 2026, as published in repositories that read the page`,
  },
];
