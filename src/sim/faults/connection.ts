import type { Scene } from '../scene.ts';
import { errorScene, usualError } from '../errors.ts';
import { fault, type Fault, type Refusal } from './fault.ts';

const REFUSALS: [Refusal, string][] = [
  ['closed-port', 'nobody listens on the port'],
  ['dns', 'the name does not exist'],
  ['dns-timeout', 'the name service does not answer'],
  ['syn-dropped', 'packets to the host are dropped'],
  ['never-reads', 'the connection stands but nobody reads from it'],
  ['tls-self-signed', 'the certificate is self-signed'],
  ['tls-expired', 'the certificate has expired'],
  ['tls-wrong-host', 'the certificate is for another host'],
  ['tls-hang', 'the TLS handshake never ends'],
  ['plain-http-on-tls', 'the TLS port speaks plain HTTP'],
];

/** Group A: before a connection. */
export const CONNECTION_FAULTS: readonly Fault[] = REFUSALS.map(([refuse, title]) => fault(refuse, 'A', title, () => ({ refuse })));

/** How long `slow-headers` takes: longer than any client's patience, shorter than a test's. */
const SLOW_HEADERS = 30_000;

const GARBAGE = Buffer.from('\u0000\u0001SSH-2.0-simulated\r\n\u00ff\u00fe not a web server\r\n', 'latin1');

/** Group B: a connection, but no headers, or unusual ones. */
export const HEADER_FAULTS: readonly Fault[] = [
  fault('hang', 'B', 'the request is taken and never answered', () => [{ type: 'hang' }]),
  fault('slow-headers', 'B', 'the headers take half a minute', (scene) => [{ type: 'wait', ms: SLOW_HEADERS }, ...scene]),
  fault('reset-before-headers', 'B', 'reset instead of an answer', () => [{ type: 'reset' }]),
  fault('close-before-headers', 'B', 'closed instead of an answer', () => [{ type: 'close' }]),
  fault('garbage', 'B', 'what comes is not HTTP', () => [{ type: 'garbage', bytes: GARBAGE }, { type: 'close' }]),
  ...[100, 102, 103].map((status) =>
    fault(`informational-${status}`, 'B', `a ${status} comes first`, (scene) => [{ type: 'informational', status }, ...scene], {
      expected: 'answer',
    }),
  ),
  fault('http10', 'B', 'HTTP/1.0: the body ends where the connection does', (scene) => closeDelimited(scene), { expected: 'answer' }),
  fault('stale-connection', 'B', 'a kept connection is reset just as it is used again', (scene, _position, context) =>
    context.reused ? [{ type: 'reset' }] : scene,
  ),
  fault(
    'early-413',
    'B',
    'refused for its size while the body is still being sent',
    (_scene, _position, context) => errorScene(context.dialect, usualError(context.dialect, 'tooLarge', 413), context.answer.seed),
    { beforeBody: true },
  ),
];

function closeDelimited(scene: Scene): Scene {
  return scene.map((step) => {
    if (step.type === 'end') return { type: 'close' };
    if (step.type !== 'head') return step;
    const { 'content-length': _length, ...headers } = step.headers;
    return { ...step, headers, closeDelimited: true };
  });
}
