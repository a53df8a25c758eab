import type { IncomingHttpHeaders } from 'node:http';
import type { RequestProblem } from '../dialects/dialect.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Ask } from './ports.ts';

/** What a request asks of us in headers of our own. A wish that is not understood is an error: who misspelt it would rely on it for nothing. */
export function wishesOf(headers: IncomingHttpHeaders): Result<Pick<Ask, 'route' | 'queue'>, RequestProblem> {
  const wishes: Pick<Ask, 'route' | 'queue'> = {};
  const route = headers['x-understudy-route'];
  if (typeof route === 'string' && route !== '') wishes.route = route;
  const queue = headers['x-understudy-queue'];
  if (typeof queue === 'string' && queue !== '') {
    // Node joins a header that came twice.
    if (!queue.split(',').every((word) => word.trim().toLowerCase() === 'allow'))
      return err({
        field: 'x-understudy-queue',
        message: `can only be 'allow' (keep the request if nobody can answer it now), not '${queue.slice(0, 40)}'; leave the header out if it is not to be kept`,
      });
    wishes.queue = true;
  }
  return ok(wishes);
}
