import type { StatusPage } from '../../page.ts';

const provider = 'openai';

/** Government workspaces are a place of their own, and no product here. */
const NOT_FEDRAMP = '^(?!.*FedRAMP).*';

export const openaiPages: readonly StatusPage[] = [
  {
    id: 'openai',
    family: 'incident-io',
    url: 'https://status.openai.com',
    pageId: '01JMDK9XYNY6RXSED6SDWW50WY',
    covers: [
      {
        provider,
        product: 'api',
        components: [
          '01JMXBRMFE6N2NNT7DG6XZQ6PW', // Chat Completions
          '01JP8CD9JR3HR6Y7G4Q75N4DVW', // Responses
          '01JMXBRMFEMZK0HPK19RYET250', // Fine-tuning
          '01JMXBRMFEV0AJ0VVS68N9CD6R', // Embeddings
          '01JMXBRMFE4MAP2BHSJNZ787WX', // Images
          '01JMXBRMFE5ESNNV8JDHVCGSRD', // Batch
          '01JMXBRMFEKVBWKK82B44QFMCE', // Audio
          '01JMXBRMFEVZ7E0X9GD9FWR9WX', // Moderations
          '01JMXBRMFEQW613TFE89F45035', // Realtime
          '01JMXBRMFESJCBGJR10PDD3WCQ', // Files
          '01JSM5RTJWHRWDTS6Q604VEW3B', // Login (of the API's platform; ChatGPT has one of the same name)
        ],
        groups: ['APIs'],
        names: ['(?<!\\b(?:codex|sora|ads|compliance) )\\bAPIs?\\b', '\\b(?:chat completions|embeddings|fine-tuning|moderations)\\b'],
      },
      {
        provider,
        product: 'chat',
        components: [
          '01JMXBNJXGV1T5GT2M9XA83XNG', // Conversations
          '01JMXBNJXG1S2D9V65P1ZZTD94', // Login
          '01KX45G1SH21AX5DT93D4HMF0P', // ChatGPT Work
          '01KMKFAMWKQ81YWSE1Z18R6VHR', // Codex in ChatGPT Desktop: in ChatGPT's group since July 2026
          '01JNKS9D9S72PMP1938PVFFQN4', // Compliance API
          '01JMXBNJXGKKP51D4DEJ2HZJ8Q', // Search
          '01JMXBNJXG1YMQPPCPCQX3MPA2', // File uploads
          '01JMXBNJXGGT5SR5DB9J7GYY48', // Voice mode
          '01JSFK5QX36ZRW0TW0ZV0ZYFXQ', // GPTs
          '01JQ7EKW990MSPSWVXC7VPV2ZJ', // Image Generation
          '01JSYVYQSWMJ9QG35XHP08BHA7', // Deep Research
          '01JSG1XMJ9RVJJQ0E85NVSJ2AZ', // Agent
          '01K8C008QVXHA6JX98PAS42VPD', // ChatGPT Atlas
          '01KX45G1SHQQ9DTAX9S4W7FV8G', // Sites
          '01K6TVGGGDCP0PPGCHXAG3AQX8', // Connectors/Apps
        ],
        groups: ['ChatGPT'],
        names: [`${NOT_FEDRAMP}\\b(?:ChatGPT|conversations?|GPTs|voice mode|deep research|atlas)\\b`],
      },
      {
        provider,
        product: 'codex',
        components: [
          '01JVCV8YSWZFRSM1G5CVP253SK', // Codex Web
          '01KMP3KP5MGE23B80K1EK4S8PV', // Codex API
          '01KMKFAMWKNQ84Z1766MV08ZDE', // CLI
          '01KMP3KP5M8X0EBTVW6KN327EE', // VS Code extension
        ],
        groups: ['Codex'],
        names: [`${NOT_FEDRAMP}\\bCodex\\b`],
      },
      { provider, product: 'sora', components: ['01K9G527YRPY1EFRMHTKB5BKT5'], names: ['\\bSora\\b'] },
    ],
    source:
      'Components of 20 August 2026 and summary.json of 29 September 2026 (junxit/ai-status-archive, raw/openai.json); which group each is in: the page of 9 September 2026, as published in repositories that read it',
  },
];
