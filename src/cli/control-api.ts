import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import type { ExchangeSummary } from '../journal/journal.ts';
import { exchangeList, statusReport } from '../server/control-schemas.ts';
import type { StatusReport } from '../server/ports.ts';

/** Loopback answers at once; a server that takes longer than this has other troubles. */
const PATIENCE = 5000;

/** `stranger`: something answers, and it is not Understudy. */
export interface ControlProblem {
  type: 'not-running' | 'stranger' | 'failed';
  message: string;
}

/** What a running Understudy says of itself: checked, and as it came. */
export async function readStatus(
  address: string,
  token: string | undefined,
  patience = PATIENCE,
): Promise<Result<{ report: StatusReport; given: JsonObject }, ControlProblem>> {
  const got = await getControl(address, '/api/status', token, patience);
  if (!got.ok) return got;
  const given = got.value;
  if (!isObject(given) || typeof given['version'] !== 'string' || !isObject(given['journal']) || !Array.isArray(given['targets']))
    return err(stranger(address));
  const checked = statusReport.safeParse(given);
  if (!checked.success) {
    const message = `The Understudy at ${address} is of another version (${given['version']}); start it again with this one.`;
    return err({ type: 'failed', message });
  }
  return ok({ report: checked.data as StatusReport, given });
}

/** The last exchanges, newest first. `patience`: milliseconds. */
export async function readExchanges(
  address: string,
  token: string | undefined,
  limit: number,
  patience = PATIENCE,
): Promise<Result<ExchangeSummary[], ControlProblem>> {
  const got = await getControl(address, `/api/exchanges?limit=${limit}`, token, patience);
  if (!got.ok) return got;
  const checked = exchangeList.safeParse(got.value);
  return checked.success ? ok(checked.data.exchanges as ExchangeSummary[]) : err(stranger(address));
}

/** Reads from a running Understudy's control API; with `body`, posts to it. A refusal (4xx) is told in the server's own words. */
export async function getControl(
  address: string,
  path: string,
  token: string | undefined,
  patience = PATIENCE,
  body?: JsonObject,
): Promise<Result<Json, ControlProblem>> {
  try {
    const response = await fetch(new URL(path, address), {
      signal: AbortSignal.timeout(patience),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (response.status === 401 || response.status === 403) {
      return err({ type: 'failed', message: `${address} wants its access token: set UNDERSTUDY_TOKEN, or server.token in the config.` });
    }
    if (response.ok) return ok((await response.json()) as Json);
    const refusal = refusalIn((await response.json().catch(() => null)) as Json);
    if (refusal !== undefined) return err({ type: 'failed', message: refusal });
    if (response.status >= 500) return err({ type: 'failed', message: `${address}${path} answered with status ${response.status}.` });
    return err(stranger(address));
  } catch (error) {
    if (error instanceof SyntaxError) return err(stranger(address));
    if (error instanceof Error && error.name === 'TimeoutError') {
      return err({ type: 'failed', message: `${address} took the connection and did not answer within ${patience / 1000} s.` });
    }
    return err({ type: 'not-running', message: `Nothing answers at ${address}.` });
  }
}

/** What our own server says where it refuses. */
function refusalIn(answer: Json): string | undefined {
  const error = isObject(answer) && isObject(answer['error']) ? answer['error'] : undefined;
  const { message, hint } = error ?? {};
  return typeof message === 'string' && typeof hint === 'string' ? `${message} ${hint}` : undefined;
}

function stranger(address: string): ControlProblem {
  return { type: 'stranger', message: `What answers at ${address} is not Understudy.` };
}
