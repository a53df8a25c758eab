import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { DIALECTS } from '../dialects/all.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { accessCheck, isLoopback } from './access.ts';
import { attachments } from './attach/attachments.ts';
import { budgetOf } from './budget.ts';
import type { Desk } from './desk.ts';
import { faceOf } from './face.ts';
import { metricsOf } from './metrics.ts';
import { openAnswers } from './open-answers.ts';
import type { Log, ServerPorts } from './ports.ts';
import { createTokenLimits } from './token-limits.ts';
import type { ServerSettings } from '../config/server-settings.ts';

export interface ServerOptions {
  settings: ServerSettings;
  ports: ServerPorts;
  clock: Clock;
  log: Log;
}

export interface RunningServer {
  /** What clients are pointed at: `http://127.0.0.1:4141`. */
  address: string;
  port: number;
  /** Other settings from the next request on. Answers under way keep their pace. */
  apply(settings: ServerSettings): Applied;
  /** Takes no more questions, lets answers finish for `closeWait`, breaks what is left. The same promise at every call. */
  close(): Promise<void>;
}

export interface Applied {
  /** What is in force now. */
  settings: ServerSettings;
  /** Settings that only a restart can change, as `server.port`; they stay as they were. */
  needsRestart: string[];
}

/** Why the server could not start, and what to do about it. */
export interface StartProblem {
  code: 'token-needed' | 'port-in-use' | 'no-permission' | 'bad-host' | 'not-listening';
  message: string;
  action: string;
}

/** Listens and answers. Fails with a problem for people, never by throwing. */
export async function startServer({ settings, ports, clock, log }: ServerOptions): Promise<Result<RunningServer, StartProblem>> {
  if (!isLoopback(settings.host) && settings.token === undefined) return err(tokenNeeded(settings.host));
  const budget = budgetOf(settings.inFlight);
  const open = openAnswers();
  const feeds = openAnswers();
  let stopping = false;

  const server = createServer({
    noDelay: true,
    connectionsCheckingInterval: Math.max(50, Math.min(5000, settings.headersTimeout / 3)),
  });
  limit(server, settings);
  server.on('clientError', answerGarbage);

  const listening = await listen(server, settings);
  if (!listening.ok) return listening;
  const port = listening.value;
  const metrics = metricsOf(ports.journal, {
    inFlight: () => budget.used(),
    connections: () => countConnections(server),
    deferred: () => ports.status().deferred,
    status: () => ports.status(),
    baseUrl: (provider) => ports.baseUrl(provider),
  });
  const repetitions = attachments(ports.journal, clock);
  const limits = createTokenLimits(clock);
  const desk: Desk = { settings, admit: accessCheck(settings), ports, clock, log, budget, attachments: repetitions, limits, open, feeds };
  const face = faceOf({
    desk,
    dialects: DIALECTS,
    metrics,
    isStopping: () => stopping,
  });
  server.on('request', face);
  server.on('error', (error) => log.error({ err: error }, 'the server reports an error'));

  function apply(wanted: ServerSettings): Applied {
    const needsRestart: string[] = [];
    const next: ServerSettings = { ...wanted, host: settings.host, port: settings.port };
    if (wanted.host !== settings.host) needsRestart.push('server.host');
    if (wanted.port !== settings.port) needsRestart.push('server.port');
    // Going back to loopback is what makes a token dispensable, and that has not happened yet.
    if (!isLoopback(settings.host) && wanted.token === undefined && desk.settings.token !== undefined) {
      next.token = desk.settings.token;
      needsRestart.push('server.token');
    }
    desk.settings = next;
    desk.admit = accessCheck(next);
    budget.limitTo(next.inFlight);
    limit(server, next);
    return { settings: next, needsRestart };
  }

  async function close(): Promise<void> {
    stopping = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    feeds.stopAll(STOPPED);
    const cancel = clock.after(desk.settings.closeWait, () => {
      open.stopAll(STOPPED);
      // What has been written gets a moment to arrive; then the connections go, drained or not.
      clock.after(BREAK_TIME, () => server.closeAllConnections());
    });
    await closed;
    cancel();
    metrics.close();
    repetitions.close();
  }

  let closing: Promise<void> | undefined;
  return ok({ address: `http://${hostName(settings.host)}:${port}`, port, apply, close: () => (closing ??= close()) });
}

/** The limits that Node itself holds; it looks at them anew each time. */
function limit(server: Server, { idleTimeout, headersTimeout, bodyTimeout, maxConnections }: ServerSettings): void {
  server.keepAliveTimeout = idleTimeout;
  server.headersTimeout = headersTimeout;
  // The body has its own, friendlier limit; this one is for who gets around it.
  server.requestTimeout = headersTimeout + bodyTimeout + REQUEST_SLACK;
  server.maxConnections = maxConnections;
}

/** Milliseconds beyond the body's own limit. */
const REQUEST_SLACK = 10_000;
const STOPPED: Fault = { class: 'provider-fault', symptom: 'closed', message: 'Understudy is being stopped. Ask again in a moment.' };
/** Milliseconds that errors written at the very end get to arrive. */
const BREAK_TIME = 1000;

function listen(server: Server, { host, port }: ServerSettings): Promise<Result<number, StartProblem>> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(err(startProblem(error, host, port)));
    server.once('error', failed);
    server.listen({ host: host.replaceAll(/[[\]]/g, ''), port }, () => {
      server.off('error', failed);
      resolve(ok((server.address() as AddressInfo).port));
    });
  });
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error ? 0 : count));
  });
}

/** A wildcard is no place to point a client at. */
function hostName(host: string): string {
  const bare = host.replaceAll(/[[\]]/g, '');
  if (bare === '0.0.0.0') return '127.0.0.1';
  if (bare === '::') return '[::1]';
  return bare.includes(':') ? `[${bare}]` : bare;
}

/** What was not HTTP, or came too slowly to become it. Written by hand: there is no response yet. */
function answerGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message, hint] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', 'too-slow', 'The request did not arrive in time.', 'Send it again, as a whole.']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? [
            '431 Request Header Fields Too Large',
            'headers-too-large',
            'The request headers are too large.',
            'Send fewer or shorter headers.',
          ]
        : ['400 Bad Request', 'not-http', 'This is not an HTTP request that can be read.', 'Point the client at http://, not https://.'];
  const body = JSON.stringify({ error: { code, message, hint } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function tokenNeeded(host: string): StartProblem {
  return {
    code: 'token-needed',
    message: `Listening on ${host} would let others on the network use your providers.`,
    action: 'Set server.token in understudy.yaml to a long random text (openssl rand -hex 24), or listen on 127.0.0.1.',
  };
}

function startProblem(error: NodeJS.ErrnoException, host: string, port: number): StartProblem {
  const place = `${hostName(host)}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        code: 'port-in-use',
        message: `Another program already listens on ${place}.`,
        action: `If it is another Understudy, use that one (http://${place}) or stop it; else start with another port: --port ${port < 65_535 ? port + 1 : 4141}.`,
      };
    case 'EACCES':
      return {
        code: 'no-permission',
        message: `This user may not listen on ${place}.`,
        action: 'Ports below 1024 need special rights; start with another one: --port 4141.',
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return {
        code: 'bad-host',
        message: `${host} is not an address of this machine.`,
        action: 'Set server.host in understudy.yaml to 127.0.0.1, or to an address that this machine has.',
      };
    default:
      return {
        code: 'not-listening',
        message: `The server can't listen on ${place}: ${error.message}.`,
        action: 'Try another port (--port 4142) or server.host: 127.0.0.1 in understudy.yaml.',
      };
  }
}
