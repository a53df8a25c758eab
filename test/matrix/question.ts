import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import type { Content } from '../../src/sim/faults/fault.ts';

const PROMPTS: Record<Content, string> = {
  text: 'How is the weather at sea? [sim words=60]',
  tool: 'Look it up. [sim tools=1]',
  parallel: 'Look both up. [sim tools=2]',
  thinking: 'Think about the sea. [sim thinking words=60]',
};

const SCHEMA: JsonObject = { type: 'object', properties: { topic: { type: 'string' }, depth: { type: 'integer' } }, required: ['topic'] };
const TOOLS = ['look_up', 'search'];

export interface RawQuestion {
  path: string;
  headers: [string, string][];
  body: Buffer;
}

/** The same question in either dialect. The credential is a canary: it must be found nowhere but at its own provider. */
export function questionOf(dialect: ClientDialect, stream: boolean, content: Content, model: string): RawQuestion {
  const messages = [{ role: 'user', content: PROMPTS[content] }];
  const callsTools = content === 'tool' || content === 'parallel';
  if (dialect === 'anthropic-messages') {
    const body: JsonObject = { model, max_tokens: 16_000, stream, messages };
    if (callsTools) body.tools = TOOLS.map((name) => ({ name, description: `Tool ${name}`, input_schema: SCHEMA }));
    if (content === 'thinking') body.thinking = { type: 'enabled', budget_tokens: 4000 };
    return {
      path: '/v1/messages',
      headers: [
        ['content-type', 'application/json'],
        ['anthropic-version', '2023-06-01'],
        ['x-api-key', CLIENT_KEY],
      ],
      body: Buffer.from(JSON.stringify(body)),
    };
  }
  const body: JsonObject = { model, stream, messages };
  if (callsTools) {
    body.tools = TOOLS.map((name) => ({ type: 'function', function: { name, description: `Tool ${name}`, parameters: SCHEMA } }));
  }
  if (content === 'thinking') body.reasoning_effort = 'medium';
  return {
    path: '/v1/chat/completions',
    headers: [
      ['content-type', 'application/json'],
      ['authorization', `Bearer ${CLIENT_KEY}`],
    ],
    body: Buffer.from(JSON.stringify(body)),
  };
}

export const CLIENT_KEY = 'sk-client-canary-4f1d';
export const LEAD_KEY = 'sk-lead-canary-77b2';
export const BACKUP_KEY = 'sk-backup-canary-c09e';
