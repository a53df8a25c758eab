import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertMessage } from '../message.ts';
import { discordPlace, HOOK as DISCORD } from '../testing/discord-place.ts';
import { alertMessage, HOSTILE, httpPlace, type Place } from '../testing/http-place.ts';
import { HOOK as SLACK, slackPlace, TOKEN } from '../testing/slack-place.ts';
import { discordChannel } from './discord.ts';
import { ntfyChannel } from './ntfy.ts';
import { slackBot, slackWebhook } from './slack.ts';
import { teamsChannel } from './teams.ts';
import { webhookChannel } from './webhook.ts';

const never = new AbortController().signal;
const KINDS: AlertMessage['kind'][] = ['new', 'update', 'again', 'over', 'past', 'test'];
const hostile = alertMessage({ title: HOSTILE, lines: [HOSTILE, HOSTILE, HOSTILE] });

let open: Place | undefined;
function at<Kind extends Place>(place: Kind): Kind {
  open = place;
  return place;
}

afterEach(() => open?.close());

describe('Slack by webhook', () => {
  it('takes all kinds of messages', async () => {
    const place = at(await slackPlace());
    const channel = slackWebhook(place.call, { url: place.url + SLACK });
    for (const kind of KINDS) expect(await channel.send(alertMessage({ kind }), undefined, never)).toEqual({ ok: true, value: {} });
    expect(place.posts.size).toBe(KINDS.length);
    expect(place.posts.get('0')!.blocks.at(-1)!.text!.text).toContain('<http://127.0.0.1:4141/alerts/abc/yes|Yes>');
  });

  it('lets nobody be mentioned and no link be made by what a page says', async () => {
    const place = at(await slackPlace());
    const channel = slackWebhook(place.call, { url: place.url + SLACK });
    expect((await channel.send(hostile, undefined, never)).ok).toBe(true);
    const { text, blocks } = place.posts.get('0')!;
    const mrkdwn = [text, ...blocks.slice(1, -1).map((block) => block.text!.text)].join('\n');
    expect(mrkdwn).not.toMatch(/[<>]/);
    expect(mrkdwn).toContain('&lt;!channel&gt;');
    // No entity was cut in two.
    expect(mrkdwn.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
  });

  it('says what it refuses, and what may go well later', async () => {
    const place = at(await slackPlace());
    const send = (path: string): ReturnType<ReturnType<typeof slackWebhook>['send']> =>
      slackWebhook(place.call, { url: place.url + path }).send(alertMessage(), undefined, never);
    const { host } = new URL(place.url);
    expect(await send('/services/gone')).toEqual({ ok: false, error: { message: `${host} answered 404: no_service`, passing: false } });
    place.instead.push({ status: 429, headers: { 'retry-after': '30' } });
    expect(await send(SLACK)).toMatchObject({ ok: false, error: { passing: true, retryAfter: 30_000 } });
    place.instead.push({ status: 500, body: 'rollup_error' });
    expect(await send(SLACK)).toMatchObject({ ok: false, error: { passing: true } });
    place.instead.push({ status: 302, headers: { location: `${place.url}${SLACK}` } });
    expect((await send(SLACK)).ok).toBe(false);
    expect(place.posts.size).toBe(0);
  });
});

describe('Slack by bot', () => {
  it('brings one message up to date, and says in its thread what people should notice', async () => {
    const place = at(await slackPlace());
    const channel = slackBot(place.call, { token: TOKEN, channel: 'C1', url: `${place.url}/api` });
    const first = await channel.send(alertMessage(), undefined, never);
    const { handle } = first.ok ? first.value : {};
    expect(await channel.send(alertMessage({ kind: 'update', loud: false, title: 'Claude API is degraded' }), handle, never)).toEqual({
      ok: true,
      value: { handle },
    });
    expect([...place.posts.values()].map(({ text }) => text)).toEqual(['🔴 Claude API is degraded']);
    await channel.send(alertMessage({ kind: 'over', title: 'Claude API is well again' }), handle, never);
    expect([...place.posts.values()].map(({ text, thread }) => [text, thread])).toEqual([
      ['🟢 Claude API is well again', undefined],
      ['🟢 Claude API is well again', handle!.split(' ')[1]],
    ]);
    expect(place.asked.at(-1)!.body).toMatchObject({ reply_broadcast: true });
  });

  it('posts anew where its message was deleted', async () => {
    const place = at(await slackPlace());
    const channel = slackBot(place.call, { token: TOKEN, channel: 'C1', url: `${place.url}/api` });
    const again = await channel.send(alertMessage({ kind: 'update' }), 'C1 1.2', never);
    expect(again.ok && again.value.handle).toMatch(/^C1 17/);
    expect(place.posts.size).toBe(1);
  });

  it('tells refusals by their codes', async () => {
    const place = at(await slackPlace());
    const send = (token: string, channel: string) =>
      slackBot(place.call, { token, channel, url: `${place.url}/api` }).send(alertMessage(), undefined, never);
    expect(await send('xoxb-other', 'C1')).toMatchObject({
      ok: false,
      error: { passing: false, message: expect.stringContaining('invalid_auth') },
    });
    expect(await send(TOKEN, 'C2')).toMatchObject({
      ok: false,
      error: { passing: false, message: expect.stringContaining('channel_not_found') },
    });
    place.instead.push({ status: 200, body: { ok: false, error: 'ratelimited' } });
    expect(await send(TOKEN, 'C1')).toMatchObject({ ok: false, error: { passing: true } });
  });
});

describe('Discord', () => {
  it('posts, changes what it has posted, and says what people should notice', async () => {
    const place = at(await discordPlace());
    const channel = discordChannel(place.call, { url: place.url + DISCORD });
    const first = await channel.send(alertMessage(), undefined, never);
    expect(first).toEqual({ ok: true, value: { handle: '1000000' } });
    await channel.send(alertMessage({ kind: 'update', loud: false, title: 'Changed' }), '1000000', never);
    expect([...place.messages.values()].map(({ embeds }) => (embeds as { title: string }[])[0]!.title)).toEqual(['Changed']);
    await channel.send(alertMessage({ kind: 'over', title: 'Well' }), '1000000', never);
    expect(place.messages.size).toBe(2);
    expect(place.messages.get('1000001')).toEqual({ content: 'Well', allowed_mentions: { parse: [] } });
  });

  it('keeps a thread that its address names', async () => {
    const place = at(await discordPlace());
    const channel = discordChannel(place.call, { url: `${place.url}${DISCORD}?thread_id=77` });
    await channel.send(alertMessage(), undefined, never);
    await channel.send(alertMessage({ loud: false }), '1000000', never);
    expect(place.asked.map(({ method, query }) => [method, query.get('thread_id'), query.get('wait')])).toEqual([
      ['POST', '77', 'true'],
      ['PATCH', '77', null],
    ]);
  });

  it('stays within its limits and mentions nobody, whatever a page says', async () => {
    const place = at(await discordPlace());
    const channel = discordChannel(place.call, { url: place.url + DISCORD });
    expect((await channel.send(hostile, undefined, never)).ok).toBe(true);
    const [{ title, description } = { title: '', description: '' }] = place.messages.get('1000000')!['embeds'] as {
      title: string;
      description: string;
    }[];
    expect(title + description).not.toMatch(/@everyone|(?<!\\)<@|(?<!\\)\]\(https:\/\/evil/);
    expect(description).toContain('[Yes](http://127.0.0.1:4141/alerts/abc/yes)');
  });

  it('posts anew where its message is gone, and knows a webhook that is', async () => {
    const place = at(await discordPlace());
    const channel = discordChannel(place.call, { url: place.url + DISCORD });
    expect(await channel.send(alertMessage({ kind: 'update' }), '42', never)).toEqual({ ok: true, value: { handle: '1000000' } });
    const gone = await discordChannel(place.call, { url: `${place.url}/api/webhooks/9/x` }).send(alertMessage(), undefined, never);
    expect(gone).toMatchObject({ ok: false, error: { passing: false, message: expect.stringContaining('Unknown Webhook') } });
    expect((await discordChannel(place.call, { url: `${place.url}/api/webhooks/9/x` }).send(alertMessage(), '42', never)).ok).toBe(false);
    place.instead.push({ status: 429, body: { message: 'You are being rate limited.', retry_after: 1.5, global: false } });
    expect(await channel.send(alertMessage(), undefined, never)).toMatchObject({ ok: false, error: { passing: true, retryAfter: 1500 } });
  });
});

describe('Teams', () => {
  /** What the trigger of a workflow takes: a message with Adaptive Cards; it answers 202. */
  const workflow = (): Promise<Place> =>
    httpPlace(({ path, query, body, text }) => {
      if (path !== '/workflows/1' || query.get('sig') !== 's')
        return { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } };
      const [attachment] = (body?.['attachments'] ?? []) as {
        contentType?: string;
        content?: { type?: string; body?: { type: string; text?: string }[] };
      }[];
      const { content } = attachment ?? {};
      const isCard =
        body?.['type'] === 'message' &&
        attachment?.contentType === 'application/vnd.microsoft.card.adaptive' &&
        content?.type === 'AdaptiveCard';
      const hasText = content?.body?.every(({ type, text: words }) => type === 'TextBlock' && words !== undefined && words !== '');
      return isCard && hasText && Buffer.byteLength(text) <= 28_000
        ? { status: 202 }
        : { status: 400, body: { error: { code: 'TriggerInputSchemaMismatch' } } };
    });

  it('takes all kinds of messages as Adaptive Cards, and nothing of a page comes alive in them', async () => {
    const place = at(await workflow());
    const channel = teamsChannel(place.call, { url: `${place.url}/workflows/1?sig=s` });
    for (const kind of KINDS) expect(await channel.send(alertMessage({ kind }), undefined, never)).toEqual({ ok: true, value: {} });
    expect(await channel.send(hostile, undefined, never)).toEqual({ ok: true, value: {} });
    expect(place.asked.at(-1)!.text).not.toMatch(/<at>|<script>|[^\\]\]\(https:\/\/evil/);
    expect(await teamsChannel(place.call, { url: `${place.url}/workflows/1?sig=x` }).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
      error: { passing: false },
    });
  });
});

describe('ntfy', () => {
  /** JSON at the root (docs.ntfy.sh/publish): known members of their types, at most three actions. */
  const server = (): Promise<Place> =>
    httpPlace(({ path, headers, body }) => {
      const refused = (error: string): { status: number; body: object } => ({ status: 400, body: { code: 40_024, http: 400, error } });
      if (headers.authorization !== 'Bearer tk_1') return { status: 403, body: { code: 40_301, http: 403, error: 'forbidden' } };
      if (path !== '/' || typeof body?.['topic'] !== 'string') return refused('invalid request: request body must be message JSON');
      const {
        message = '',
        title = '',
        priority,
        actions = [],
        sequence_id: sequence,
      } = body as {
        message?: string;
        title?: string;
        priority?: number;
        actions?: { action: string; label: string; url: string }[];
        sequence_id?: string;
      };
      if (Buffer.byteLength(message) > 4096) return refused('message too large');
      if (Buffer.byteLength(title) > 256 || !Number.isInteger(priority) || priority! < 1 || priority! > 5)
        return refused('title or priority');
      if (actions.length > 3 || !actions.every((each) => each.action === 'view' && each.label && URL.canParse(each.url)))
        return refused('actions invalid');
      if (!/^[-_A-Za-z0-9]{1,64}$/.test(sequence ?? '')) return refused('invalid request: sequence ID invalid');
      return { status: 200, body: { id: 'x', event: 'message', topic: body['topic'] } };
    });

  it('publishes each message of an alert under one sequence id', async () => {
    const place = at(await server());
    const channel = ntfyChannel(place.call, { url: place.url, topic: 'mine', token: 'tk_1' });
    for (const kind of KINDS) expect(await channel.send(alertMessage({ kind }), undefined, never)).toEqual({ ok: true, value: {} });
    expect(new Set(place.asked.map(({ body }) => body!['sequence_id'])).size).toBe(1);
    expect(await channel.send(alertMessage({ title: 'ä'.repeat(9000), lines: ['€'.repeat(9000)] }), undefined, never)).toEqual({
      ok: true,
      value: {},
    });
    expect(place.asked.at(-1)!.text).not.toContain('\ufffd');
    expect(await ntfyChannel(place.call, { url: place.url, topic: 'mine' }).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
      error: { passing: false, message: expect.stringContaining('403: forbidden') },
    });
  });
});

describe('a webhook', () => {
  it('is signed as Standard Webhooks say, and the same message has the same id', async () => {
    const place = at(await httpPlace(() => ({ status: 204 })));
    const key = Buffer.alloc(24, 7);
    const channel = webhookChannel(place.call, { url: `${place.url}/in`, secret: `whsec_${key.toString('base64')}` });
    expect(channel.quiet).toBe('all');
    for (let time = 0; time < 2; time++) expect(await channel.send(alertMessage(), undefined, never)).toEqual({ ok: true, value: {} });
    const [{ headers, text, body }, second] = [place.asked[0]!, place.asked[1]!];
    const signed = createHmac('sha256', key)
      .update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signed}`);
    expect(Number(headers['webhook-timestamp'])).toBe(Date.UTC(2026, 5, 2, 6, 12) / 1000);
    expect(second.headers['webhook-id']).toBe(headers['webhook-id']);
    expect(body).toMatchObject({
      type: 'alert.new',
      timestamp: '2026-06-02T06:12:00.000Z',
      data: { title: 'Claude API is down', began: '2026-06-02T06:05:00.000Z' },
    });
  });

  it('that is away or was deleted says which', async () => {
    const place = at(await httpPlace(() => ({ status: 410 })));
    expect(await webhookChannel(place.call, { url: `${place.url}/in` }).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
      error: { passing: false },
    });
    const { call } = place;
    await place.close();
    open = undefined;
    const other = await httpPlace(() => ({ status: 200 }));
    const { url } = other;
    await other.close();
    expect(await webhookChannel(call, { url }).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
      error: { passing: true },
    });
  });
});
