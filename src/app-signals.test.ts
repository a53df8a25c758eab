import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

async function listening(answer: (request: IncomingMessage, body: string) => [status: number, body: string]): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, body] = answer(request, Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  ending.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Sent {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

/** Understudy before a lead that is overloaded and a backup that answers, with a collector. */
async function house(telemetry: object) {
  const asked: { who: string; headers: IncomingHttpHeaders }[] = [];
  const spans: Sent[] = [];
  const provider = (who: string, status: number, body: object): Promise<string> =>
    listening((request) => {
      asked.push({ who, headers: request.headers });
      return [status, JSON.stringify(body)];
    });
  const lead = await provider('lead', 529, { type: 'error', error: { type: 'overloaded_error', message: 'SECRET WORDS' } });
  const usage = { input_tokens: 3, output_tokens: 2 };
  const content = [{ type: 'text', text: 'Hello' }];
  const answer = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'end_turn', usage };
  const backup = await provider('backup', 200, answer);
  const collector = await listening((_request, body) => {
    const got = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
    spans.push(...got.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)));
    return [200, '{}'];
  });
  const home = mkdtempSync(join(tmpdir(), 'understudy-signals-'));
  ending.push(() => rmSync(home, { recursive: true }));
  const settings = configSettings.parse({
    server: { port: 0, closeWait: '1s' },
    data: join(home, 'data'),
    providers: Object.fromEntries(
      Object.entries({ lead, backup }).map(([name, baseUrl]) => [
        name,
        { baseUrl, dialect: 'anthropic-messages', apiKey: `key-of-${name}` },
      ]),
    ),
    routes: { default: ['lead/m', 'backup/m'] },
    telemetry: { endpoint: collector, headers: { authorization: 'Bearer key-of-collector' }, ...telemetry },
  });
  const built = await buildApp(settings, {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  const app: App = built.value;
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await app.close();
    open = false;
  };
  ending.push(close);
  return { app, asked, spans, close };
}

async function ask(app: App): Promise<string> {
  const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'MY QUESTION' }] });
  const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT, tracestate: 'v=1', baggage: 'user=ada' };
  const reply = await fetch(`${app.address}/v1/messages`, { method: 'POST', headers, body });
  expect(reply.status).toBe(200);
  return reply.headers.get('x-understudy-exchange')!;
}

test('one exchange with a switch: told by the feed, by metrics and by spans, and by none of them with content', async () => {
  const { app, asked, spans, close } = await house({});
  const stop = new AbortController();
  const feed = await fetch(`${app.address}/api/events`, { signal: stop.signal });
  const id = await ask(app);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of feed.body!) {
    text += decoder.decode(chunk);
    if (text.includes('event: exchange-ended')) break;
  }
  stop.abort();
  const types = [...text.matchAll(/^event: (.+)$/gm)].map(([, type]) => type);
  for (const type of ['exchange-opened', 'attempt-begun', 'attempt-ended', 'switch', 'verdict', 'exchange-ended'])
    expect(types).toContain(type);
  expect(text).toContain(id);

  const metrics = await (await fetch(`${app.address}/metrics`)).text();
  expect(metrics).toContain('understudy_switches_total{kind="next"} 1');
  expect(metrics).toMatch(/gen_ai_client_operation_duration_seconds_count\{.*server_address="127\.0\.0\.1".*error_type="529"\} \d/);
  expect(metrics).toContain('understudy_target_verdict{target="backup/m",verdict="operational"} 1');

  // Not asked for: the trace stays here, as does all that goes with it.
  for (const { headers } of asked)
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(trace|baggage)/)]));
  await close();
  const whole = spans.find(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7')!;
  expect(whole.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  expect(spans.filter(({ parentSpanId }) => parentSpanId === whole.spanId)).toHaveLength(asked.length);
  for (const told of [text.replaceAll(/"why":"[^"]*"/g, ''), metrics, JSON.stringify(spans)]) {
    expect(told).not.toMatch(/MY QUESTION|Hello|SECRET WORDS|key-of-/);
  }
});

test('where targets are to be told the trace, each attempt is told as the parent', async () => {
  const { app, asked, spans, close } = await house({ propagate: 'on' });
  await ask(app);
  await vi.waitFor(() => expect(asked.at(-1)?.who).toBe('backup'));
  await close();
  const told = asked.map(({ headers }) => String(headers['traceparent']).split('-'));
  const ids = spans.map(({ spanId }) => spanId);
  for (const [, trace, parent] of told) {
    expect(trace).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(ids).toContain(parent);
  }
  expect(new Set(told.map(([, , parent]) => parent)).size).toBe(asked.length);
  expect(asked.map(({ headers }) => [headers['tracestate'], headers['baggage']])).toEqual(asked.map(() => ['v=1', undefined]));
});
