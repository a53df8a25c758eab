import type { IncomingMessage } from 'node:http';
import type { Dialect, RequestHead, RequestProblem } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Result } from '../exchange/result.ts';
import { CLASSES } from '../failover/fair-line.ts';
import { isLoopback } from './access.ts';
import { busy, type Gone, readBody } from './body.ts';
import { type Share, shareOf } from './budget.ts';
import { broken, type Desk, refuse, type Visit } from './desk.ts';
import { wishesOf } from './own-headers.ts';
import type { Ask } from './ports.ts';
import { type Refusal, sendFault } from './refusal.ts';

/** What an exchange takes in memory besides its body: state, socket buffers and most of what answers usually leave in the ring. */
const EXCHANGE_COST = 256 * 1024;

/** Reads and inspects a request's body; whatever is wrong with it goes back as the dialect's own error. */
export function receive(
  desk: Desk,
  dialect: Dialect,
  visit: Visit,
  inspect: (body: Buffer) => Result<RequestHead, RequestProblem>,
  next: (ask: Ask, share: Share) => void,
): void {
  const { request, response } = visit;
  const share = shareOf(desk.budget);
  const done = (refusal: Refusal | Gone): void => {
    share.release();
    if (refusal !== 'gone') refuse(desk.clock, request, response, refusal, dialect);
  };
  if (!share.grow(EXCHANGE_COST)) return refuse(desk.clock, request, response, busy(), dialect);
  readBody(request, desk.settings, share, desk.clock, (body) => {
    if (!body.ok) return done(body.error);
    // Left while its body was being unpacked.
    if (request.socket.destroyed) return done('gone');
    try {
      const head = inspect(body.value);
      if (!head.ok) {
        share.release();
        return sendFault(response, badRequest(head.error), dialect);
      }
      const wishes = wishesOf(request.headers, desk.ports.queue.settings());
      if (!wishes.ok) {
        share.release();
        return sendFault(response, badRequest(wishes.error), dialect);
      }
      const ask = { ...askOf(dialect, visit, head.value, body.value), ...wishes.value, ...priorityOf(visit, wishes.value) };
      next(isAlone(desk, visit) ? { ...ask, alone: true } : ask, share);
    } catch (error) {
      share.release();
      broken(desk, visit, dialect, error);
    }
  });
}

function askOf(dialect: Dialect, visit: Visit, head: RequestHead, body: Buffer): Ask {
  return { dialect, head, body, path: visit.url, headers: askHeaders(visit), principal: visit.admitted.principal };
}

/** The holder of a token may say that a request is less pressing than its token allows, and not that it is more so. */
function priorityOf({ admitted }: Visit, { priority = 'interactive' }: Pick<Ask, 'priority'>): Pick<Ask, 'priority'> {
  if (!admitted.guest) return {};
  return { priority: CLASSES[Math.max(CLASSES.indexOf(priority), CLASSES.indexOf(admitted.guest.priority))]! };
}

/** What a proxy on this machine adds to requests from elsewhere. */
const FORWARDED = ['forwarded', 'via', 'x-real-ip', 'x-forwarded-for', 'x-forwarded-host'];

/** Whether the one who asks sits at this machine, and nobody else can ask. */
export function isAlone(desk: Pick<Desk, 'settings'>, { request, admitted }: Pick<Visit, 'request'> & Partial<Visit>): boolean {
  if (admitted?.guest) return false;
  const { remoteAddress, localAddress } = request.socket;
  const ends = [remoteAddress, localAddress, desk.settings.host];
  if (!ends.every((address) => address !== undefined && isLoopback(address))) return false;
  return FORWARDED.every((name) => request.headers[name] === undefined);
}

export function badRequest(problem: RequestProblem): Fault {
  return { class: 'bad-request', symptom: 'status', status: 400, message: problemText(problem) };
}

/** Field and message; some messages name the field themselves. */
function problemText({ field, message }: RequestProblem): string {
  return field === '' || message.startsWith(`${field} `) ? message : `${field}: ${message}`;
}

/**
 * Names in lower case, as they came; without our own token and without what described the body's compression. A key out of the
 * query travels on as the header that says the same: there it is treated as the credential that it is.
 */
function askHeaders({ request, admitted, key }: Visit): [name: string, value: string][] {
  const raw: IncomingMessage['rawHeaders'] = request.rawHeaders;
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    if (name === 'content-encoding' || name === 'content-length' || admitted.ownHeaders.has(name)) continue;
    headers.push([name, raw[index + 1]!]);
  }
  if (key !== undefined && !headers.some(([name]) => name === 'x-goog-api-key')) headers.push(['x-goog-api-key', key]);
  return headers;
}
