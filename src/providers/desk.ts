import type { Provider } from './provider.ts';

/** The provider that stands for what lies on this machine (src/offline), and its one model: `offline/desk`. */
export const DESK = 'offline';
/** Its address, which is within this process. */
export const DESK_ORIGIN = 'offline://desk';

const MODEL = 'desk';

/** No service, and no model: it answers with earlier answers, notes and runbooks, and says so. In a route only where somebody has put it there. */
export const deskProvider: Provider = Object.freeze({
  name: DESK,
  dialect: 'openai-chat',
  baseUrl: DESK_ORIGIN,
  vendor: DESK,
  credential: { type: 'none' },
  headers: {},
  local: true,
  models: [MODEL],
  offers: (model: string) => model === MODEL,
  desk: true,
  facts: (model: string) => ({
    vendor: DESK,
    model,
    prefill: false,
    reasoning: 'none',
    maxTokensField: 'max_tokens',
    systemRole: 'system',
    fixedSampling: false,
  }),
} satisfies Provider);
