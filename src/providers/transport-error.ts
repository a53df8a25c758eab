import type { TransportError, TransportSymptom } from './call.ts';

/**
 * The code that a reset carries inside this room. undici takes an ECONNRESET on a connection that will not be kept for the
 * regular end of a body without a length (client-h1.js, `onHttpSocketError`); under another name it stays an error.
 */
export const RESET = 'ERR_CONNECTION_RESET';

/** Without a route or a network, or no answer from the name service: every other provider would fail the same way. */
const LOCAL = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'ENONET', 'EADDRNOTAVAIL', 'EAI_AGAIN']);

const SYMPTOMS: Readonly<Record<string, TransportSymptom>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'refused',
  EHOSTUNREACH: 'refused',
  ENETDOWN: 'refused',
  ENONET: 'refused',
  EADDRNOTAVAIL: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  EMFILE: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  EPROTO: 'tls',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ECONNRESET: 'reset',
  [RESET]: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed',
  UND_ERR_DESTROYED: 'closed',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_ABORTED: 'closed',
  HPE_INVALID_EOF_STATE: 'closed',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_INVALID_ARG: 'protocol',
  Z_BUF_ERROR: 'closed',
  Z_DATA_ERROR: 'protocol',
};

/** What OpenSSL's and Node's certificate errors start with (node:tls, "X509 certificate error codes"). */
const CERTIFICATE =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|CRL_)/;

/** Says of an error of sockets, TLS, undici or zlib what it means for the call. `connected`: the connection stood. */
export function transportError(cause: Error, connected: boolean): TransportError {
  const error = firstOf(cause);
  const code = codeOf(error);
  const symptom = symptomOf(code, error.message, connected);
  return { symptom, local: !connected && LOCAL.has(code), message: sentence(symptom, code, error.message) };
}

/** With several addresses for one name every attempt has its own error; one that says more than "no route" is preferred. */
function firstOf(cause: Error): Error {
  if (!(cause instanceof AggregateError)) return cause;
  const errors = cause.errors.filter((error): error is Error => error instanceof Error);
  return errors.find((error) => !LOCAL.has(codeOf(error))) ?? errors[0] ?? cause;
}

function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  // undici's parser errors have no code under its present llhttp tables; an end in the middle of a message is one of them.
  if (error.name === 'HTTPParserError') return /EOF/i.test(error.message) ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID';
  return '';
}

function symptomOf(code: string, message: string, connected: boolean): TransportSymptom {
  if (code === 'ETIMEDOUT') return connected ? 'reset' : 'connect-timeout';
  if (code === 'ECONNRESET' && message.includes('before secure TLS connection')) return 'tls';
  if (CERTIFICATE.test(code)) return 'tls';
  const known = SYMPTOMS[code];
  if (known !== undefined) return known;
  if (
    code.startsWith('HPE_') ||
    code.startsWith('Z_') ||
    code.startsWith('ERR__') ||
    code.startsWith('ERR_BROTLI') ||
    code.startsWith('ZSTD_')
  )
    return 'protocol';
  return connected ? 'closed' : 'refused';
}

const WORDS: Readonly<Record<TransportSymptom, string>> = {
  refused: 'could not connect',
  dns: 'the host name could not be resolved',
  tls: 'no secure connection',
  'connect-timeout': 'no connection in time',
  reset: 'the connection was reset',
  closed: 'the connection was closed before the answer was complete',
  protocol: 'what came back is not proper HTTP',
};

function sentence(symptom: TransportSymptom, code: string, message: string): string {
  const detail = [code === RESET ? 'ECONNRESET' : code, message].filter((piece) => piece !== '').join(': ');
  const advice =
    symptom === 'tls'
      ? '; if a company proxy signs your connections, set `ca` of the provider to its certificate file, or NODE_EXTRA_CA_CERTS'
      : '';
  return `${WORDS[symptom]} (${detail})${advice}`;
}
