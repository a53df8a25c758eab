import { constants, gunzipSync } from 'node:zlib';
import type { Clock } from '../exchange/clock.ts';
import type { Scene } from './scene.ts';

/** How a connection fails; the same words as `providers/call.ts`, which this room may not import. */
export type SimSymptom = 'refused' | 'dns' | 'tls' | 'connect-timeout' | 'reset' | 'closed' | 'protocol';

export interface SimTransportError {
  symptom: SimSymptom;
  local: boolean;
  message: string;
}

/** Called in order: headers once, data any number of times, then exactly one of end and error. Nothing after cancel. */
export interface SceneHandler {
  headers(status: number, headers: Record<string, string>): void;
  data(chunk: Buffer): void;
  end(): void;
  error(error: SimTransportError): void;
}

/**
 * Plays a scene to a handler on a clock, with no timers but the clock's. Begins with the clock's next turn, so nobody is called
 * back before the cancel function is in its hands. A gzip body is handed over unpacked, as an HTTP client does.
 */
export function playScene(scene: Scene, clock: Clock, handler: SceneHandler): () => void {
  let over = false;
  let next = 0;
  let cancelWait = clock.after(0, proceed);
  const body = bodyReader(handler);

  function stop(): void {
    over = true;
    cancelWait();
  }
  function finish(tell: () => void): void {
    over = true;
    tell();
  }
  function fail(symptom: SimSymptom, message: string): void {
    finish(() => handler.error({ symptom, local: false, message }));
  }

  function proceed(): void {
    while (!over) {
      const step = scene[next++];
      if (!step) return;
      switch (step.type) {
        case 'wait':
          cancelWait = clock.after(step.ms, proceed);
          return;
        case 'head':
          body.head(step.headers, step.closeDelimited === true);
          handler.headers(step.status, body.visible(step.headers));
          break;
        case 'write':
          body.write(step.bytes);
          break;
        case 'informational':
          break;
        case 'repeat': {
          const again = (): void => {
            body.write(step.bytes);
            if (!over) cancelWait = clock.after(step.ms, again);
          };
          return again();
        }
        case 'hang':
          return;
        case 'end':
          if (body.complete()) finish(() => handler.end());
          else fail('closed', 'the simulated body was shorter than announced');
          return;
        case 'close':
          if (body.closeEnds()) finish(() => handler.end());
          else fail('closed', 'the simulated connection was closed before the answer was complete');
          return;
        case 'reset':
          return fail('reset', 'the simulated connection was reset');
        case 'garbage':
          return fail('protocol', 'the simulated provider sent what is not HTTP');
      }
    }
  }
  return stop;
}

interface BodyReader {
  head(headers: Record<string, string>, closeDelimited: boolean): void;
  visible(headers: Record<string, string>): Record<string, string>;
  write(bytes: Buffer): void;
  /** Whether a clean end is one: all announced bytes have come. */
  complete(): boolean;
  /** Whether the end of the connection is the end of the body. */
  closeEnds(): boolean;
}

/** What an HTTP client makes of framing: lengths counted, gzip unpacked as far as it has come. */
function bodyReader(handler: Pick<SceneHandler, 'data'>): BodyReader {
  let announced: number | undefined;
  let closeDelimited = false;
  let zipped: Buffer[] | undefined;
  let unpacked = 0;
  let received = 0;
  return {
    head(headers, delimited) {
      announced = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
      closeDelimited = delimited;
      zipped = headers['content-encoding'] === 'gzip' ? [] : undefined;
    },
    visible(headers) {
      if (!zipped) return headers;
      const { 'content-encoding': _encoding, 'content-length': _length, ...others } = headers;
      return others;
    },
    write(bytes) {
      received += bytes.length;
      if (!zipped) return handler.data(bytes);
      zipped.push(bytes);
      const plain = gunzipSync(Buffer.concat(zipped), { finishFlush: constants.Z_SYNC_FLUSH });
      if (plain.length > unpacked) handler.data(plain.subarray(unpacked));
      unpacked = plain.length;
    },
    complete: () => (announced === undefined || received >= announced) && (!zipped || unpacks(Buffer.concat(zipped))),
    closeEnds: () => closeDelimited || (announced !== undefined && received >= announced),
  };
}

function unpacks(packed: Buffer): boolean {
  try {
    gunzipSync(packed);
    return true;
  } catch {
    return false;
  }
}
