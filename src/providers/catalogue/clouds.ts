import type { Preset } from './preset.ts';

const shared = { keyVariables: [], local: false, quirks: {} } as const;

const amazon = {
  ...shared,
  scheme: 'bearer',
  keyPage: 'https://console.aws.amazon.com/bedrock/home#/api-keys',
  dataUse: 'Content is not used for training and not given to the models’ makers. https://aws.amazon.com/bedrock/faqs',
  picks: {},
  list: 'bedrock',
} as const;
const bedrockRuntime = {
  house: 'aws',
  service: 'bedrock',
  form: 'own',
  needs: ['region'],
  keyVariables: ['AWS_BEARER_TOKEN_BEDROCK'],
  finds: 'the credentials that AWS’s usual chain finds: variables, profiles, SSO, roles',
} as const;
const bedrockMantle = { ...bedrockRuntime, service: 'bedrock-mantle' } as const;

const google = {
  ...shared,
  scheme: 'bearer',
  keyPage: 'https://console.cloud.google.com/vertex-ai',
  dataUse: 'Content is not used for training without permission. https://cloud.google.com/vertex-ai/generative-ai/docs/data-governance',
  cloud: {
    house: 'google',
    needs: ['project', 'region'],
    keyVariables: [],
    finds: 'Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS, gcloud’s login, the machine’s own account',
  },
} as const;

const microsoft = {
  ...shared,
  keyPage: 'https://ai.azure.com',
  dataUse: 'Content is not used for training. https://learn.microsoft.com/legal/cognitive-services/openai/data-privacy',
  picks: {},
} as const;
const entra = 'a Microsoft Entra token: variables, managed identity, az login';

/**
 * Clouds that run others' models. `{region}`, `{resource}` and `{vertex}` (the host of a Vertex location) are filled in from the settings.
 * Claude's reasoning is accepted by Claude wherever it runs (platform.claude.com/docs, extended thinking), so its vendor there is Anthropic.
 */
export const cloudPresets: readonly Preset[] = [
  {
    ...amazon,
    name: 'bedrock',
    title: 'Amazon Bedrock (Claude)',
    vendor: 'anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
    models: ['anthropic.claude-*', '*.anthropic.claude-*', 'arn:aws*:bedrock:*'],
    cloud: { ...bedrockRuntime, form: 'invoke-model' },
    source: '@anthropic-ai/bedrock-sdk 1.1.3; docs.aws.amazon.com/bedrock/latest/userguide/apis.html, read 2026-11-22',
  },
  {
    ...amazon,
    name: 'bedrock-messages',
    title: 'Amazon Bedrock (Claude in Anthropic’s own form)',
    vendor: 'anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com/anthropic',
    models: ['anthropic.claude-*', '*.anthropic.claude-*'],
    cloud: bedrockRuntime,
    source: 'docs.aws.amazon.com/bedrock/latest/userguide/inference-messages-api.html, read 2026-11-22',
  },
  {
    ...amazon,
    name: 'bedrock-openai',
    title: 'Amazon Bedrock (OpenAI’s dialects)',
    vendor: 'bedrock',
    dialect: 'openai-responses',
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com/openai/v1',
    also: { 'openai-chat': { baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com/openai/v1' } },
    cloud: bedrockRuntime,
    source: 'docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.md, read 2026-11-22',
  },
  {
    ...amazon,
    name: 'bedrock-mantle',
    title: 'Amazon Bedrock Mantle (Claude)',
    vendor: 'anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://bedrock-mantle.{region}.api.aws/anthropic',
    models: ['anthropic.claude-*', '*.anthropic.claude-*'],
    cloud: bedrockMantle,
    source: '@anthropic-ai/bedrock-sdk 1.1.3 (mantle-client), read 2026-11-22',
  },
  {
    ...amazon,
    name: 'bedrock-mantle-openai',
    title: 'Amazon Bedrock Mantle (OpenAI’s dialects)',
    vendor: 'bedrock',
    dialect: 'openai-responses',
    baseUrl: 'https://bedrock-mantle.{region}.api.aws/openai/v1',
    also: { 'openai-chat': { baseUrl: 'https://bedrock-mantle.{region}.api.aws/openai/v1' } },
    cloud: bedrockMantle,
    source: 'github.com/openai/openai-node docs/bedrock.md, read 2026-11-22',
  },
  {
    ...google,
    name: 'vertex',
    title: 'Google Vertex AI (Gemini)',
    // Not google: that Gemini's signatures are good in the other house too is written nowhere.
    vendor: 'vertex',
    api: 'google',
    list: 'vertex',
    dialect: 'gemini',
    baseUrl: 'https://{vertex}',
    models: ['gemini-*', 'gemma-*'],
    picks: { frontier: 'gemini-3.1-pro-preview', balanced: 'gemini-3.8-flash', fast: 'gemini-3.5-flash-lite' },
    source: '@google/genai 3.1 (vertexai), read 2026-11-22',
  },
  {
    ...google,
    name: 'vertex-anthropic',
    title: 'Google Vertex AI (Claude)',
    vendor: 'anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://{vertex}',
    models: ['claude-*'],
    picks: {},
    source: '@anthropic-ai/vertex-sdk 1.1, read 2026-11-22',
  },
  {
    ...microsoft,
    name: 'azure',
    title: 'Azure OpenAI',
    vendor: 'azure',
    api: 'openai',
    list: 'azure',
    dialect: 'openai-responses',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    scheme: 'api-key',
    also: { 'openai-chat': { baseUrl: 'https://{resource}.openai.azure.com/openai/v1' } },
    keepsResponses: true,
    cloud: { house: 'azure', needs: ['resource'], keyVariables: ['AZURE_OPENAI_API_KEY'], finds: entra },
    source: 'learn.microsoft.com/azure/ai-foundry/openai (v1 API), read 2026-11-22',
  },
  {
    ...microsoft,
    name: 'azure-anthropic',
    title: 'Microsoft Foundry (Claude)',
    vendor: 'anthropic',
    dialect: 'anthropic-messages',
    baseUrl: 'https://{resource}.services.ai.azure.com/anthropic',
    scheme: 'x-api-key',
    models: ['claude-*'],
    cloud: { house: 'azure', needs: ['resource'], keyVariables: ['ANTHROPIC_FOUNDRY_API_KEY'], finds: entra },
    source: '@anthropic-ai/foundry-sdk, read 2026-11-22',
  },
];
