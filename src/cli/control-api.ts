import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';

/** Loopback answers at once; a server that takes longer than this has other troubles. */
const PATIENCE = 5000;

export type ControlProblem = { type: 'not-running'; message: string } | { type: 'failed'; message: string };

/** Reads from a running Understudy's control API. */
export async function getControl<Body>(address: string, path: string, token: string | undefined): Promise<Result<Body, ControlProblem>> {
  try {
    const response = await fetch(new URL(path, address), {
      signal: AbortSignal.timeout(PATIENCE),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    if (response.status === 401 || response.status === 403) {
      return err({ type: 'failed', message: `${address} wants its access token: set UNDERSTUDY_TOKEN, or server.token in the config.` });
    }
    if (!response.ok)
      return err({ type: 'failed', message: `${address}${path} answered with status ${response.status}. Is it an Understudy?` });
    return ok((await response.json()) as Body);
  } catch (error) {
    if (error instanceof SyntaxError) return err({ type: 'failed', message: `What answers at ${address} is no Understudy.` });
    if (error instanceof Error && error.name === 'TimeoutError') {
      return err({ type: 'failed', message: `${address} took the connection and did not answer within ${PATIENCE / 1000} s.` });
    }
    return err({ type: 'not-running', message: `Nothing answers at ${address}. Start it with: understudy start` });
  }
}
