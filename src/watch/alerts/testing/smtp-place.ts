import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  text: string;
}

export interface SmtpPlace {
  port: number;
  mails: Mail[];
  /** Answers to the next mails, instead of taking them: `421 try later`. */
  instead: { code: number; text: string }[];
  close(): Promise<void>;
}

/** A real SMTP server on this machine; with `user` and `password`, only for them. */
export async function smtpPlace(options: SMTPServerOptions = {}, login?: { user: string; password: string }): Promise<SmtpPlace> {
  const mails: Mail[] = [];
  const instead: SmtpPlace['instead'] = [];
  const server = new SMTPServer({
    authOptional: login === undefined,
    logger: false,
    onAuth(auth, _session, done) {
      if (login && auth.username === login.user && auth.password === login.password) return done(null, { user: auth.username });
      const refused = Object.assign(new Error('5.7.8 Authentication credentials invalid'), { responseCode: 535 });
      done(refused);
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const answer = instead.shift();
        if (answer) return done(Object.assign(new Error(answer.text), { responseCode: answer.code }));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          user: typeof session.user === 'string' ? session.user : undefined,
          secure: session.secure === true,
          text: Buffer.concat(pieces).toString('utf8'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    instead,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
