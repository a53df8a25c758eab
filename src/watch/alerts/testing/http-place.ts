import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../exchange/clock.ts';
import { createCall } from '../../../providers/http-call.ts';
import { type WebCall, webCall } from '../channels/web-call.ts';
import type { AlertMessage } from '../message.ts';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  text: string;
  /** `undefined`: it is no JSON object. */
  body: Record<string, unknown> | undefined;
}

export interface Answer {
  status: number;
  body?: string | object;
  headers?: Record<string, string>;
}

export interface Place {
  url: string;
  /** Whatever came in, oldest first. */
  asked: Asked[];
  /** Answers to give before it answers by itself, in order. */
  instead: Answer[];
  call: WebCall;
  close(): Promise<void>;
}

/** A real HTTP server on this machine, and the house's way to it. */
export async function httpPlace(answer: (asked: Asked) => Answer): Promise<Place> {
  const asked: Asked[] = [];
  const instead: Answer[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://place');
      const text = Buffer.concat(pieces).toString('utf8');
      const one = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        text,
        body: parsed(text),
      };
      asked.push(one);
      const { status, body = '', headers = {} } = instead.shift() ?? answer(one);
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
      response.end(isText ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = createCall({ environment: {} });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    instead,
    call: webCall(http.call, systemClock, '0.0.0-test'),
    async close() {
      await http.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function alertMessage(more: Partial<AlertMessage> = {}): AlertMessage {
  return {
    alert: 'a_01jwqv5y6g0000000000000000',
    revision: 1,
    kind: 'new',
    loud: true,
    at: Date.UTC(2026, 5, 2, 6, 12),
    title: 'Claude API is down',
    lines: ['Claude API has been down for everyone since 2026-06-02 06:05 UTC.', 'Status page, investigating: «Elevated errors»'],
    severity: 'critical',
    products: ['anthropic/api'],
    models: [],
    began: Date.UTC(2026, 5, 2, 6, 5),
    url: 'https://status.claude.com/incidents/1?a=1&b=2',
    question: { yes: 'http://127.0.0.1:4141/alerts/abc/yes', no: 'http://127.0.0.1:4141/alerts/abc/no' },
    ...more,
  };
}

/** What a page may call its incident. */
export const HOSTILE = `<!channel> <@U123> @everyone @here <https://evil.example|click> [x](https://evil.example) **b** <script>alert(1)</script> &amp; "quoted" '\r\nBcc: all@example.org ${'x'.repeat(9000)}`;
