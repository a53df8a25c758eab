import type { IncomingHttpHeaders } from 'node:http';
import { nearest } from '../config/nearest.ts';
import type { RequestProblem } from '../dialects/dialect.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Priority } from '../exchange/priority.ts';
import { queueWish } from '../failover/queue-wish.ts';
import { duration } from '../journal/units.ts';
import { notifyUrl } from '../queue/notify.ts';
import type { QueueSettings } from '../queue/settings.ts';
import type { Ask } from './ports.ts';

/** What clients may say to us in headers, without `PREFIX`; `token` is read by access.ts. */
const WORDS = ['route', 'queue', 'priority', 'deadline', 'notify', 'token'];
/** What answers say: a client or a proxy that repeats it, or another Understudy in front of this one, means nothing by it. */
const ANSWERS = new Set(['exchange', 'target', 'asked', 'attached', 'estimate', 'journal', 'losses', 'place']);
const PREFIX = 'x-understudy-';

type Wishes = Pick<Ask, 'route' | 'queue' | 'priority' | 'deadline' | 'notify'>;

/** Nobody remembers what was asked longer ago: thirty days. */
const LONGEST_DEADLINE = 30 * 24 * 60 * 60_000;

const PRIORITIES: readonly string[] = ['interactive', 'normal', 'batch'] satisfies Priority[];

/** What a request asks of us in headers of our own. A wish that is not understood is an error: who misspelt it would rely on it for nothing. */
export function wishesOf(headers: IncomingHttpHeaders, queue: Pick<QueueSettings, 'notifyHosts'>): Result<Wishes, RequestProblem> {
  const misspelt = misspeltIn(headers);
  if (misspelt) return err(misspelt);
  const wishes: Wishes = {};
  const route = headers['x-understudy-route'];
  if (typeof route === 'string' && route !== '') wishes.route = route;
  const queued = headers['x-understudy-queue'];
  if (typeof queued === 'string' && queued !== '') {
    // Node joins a header that came twice.
    const [wish, ...more] = queued.split(',').map(queueWish);
    if (!wish || wish.type === 'off' || more.some((other) => other?.type !== wish.type))
      return err({
        field: 'x-understudy-queue',
        message: `can only be 'allow' (keep the request if nobody can answer it now), 'wait' (and hold on for the answer) or a time such as 'wait=10m', not '${queued.slice(0, 40)}'; leave the header out if it is not to be kept`,
      });
    wishes.queue = wish.type === 'wait' ? { wait: wish.ms } : 'allow';
  }
  const priority = headers['x-understudy-priority'];
  if (typeof priority === 'string' && priority !== '') {
    const word = priority.toLowerCase();
    if (!isPriority(word))
      return err({
        field: 'x-understudy-priority',
        message: `can be 'interactive' (a person waits), 'normal' or 'batch' (one of many), not '${priority.slice(0, 40)}'`,
      });
    wishes.priority = word;
  }
  const deadline = headers['x-understudy-deadline'];
  if (typeof deadline === 'string' && deadline !== '') {
    const time = duration.safeParse(deadline);
    if (!time.success || time.data < 1000 || time.data > LONGEST_DEADLINE)
      return err({
        field: 'x-understudy-deadline',
        message: `has to be how long the request may be kept, such as '30m' or '8h' (at most 720h), not '${deadline.slice(0, 40)}'`,
      });
    wishes.deadline = time.data;
  }
  const notify = headers['x-understudy-notify'];
  if (typeof notify === 'string' && notify !== '') {
    const url = notifyUrl(notify, queue);
    if (!url.ok) return err({ field: 'x-understudy-notify', message: url.error });
    wishes.notify = url.value;
  }
  return ok(wishes);
}

function isPriority(word: string): word is Priority {
  return PRIORITIES.includes(word);
}

/** A name that is nearly one of ours. What is like none of them is somebody else's, and is let be. */
function misspeltIn(headers: IncomingHttpHeaders): RequestProblem | undefined {
  for (const name in headers) {
    if (!name.includes('understud')) continue;
    const word = name.replace(/^(?:x[-_]?)?understud[a-z]*[-_]?/, '');
    if (name === PREFIX + word && (WORDS.includes(word) || ANSWERS.has(word))) continue;
    const meant = nearest(word, WORDS);
    if (meant !== undefined)
      return { field: name.slice(0, 60), message: `is no header that Understudy knows; '${PREFIX}${meant}' is probably meant` };
  }
  return undefined;
}
