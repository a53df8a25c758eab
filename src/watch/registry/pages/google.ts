import type { StatusPage } from '../../page.ts';

const provider = 'google';

/**
 * Google's two dashboards. The Gemini API and AI Studio are on neither: their own page (aistudio.google.com/status) is fed by a call that nobody
 * documents and that wants a key out of the page, so that they have no page here.
 */
export const googlePages: readonly StatusPage[] = [
  {
    id: 'google-cloud',
    family: 'google-cloud',
    url: 'https://status.cloud.google.com',
    covers: [
      // Vertex Gemini API ("Gemini on Agent Platform"), Vertex AI Online Prediction.
      { provider, product: 'vertex', components: ['Z0FZJAMvEB4j3NbCJs6B', 'sdXM79fz1FS6ekNpu37K'] },
      { provider, product: 'code-assist', components: ['deUeOEPYanfJ9w8cpyBJ'] },
    ],
    source: 'products.json and incidents.json of September 2026 (junxit/ai-status-archive, tests/fixtures); shared/research/status.md, 1.1',
  },
  {
    id: 'google-workspace',
    family: 'google-workspace',
    url: 'https://www.google.com/appsstatus/dashboard',
    covers: [{ provider, product: 'app', components: ['npdyhgECDJ6tB66MxXyo'] }],
    source: 'products.json of 22 May 2026, as published in repositories that read it; shared/research/status.md, 1.1',
  },
];
