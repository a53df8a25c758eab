import type { StatusPage } from '../../page.ts';

const provider = 'anthropic';

export const anthropicPages: readonly StatusPage[] = [
  {
    id: 'anthropic',
    family: 'statuspage',
    url: 'https://status.claude.com',
    // The origin of the same page: it answers where the CDN in front of the first asks whether a human is there.
    mirrors: ['https://anthropic.statuspage.io'],
    pageId: 'tymt9n04zgry',
    covers: [
      { provider, product: 'chat', components: ['rwppv331jlwc'], names: ['claude\\.ai', 'across surfaces'] },
      { provider, product: 'console', components: ['0qbwn08sd68x'], names: ['console', 'platform\\.claude\\.com'] },
      { provider, product: 'api', components: ['k8w3r06qmzrp'], names: ['claude api', 'api\\.anthropic\\.com', 'across surfaces'] },
      { provider, product: 'code', components: ['yyzkbfz2thpt'], names: ['claude code', 'across surfaces'] },
      { provider, product: 'cowork', components: ['bpp5gb3hpjcl'], names: ['cowork'] },
      { provider, product: 'government', components: ['0scnb50nvy53'], names: ['claude for government'] },
    ],
    source: 'Recorded summary.json of 7 October 2026 (junxit/ai-status-archive, raw/anthropic.json); shared/research/status.md, 1.1',
  },
];
