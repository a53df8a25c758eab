/** What real clients send, in the order in which they send it: the beginning of a tool round, and its end as it was recorded. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dialectOf } from '../../dialects/all.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { listConversations, messagesOf } from '../store/read.ts';
import { requestOf, talk } from './testing/talk.ts';

const HISTORY: Record<DialectName, string> = {
  'anthropic-messages': 'messages',
  'openai-chat': 'messages',
  'openai-responses': 'input',
  gemini: 'contents',
};

interface Fixture {
  path: string;
  headers: Record<string, string>;
  body: JsonObject;
}

const CLIENTS: [file: string, dialect: DialectName][] = [
  ['claude-code-2.1.330', 'anthropic-messages'],
  ['codex-0.169.0', 'openai-responses'],
  ['codex-0.169.0-own-provider', 'openai-responses'],
  ['copilot-1.0.102', 'openai-chat'],
  ['copilot-1.0.102-anthropic', 'anthropic-messages'],
  ['copilot-1.0.102-responses', 'openai-responses'],
  ['gemini-cli-0.61.0', 'gemini'],
  ['opencode-ai-1.18.33-anthropic', 'anthropic-messages'],
  ['opencode-ai-1.18.33-compatible', 'openai-chat'],
  ['opencode-ai-1.18.33-google', 'gemini'],
  ['opencode-ai-1.18.33-openai', 'openai-responses'],
  ['pi-coding-agent-0.73.1-anthropic', 'anthropic-messages'],
  ['pi-coding-agent-0.73.1-completions', 'openai-chat'],
  ['pi-coding-agent-0.73.1-google', 'gemini'],
  ['pi-coding-agent-0.73.1-openai', 'openai-responses'],
  ['qwen-code-0.24.4', 'openai-chat'],
];

test.each(CLIENTS)('%s', (file, dialect) => {
  const { body, path, headers } = JSON.parse(
    readFileSync(new URL(`../../../test/fixtures/requests/${file}.json`, import.meta.url), 'utf8'),
  ) as Fixture;
  const whole = dialectOf(dialect).decodeRequest(body, path);
  if (!whole.ok) throw new Error(whole.error.message);
  const { messages } = whole.value;
  const answered = messages.findIndex(({ role }) => role === 'assistant');
  // The answer as it was given; the client has it in its own words.
  const answer = messages.slice(answered).flatMap(({ role, parts }) => (role === 'assistant' ? parts : []));
  const items = body[HISTORY[dialect]] as Json[];
  const before = items.findIndex(
    (item) =>
      ['assistant', 'model'].includes((item as JsonObject)['role'] as string) ||
      (item as JsonObject)['type'] === 'reasoning' ||
      (item as JsonObject)['type'] === 'function_call',
  );
  const about = { client: headers['user-agent'] ?? '', ...(headers['session-id'] !== undefined && { session: headers['session-id'] }) };

  using room = talk();
  room.ask(dialect, requestOf([]), answer, { ...about, body: () => ({ ...body, [HISTORY[dialect]]: items.slice(0, before) }) });
  room.ask(dialect, requestOf([]), [{ type: 'text', text: 'It is done.' }], { ...about, body: () => body });

  const [conversation, ...others] = listConversations(room.archive, { limit: 10, everything: true });
  expect(others).toEqual([]);
  expect(conversation).toMatchObject({ branches: 1, status: 'complete' });
  const shown = [...messagesOf(room.archive, conversation!.id)].filter(({ hidden }) => !hidden);
  expect(shown.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
  expect(shown[1]).toMatchObject({ producer: { provider: 'lead' }, cost: 0.01 });
  expect(conversation!.title).toMatch(/^"?Please (run|say)/);
});
