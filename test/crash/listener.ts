import { request } from 'node:http';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import type { RawQuestion } from '../matrix/question.ts';

/** What one client has received of one exchange, to the last byte. */
export interface Heard {
  dialect: ClientDialect;
  stream: boolean;
  path: string;
  question: Buffer;
  /** `x-understudy-exchange`; absent where not even the headers arrived. */
  exchange: string | undefined;
  status: number;
  body: Buffer;
  /** The body came to its proper end. */
  ended: boolean;
}

/** Asks over a connection of its own and keeps every byte. Never rejects: a connection that breaks has said what it has said. */
export function listen(port: number, dialect: ClientDialect, stream: boolean, question: RawQuestion): Promise<Heard> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const { path, body: asked } = question;
    const heard: Heard = { dialect, stream, path, question: asked, exchange: undefined, status: 0, body: Buffer.alloc(0), ended: false };
    const asking = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent: false,
      headers: Object.fromEntries(question.headers),
    });
    asking.on('error', () => undefined);
    asking.on('close', () => resolve({ ...heard, body: Buffer.concat(pieces) }));
    asking.on('response', (response) => {
      heard.status = response.statusCode ?? 0;
      const exchange = response.headers['x-understudy-exchange'];
      heard.exchange = typeof exchange === 'string' ? exchange : undefined;
      response.on('data', (chunk: Buffer) => pieces.push(chunk));
      response.on('end', () => (heard.ended = response.complete));
      response.on('error', () => undefined);
    });
    asking.end(asked);
  });
}
