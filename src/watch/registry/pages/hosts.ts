import type { StatusPage } from '../../page.ts';
import { uptimeFeed } from '../openrouter-models.ts';

const RESEARCH = 'shared/research/status.md, 1.1, November 2026';

/** Regions of Bedrock with most models; each has a feed of its own. */
const BEDROCK_REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'eu-central-1',
  'eu-west-1',
  'eu-west-3',
  'ap-northeast-1',
  'ap-southeast-2',
];

/** What OpenRouter is asked about until it is known which models are in use: of each maker one that many hosts run. */
const OPENROUTER_MODELS = [
  'anthropic/claude-opus-5.5',
  'anthropic/claude-sonnet-5.5',
  'openai/gpt-5.5',
  'google/gemini-3.5-flash',
  'x-ai/grok-4.5',
  'deepseek/deepseek-v4-pro',
];

/** Who runs others' models, in their own name or as a cloud. */
export const hostPages: readonly StatusPage[] = [
  {
    id: 'groq',
    family: 'incident-io',
    url: 'https://groqstatus.com',
    covers: [{ provider: 'groq', product: 'api', names: ['^(?!docs\\b|website\\b)'] }],
    source: RESEARCH,
  },
  {
    id: 'cerebras',
    family: 'statuspage',
    url: 'https://status.cerebras.ai',
    covers: [{ provider: 'cerebras', product: 'api', names: ['^(?!developer console\\b|docs\\b|website\\b)'] }],
    source: 'summary.json of June 2026, as published in repositories that read the page',
  },
  {
    id: 'openrouter',
    family: 'onlineornot',
    url: 'https://status.openrouter.ai',
    feeds: ['https://api.onlineornot.com/v1/status_pages/openrouter/summary'],
    covers: [{ provider: 'openrouter', product: 'api', all: true }],
    source: `${RESEARCH}; the address of the summary as published in repositories that read it`,
  },
  {
    id: 'openrouter-uptime',
    family: 'openrouter-uptime',
    url: 'https://openrouter.ai',
    feeds: OPENROUTER_MODELS.map(uptimeFeed),
    covers: [
      { provider: 'anthropic', product: 'api', names: ['^anthropic$'] },
      { provider: 'openai', product: 'api', names: ['^openai$'] },
      { provider: 'google', product: 'api', names: ['^google ai studio$'] },
      { provider: 'google', product: 'vertex', names: ['^google(?: vertex.*)?$'] },
      { provider: 'aws', product: 'bedrock', names: ['^amazon bedrock$'] },
      { provider: 'azure', product: 'openai', names: ['^azure$'] },
      { provider: 'xai', product: 'api', names: ['^xai$'] },
      { provider: 'deepseek', product: 'api', names: ['^deepseek$'] },
      { provider: 'mistral', product: 'api', names: ['^mistral$'] },
      { provider: 'groq', product: 'api', names: ['^groq$'] },
      { provider: 'together', product: 'api', names: ['^together$'] },
      { provider: 'fireworks', product: 'api', names: ['^fireworks$'] },
      { provider: 'cohere', product: 'api', names: ['^cohere$'] },
      { provider: 'cerebras', product: 'api', names: ['^cerebras$'] },
    ],
    source: `${RESEARCH}: GET /api/v1/models/{author}/{slug}/endpoints, openrouter.ai/docs`,
  },
  {
    id: 'together',
    family: 'better-stack',
    url: 'https://status.together.ai',
    covers: [{ provider: 'together', product: 'api', names: ['^(?!website\\b|docs\\b)'] }],
    source: RESEARCH,
  },
  {
    id: 'fireworks',
    family: 'incident-io',
    url: 'https://status.fireworks.ai',
    covers: [{ provider: 'fireworks', product: 'api', names: ['^(?!website\\b|docs\\b)'] }],
    source: 'At incident.io since July 2026 (it was at Better Stack), as published in repositories that read the page',
  },
  {
    id: 'huggingface',
    family: 'better-stack',
    url: 'https://status.huggingface.co',
    covers: [{ provider: 'huggingface', product: 'api', all: true }],
    source: RESEARCH,
  },
  {
    id: 'modal',
    family: 'better-stack',
    url: 'https://status.modal.com',
    covers: [{ provider: 'modal', product: 'api', all: true }],
    source: RESEARCH,
  },
  {
    id: 'aws-bedrock',
    family: 'feed',
    url: 'https://health.aws.amazon.com/health/status',
    feeds: BEDROCK_REGIONS.map((region) => `https://status.aws.amazon.com/rss/bedrock-${region}.rss`),
    covers: [{ provider: 'aws', product: 'bedrock', all: true }],
    source: RESEARCH,
  },
  {
    id: 'azure',
    family: 'feed',
    url: 'https://azure.status.microsoft/en-us/status',
    feeds: ['https://rssfeed.azure.status.microsoft/en-us/status/feed/'],
    covers: [
      { provider: 'azure', product: 'openai', names: ['azure (?:ai|openai)', '\\bopenai\\b', '\\bfoundry\\b', 'cognitive services'] },
    ],
    source: RESEARCH,
  },
];
