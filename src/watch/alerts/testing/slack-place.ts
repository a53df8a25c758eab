import { type Answer, type Asked, httpPlace, type Place } from './http-place.ts';

/** Slack's incoming webhooks and two methods of its Web API, as docs.slack.dev describes them, with what they refuse. */
export interface SlackPlace extends Place {
  /** Texts of what stands in the channel, by `ts`; answers in a thread have that of their parent. */
  posts: Map<string, { text: string; blocks: Block[]; thread?: string }>;
}

interface Block {
  type: string;
  text?: { type: string; text: string };
}

export const TOKEN = 'xoxb-1-2-abc';
export const HOOK = '/services/T0/B0/secret';

export async function slackPlace(): Promise<SlackPlace> {
  const posts: SlackPlace['posts'] = new Map();
  const place = await httpPlace((asked) => {
    if (asked.path === HOOK) return hook(asked, posts);
    if (asked.path === '/api/chat.postMessage' || asked.path === '/api/chat.update') return method(asked, posts);
    return { status: 404, body: 'no_service' };
  });
  return { ...place, posts };
}

function hook({ body, method: verb }: Asked, posts: SlackPlace['posts']): Answer {
  if (verb !== 'POST' || !body || typeof body['text'] !== 'string') return { status: 400, body: 'invalid_payload' };
  if (!areBlocks(body['blocks'])) return { status: 400, body: 'invalid_blocks' };
  posts.set(`${posts.size}`, { text: body['text'], blocks: body['blocks'] });
  return { status: 200, body: 'ok' };
}

function method({ path, headers, body = {} }: Asked, posts: SlackPlace['posts']): Answer {
  const refused = (error: string): Answer => ({ status: 200, body: { ok: false, error } });
  if (headers.authorization !== `Bearer ${TOKEN}`) return refused('invalid_auth');
  const { channel, text, blocks, ts, thread_ts: thread } = body;
  if (channel !== 'C1') return refused('channel_not_found');
  if (typeof text !== 'string') return refused('no_text');
  if (blocks !== undefined && !areBlocks(blocks)) return refused('invalid_blocks');
  const post = { text, blocks: (blocks ?? []) as Block[] };
  if (path === '/api/chat.update') {
    if (typeof ts !== 'string' || !posts.has(ts)) return refused('message_not_found');
    posts.set(ts, post);
    return { status: 200, body: { ok: true, channel, ts, text } };
  }
  const made = `17000000${posts.size}.000100`;
  if (thread !== undefined && !posts.has(String(thread))) return refused('thread_not_found');
  posts.set(made, { ...post, ...(thread !== undefined && { thread: String(thread) }) });
  return { status: 200, body: { ok: true, channel, ts: made, message: { text } } };
}

/** Block Kit: at most 50; a header is plain text of 1 to 150 characters, a section's text has 1 to 3000. */
function areBlocks(blocks: unknown): blocks is Block[] {
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return false;
  return (blocks as Block[]).every(({ type, text }) => {
    const length = text?.text.length ?? 0;
    if (type === 'header') return text?.type === 'plain_text' && length > 0 && length <= 150;
    return type === 'section' && text?.type === 'mrkdwn' && length > 0 && length <= 3000;
  });
}
