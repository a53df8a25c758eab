import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { err, ok, type Result } from '../../../exchange/result.ts';
import type { Channel, SendProblem, Sent } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { oneLine, shortened } from '../words.ts';
import type { EmailSettings } from './email-settings.ts';

/** Milliseconds, each. */
const PATIENCE = 10_000;
/** Characters of a subject that mail programs still show. */
const SUBJECT = 200;

/** By SMTP. What belongs to one alert is one thread: each message refers to the first (RFC 5322, 3.6.4). */
export function emailChannel({ host, port, security, ca, user, password, from, to }: EmailSettings): Channel {
  return {
    quiet: 'none',
    async send(message, handle, signal) {
      const authority = ca === undefined ? undefined : certificate(ca);
      if (authority === null) return err({ message: `${ca} (watch.alerts.channels: ca) cannot be read`, passing: true });
      const transport = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        connectionTimeout: PATIENCE,
        greetingTimeout: PATIENCE,
        socketTimeout: PATIENCE,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(authority !== undefined && { tls: { ca: authority } }),
        ...(user !== undefined && password !== undefined && security !== 'none' && { auth: { user, pass: password } }),
      });
      const stop = (): void => transport.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const sent = await transport.sendMail({
          from: { name: 'Understudy', address: from },
          to,
          subject: shortened(oneLine(message.title), SUBJECT),
          text: textOf(message),
          html: htmlOf(message),
          // RFC 3834: nobody's absence note answers it.
          headers: { 'auto-submitted': 'auto-generated' },
          ...(handle !== undefined && { inReplyTo: handle, references: [handle] }),
        });
        return taken(sent.messageId, handle);
      } catch (error) {
        return err(problemOf(error, host));
      } finally {
        signal.removeEventListener('abort', stop);
        transport.close();
      }
    },
  };
}

function certificate(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function taken(messageId: string, handle: string | undefined): Result<Sent, SendProblem> {
  // The first message of a thread is what the others refer to.
  return ok({ handle: handle ?? messageId });
}

/** Only the server's own words and codes: nodemailer's may name the account. */
function problemOf(error: unknown, host: string): SendProblem {
  const { code, responseCode, response, message } = error as { code?: string; responseCode?: number; response?: string; message?: string };
  if (responseCode !== undefined) {
    // RFC 5321, 4.2.1: 4xx may go well later, 5xx will not.
    return { message: `${host} answered ${shortened(oneLine(response ?? String(responseCode)), 200)}`, passing: responseCode < 500 };
  }
  const passing = code === undefined || !['EAUTH', 'EENVELOPE', 'EMESSAGE', 'ENOAUTH'].includes(code);
  return { message: `${host} took no mail: ${shortened(oneLine(message ?? code ?? 'it is not known why'), 200)}`, passing };
}

function textOf({ title, lines, url, question }: AlertMessage): string {
  return [
    title,
    '',
    ...lines,
    ...(url === undefined ? [] : ['', url]),
    ...(question
      ? ['', 'Is it failing for you? (On the machine that runs Understudy.)', `Yes: ${question.yes}`, `No: ${question.no}`]
      : []),
    '',
  ].join('\n');
}

function htmlOf({ title, lines, url, question }: AlertMessage): string {
  const link = (address: string, words: string): string => `<a href="${escaped(address)}">${words}</a>`;
  const asks = question
    ? `<p>Is it failing for you? ${link(question.yes, 'Yes')} · ${link(question.no, 'No')} (on the machine that runs Understudy)</p>`
    : '';
  const read = url === undefined ? '' : `<p>${link(url, 'Status page')}</p>`;
  return `<!doctype html><html><body><h2>${escaped(title)}</h2>${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}${read}${asks}</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
