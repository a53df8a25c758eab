import type { Desk, Visit } from '../desk.ts';
import { refuse } from '../desk.ts';
import type { Refusal } from '../refusal.ts';
import { watchRefusal } from './routes.ts';
import { smallPage } from './small-page.ts';

/** Where the links of an alert lead: `/alerts/TOKEN/yes` and `…/no`. */
const LINK = /^\/alerts\/([\w-]{10,64})\/(yes|no)$/;

export interface AlertLink {
  token: string;
  failing: boolean;
}

export function alertLink(path: string): AlertLink | undefined {
  const [, token, word] = LINK.exec(path) ?? [];
  return token === undefined ? undefined : { token, failing: word === 'yes' };
}

/**
 * A page with one button: whatever follows links by itself (mail programs, chats that show what is behind one) only looks, and does not answer. The
 * token is its own right: it comes from the alert, and counts once.
 */
export async function serveAlertLink({ ports, clock }: Desk, visit: Visit, { token, failing }: AlertLink): Promise<void> {
  const { request, response } = visit;
  if (request.method === 'POST') {
    const answered = await ports.watch.ask('alertAnswer', { by: { token }, failing });
    if (!answered.ok) return refuse(clock, request, response, watchRefusal(answered.error), undefined);
    if (!answered.value.ok) return refuse(clock, request, response, gone(answered.value.error), undefined);
    return smallPage(visit, 'Thank you', `<p>It counts for the verdict on this machine: ${word(failing)}. Nothing was sent anywhere.</p>`);
  }
  const asks = await ports.watch.ask('alertAsks', { token });
  if (!asks.ok) return refuse(clock, request, response, watchRefusal(asks.error), undefined);
  if (asks.value === null) return refuse(clock, request, response, gone('This was answered already, or it is over.'), undefined);
  const button = `<form method="post"><button>Yes, say that ${word(failing)}</button></form>`;
  smallPage(visit, asks.value, `<p>Is it failing for you? What you say is weighed on this machine, and is sent nowhere.</p>${button}`);
}

function word(failing: boolean): string {
  return failing ? 'it fails for me' : 'it works for me';
}

function gone(message: string): Refusal {
  return { status: 404, code: 'unknown-alert', message, hint: 'For what is wrong now there is: understudy report.' };
}
