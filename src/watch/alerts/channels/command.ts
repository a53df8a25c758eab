import { spawn } from 'node:child_process';
import { err, ok, type Result } from '../../../exchange/result.ts';
import type { Clock } from '../../../exchange/clock.ts';
import type { Channel, SendProblem, Sent } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { oneLine, shortened } from '../words.ts';

export interface CommandSettings {
  run: readonly string[];
  /** Milliseconds. */
  timeout: number;
}

/** Characters of what it says that go into the log. */
const HEARD = 200;

/** Starts a program with the alert as JSON on stdin, and the chief of it in its environment. No shell: nothing of a message is ever part of a command. */
export function commandChannel(
  { run, timeout }: CommandSettings,
  clock: Pick<Clock, 'after'>,
  environment: Readonly<Record<string, string | undefined>>,
): Channel {
  return {
    quiet: 'all',
    send: (message, _handle, signal) =>
      new Promise<Result<Sent, SendProblem>>((resolve) => {
        const [program = '', ...args] = run;
        const child = spawn(program, args, {
          stdio: ['pipe', 'ignore', 'pipe'],
          windowsHide: true,
          env: { ...environment, ...variables(message) },
        });
        let said = '';
        let ended: string | undefined;
        const end = (why: string): void => {
          ended = why;
          child.kill('SIGKILL');
        };
        const stop = clock.after(timeout, () => end(`was ended after ${timeout / 1000} s`));
        const abort = (): void => end('was ended: it took too long');
        signal.addEventListener('abort', abort, { once: true });
        const settle = (result: Result<Sent, SendProblem>): void => {
          stop();
          signal.removeEventListener('abort', abort);
          resolve(result);
        };
        child.stderr.on('data', (piece: Buffer) => (said = `${said}${piece.toString('utf8')}`.slice(-2000)));
        // A program that reads nothing is none the worse.
        child.stdin.on('error', () => undefined);
        child.stdin.end(JSON.stringify(message));
        child.on('error', ({ message: why }) => settle(err({ message: `${program} could not be started: ${why}`, passing: false })));
        child.on('close', (code, by) => {
          if (code === 0 && ended === undefined) return settle(ok({}));
          const last = shortened(oneLine(said), HEARD);
          const how = ended ?? (code === null ? `was ended by ${by}` : `ended with exit code ${code}`);
          settle(err({ message: `${program} ${how}${last === '' ? '' : `: ${last}`}`, passing: ended === undefined }));
        });
      }),
  };
}

function variables({ alert, kind, title, lines, severity, products }: AlertMessage): Record<string, string> {
  return {
    UNDERSTUDY_ALERT_ID: alert,
    UNDERSTUDY_ALERT_KIND: kind,
    UNDERSTUDY_ALERT_TITLE: oneLine(title),
    UNDERSTUDY_ALERT_TEXT: lines.join('\n').replaceAll('\0', ''),
    UNDERSTUDY_ALERT_SEVERITY: severity,
    UNDERSTUDY_ALERT_PRODUCTS: products.join(' '),
  };
}
