import { z } from 'zod';
import type { Json, JsonObject } from '../../../exchange/json.ts';
import { EARLIEST, LATEST } from '../loose.ts';
import type { ArchivedMessage, ConversationHead, SourceName } from '../../conversation.ts';

/** What an export says is checked before it goes into the archive: anybody may have written it. */
const time = z.number().int().min(EARLIEST).max(LATEST);
const object = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const producer = z.looseObject({ dialect: z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']) });
const text = z.looseObject({ type: z.literal('text'), text: z.string() });
const opaque = z.looseObject({ type: z.literal('opaque'), producer, value: z.custom<Json>((value) => value !== undefined) });
const file = z.looseObject({
  type: z.literal('file'),
  name: z.string().optional(),
  mediaType: z.string().optional(),
  content: z.discriminatedUnion('type', [
    z.object({ type: z.literal('stored'), sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.number() }),
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('link'), url: z.string() }),
    z.object({ type: z.literal('missing'), reason: z.string() }),
  ]),
});
const part = z.discriminatedUnion('type', [
  text,
  opaque,
  file,
  z.looseObject({ type: z.literal('reasoning'), text: z.string(), producer }),
  z.looseObject({ type: z.literal('refusal'), text: z.string() }),
  z.looseObject({ type: z.literal('tool-call'), id: z.string(), name: z.string(), arguments: z.string() }),
  z.looseObject({
    type: z.literal('tool-result'),
    callId: z.string(),
    content: z.array(z.discriminatedUnion('type', [text, file, opaque])),
    isError: z.boolean(),
  }),
]);

const message = z.object({
  key: z.string().min(1),
  parent: z.string().optional(),
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  at: time.optional(),
  parts: z.array(part),
  producer: z.object({ provider: z.string().optional(), model: z.string().optional() }).optional(),
  status: z.enum(['complete', 'partial', 'interrupted', 'deferred']),
  hidden: z.boolean().optional(),
  seams: z.array(z.object({ part: z.number(), offset: z.number(), from: z.string(), to: z.string(), join: z.string() })).optional(),
  usage: z
    .object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number(), reasoning: z.number() })
    .partial()
    .optional(),
  cost: z.number().optional(),
  exchange: z.string().optional(),
  extras: object.optional(),
});

const head = z.object({
  source: z.string(),
  key: z.string().min(1),
  title: z.string().optional(),
  createdAt: time.optional(),
  updatedAt: time.optional(),
  project: z.string().optional(),
  branch: z.string().optional(),
  account: z.string().optional(),
  session: z.string().optional(),
  startedBy: z.object({ key: z.string(), message: z.string().optional() }).optional(),
  current: z.string().optional(),
  extras: object.optional(),
});

export function archivedMessage(value: JsonObject): ArchivedMessage | undefined {
  const checked = message.safeParse(value);
  // zod's optional fields may be undefined, which JSON's are not.
  return checked.success ? (checked.data as ArchivedMessage) : undefined;
}

export function conversationHead(value: JsonObject, sources: readonly SourceName[]): ConversationHead | undefined {
  const checked = head.safeParse(value);
  return checked.success && sources.some((source) => source === checked.data.source) ? (checked.data as ConversationHead) : undefined;
}
