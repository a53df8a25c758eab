import { type Answer, type Asked, httpPlace, type Place } from './http-place.ts';

export const HOOK = '/api/webhooks/123/token-secret';

/** A webhook of Discord (docs.discord.com, resources/webhook), with its limits. */
export interface DiscordPlace extends Place {
  messages: Map<string, Record<string, unknown>>;
}

export async function discordPlace(): Promise<DiscordPlace> {
  const messages: DiscordPlace['messages'] = new Map();
  const place = await httpPlace((asked) => answer(asked, messages));
  return { ...place, messages };
}

function answer({ method, path, query, body }: Asked, messages: DiscordPlace['messages']): Answer {
  if (!path.startsWith(HOOK)) return { status: 404, body: { message: 'Unknown Webhook', code: 10_015 } };
  const problem = body ? problemOf(body) : 'The request body contains invalid JSON.';
  if (problem !== undefined) return { status: 400, body: { message: 'Invalid Form Body', code: 50_035, errors: { problem } } };
  if (method === 'PATCH') {
    const id = path.slice(`${HOOK}/messages/`.length);
    if (!messages.has(id)) return { status: 404, body: { message: 'Unknown Message', code: 10_008 } };
    messages.set(id, body!);
    return { status: 200, body: { id, ...body } };
  }
  if (method !== 'POST' || path !== HOOK) return { status: 405, body: { message: '405: Method Not Allowed', code: 0 } };
  const id = String(1_000_000 + messages.size);
  messages.set(id, body!);
  return query.get('wait') === 'true' ? { status: 200, body: { id, ...body } } : { status: 204 };
}

interface Embed {
  title?: string;
  description?: string;
  url?: string;
  timestamp?: string;
}

function problemOf({ content, embeds, allowed_mentions: mentions }: Record<string, unknown>): string | undefined {
  if (content === undefined && embeds === undefined) return 'Cannot send an empty message';
  if (typeof content === 'string' && content.length > 2000) return 'content: Must be 2000 or fewer in length.';
  for (const { title = '', description = '', timestamp } of (embeds ?? []) as Embed[]) {
    if (title.length > 256 || description.length > 4096 || title.length + description.length > 6000) return 'embeds: too long';
    if (timestamp !== undefined && Number.isNaN(Date.parse(timestamp))) return 'embeds: timestamp';
  }
  // Not Discord's rule, but ours: nobody is ever mentioned.
  const { parse } = (mentions ?? {}) as { parse?: unknown[] };
  return parse?.length === 0 ? undefined : 'allowed_mentions';
}
