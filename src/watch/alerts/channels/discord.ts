import { err, ok } from '../../../exchange/result.ts';
import type { Channel } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { shortened } from '../words.ts';
import { jsonOf, refusal, type WebCall } from './web-call.ts';

/** Characters of an embed's title and description, and of a message's content (docs.discord.com, resources/message). */
const TITLE = 256;
const DESCRIPTION = 4096;
const CONTENT = 2000;

/** Decimal RGB. */
const COLOURS: Record<AlertMessage['kind'], number> = {
  new: 0xd93025,
  update: 0xd93025,
  again: 0xd93025,
  over: 0x1e8e3e,
  past: 0x80868b,
  test: 0x1a73e8,
};

/** JSON error codes: unknown message, and a message that can't be edited. */
const GONE = [10_008, 50_005];

/**
 * Posts with `?wait=true`, which answers with the message, and changes that one (`PATCH …/messages/{id}`). A changed message disturbs nobody, so what
 * people should notice is also said in a new one. Nobody can be mentioned by it.
 */
export function discordChannel(call: WebCall, settings: { url: string }): Channel {
  const hook = new URL(settings.url);
  const execute = new URL(hook);
  execute.searchParams.set('wait', 'true');
  const edit = (id: string): string => {
    const address = new URL(hook);
    address.pathname = `${hook.pathname.replace(/\/+$/, '')}/messages/${encodeURIComponent(id)}`;
    return address.href;
  };
  return {
    quiet: 'edits',
    async send(message, handle, signal) {
      const body = JSON.stringify(discordBody(message));
      if (handle !== undefined) {
        const changed = await call({ method: 'PATCH', url: edit(handle), body }, signal);
        if (!changed.ok) return changed;
        const isChanged = changed.value.status === 200;
        if (!isChanged && !isGone(changed.value.body)) return err(refusal(hook.href, changed.value));
        if (isChanged && !message.loud) return ok({ handle });
        if (isChanged) {
          const note = { content: shortened(plain(message.title), CONTENT), allowed_mentions: { parse: [] } };
          const said = await call({ method: 'POST', url: execute.href, body: JSON.stringify(note) }, signal);
          if (!said.ok) return said;
          return said.value.status === 200 ? ok({ handle }) : err(refusal(hook.href, said.value));
        }
      }
      const posted = await call({ method: 'POST', url: execute.href, body }, signal);
      if (!posted.ok) return posted;
      const { id } = jsonOf(posted.value.body);
      if (posted.value.status !== 200) return err(refusal(hook.href, posted.value));
      return ok(typeof id === 'string' && /^\d+$/.test(id) ? { handle: id } : {});
    },
  };
}

function isGone(body: string): boolean {
  const { code } = jsonOf(body);
  return typeof code === 'number' && GONE.includes(code);
}

function discordBody({ title, lines, kind, url, question, at }: AlertMessage): object {
  const asks = question
    ? [`Is it failing for you? [Yes](${question.yes}) · [No](${question.no}) (on the machine that runs Understudy)`]
    : [];
  return {
    embeds: [
      {
        title: shortened(plain(title), TITLE),
        // The links go whole or not at all.
        description: [shortened(lines.map(plain).join('\n'), DESCRIPTION - 600), ...asks.filter((line) => line.length < 590)].join('\n\n'),
        color: COLOURS[kind],
        timestamp: new Date(at).toISOString(),
        ...(url !== undefined && { url }),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** Marks of Discord's Markdown are shown as they are; what looks like a mention stays text. */
function plain(text: string): string {
  return text.replaceAll(/[\\*_~`|>[\]()#<-]/g, String.raw`\$&`).replaceAll('@', '@\u200b');
}
