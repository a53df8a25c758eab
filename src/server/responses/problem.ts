import type { ServerResponse } from 'node:http';
import { sendJson } from '../refusal.ts';

/** Something about a kept response, or about keeping one, that is the client's to change. */
export interface Problem {
  status: number;
  message: string;
  code: string;
  /** The field or parameter that is at fault. */
  param?: string;
}

/** As OpenAI's API writes it. */
export function sendProblem(response: ServerResponse, { status, message, code, param }: Problem): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  sendJson(response, status, {}, { error: { message, type, param: param ?? null, code } });
}

export function notFound(id: string): Problem {
  return {
    status: 404,
    message: `Response with id '${id.slice(0, 200)}' not found. Kept are those of this access token that were neither asked for with store: false nor through a route with save: off.`,
    code: 'response_not_found',
    param: 'response_id',
  };
}
