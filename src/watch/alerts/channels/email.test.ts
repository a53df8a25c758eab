import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../sim/certificate.ts';
import { alertMessage, HOSTILE } from '../testing/http-place.ts';
import { type SmtpPlace, smtpPlace } from '../testing/smtp-place.ts';
import { emailChannel } from './email.ts';
import type { EmailSettings } from './email-settings.ts';

const never = new AbortController().signal;
const login = { user: 'me@example.org', password: 'correct horse' };
let place: SmtpPlace | undefined;

function settings(more: Partial<EmailSettings> = {}): EmailSettings {
  return {
    type: 'email',
    host: '127.0.0.1',
    port: place!.port,
    security: 'none',
    from: 'me@example.org',
    to: ['you@example.org', 'ops@example.org'],
    ...more,
  };
}

afterEach(() => place?.close());

describe('e-mail', () => {
  it('is one thread for one alert', async () => {
    place = await smtpPlace();
    const channel = emailChannel(settings());
    const first = await channel.send(alertMessage(), undefined, never);
    const handle = first.ok ? first.value.handle : undefined;
    expect(handle).toMatch(/^<.+@.+>$/);
    expect(await channel.send(alertMessage({ kind: 'over', title: 'Claude API is well again' }), handle, never)).toEqual({
      ok: true,
      value: { handle },
    });
    const [one, two] = place.mails;
    expect(one).toMatchObject({ from: 'me@example.org', to: ['you@example.org', 'ops@example.org'], user: undefined });
    expect(one!.text).toContain('Subject: Claude API is down');
    expect(one!.text).toMatch(/^auto-submitted: auto-generated/im);
    expect(one!.text).not.toMatch(/^in-reply-to/im);
    expect(two!.text).toContain(`In-Reply-To: ${handle}`);
    expect(two!.text).toContain(`References: ${handle}`);
  });

  it('keeps headers and HTML whole, whatever a page says', async () => {
    place = await smtpPlace();
    expect((await emailChannel(settings()).send(alertMessage({ title: HOSTILE, lines: [HOSTILE] }), undefined, never)).ok).toBe(true);
    const [head, ...rest] = place.mails[0]!.text.split('\r\n\r\n');
    expect(head).not.toMatch(/^bcc:/im);
    const html = rest.join('\n').slice(rest.join('\n').indexOf('text/html')).replaceAll('=\r\n', '');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toContain('<script>');
    expect(place.mails[0]!.to).toEqual(['you@example.org', 'ops@example.org']);
  });

  it('goes over STARTTLS with a login, and never without TLS where that is wanted', async () => {
    // A certificate that smtp-server brings along for tests: nobody has signed it.
    place = await smtpPlace({}, login);
    const refused = await emailChannel(settings({ security: 'starttls', ...login })).send(alertMessage(), undefined, never);
    expect(refused).toMatchObject({ ok: false, error: { passing: true } });
    expect(!refused.ok && refused.error.message).toMatch(/certificate|altnames|self-signed/i);
    await place.close();
    place = await smtpPlace({ disabledCommands: ['STARTTLS'] });
    expect(await emailChannel(settings({ security: 'starttls', ...login })).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
    });
    expect(place.mails).toEqual([]);
  });

  it('shows its login to a server that it can trust', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-mail-'));
    const { key, cert } = selfSigned(['localhost', '127.0.0.1'], Date.now() - 86_400_000, Date.now() + 86_400_000);
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, cert);
    place = await smtpPlace({ key, cert }, login);
    const channel = emailChannel(settings({ host: 'localhost', security: 'starttls', ca, ...login }));
    expect(await channel.send(alertMessage(), undefined, never)).toMatchObject({ ok: true });
    expect(place.mails[0]).toMatchObject({ user: login.user, secure: true });
    const wrong = emailChannel(settings({ host: 'localhost', security: 'starttls', ca, ...login, password: 'wrong' }));
    const refused = await wrong.send(alertMessage(), undefined, never);
    expect(refused).toMatchObject({ ok: false, error: { passing: false, message: expect.stringContaining('535') } });
    expect(JSON.stringify(refused)).not.toContain('wrong');
    await place.close();
    place = await smtpPlace({ key, cert, secure: true }, login);
    const tls = emailChannel(settings({ host: 'localhost', security: 'tls', ca, ...login }));
    expect(await tls.send(alertMessage(), undefined, never)).toMatchObject({ ok: true });
    expect(await emailChannel(settings({ ca: join(folder, 'none.pem') })).send(alertMessage(), undefined, never)).toMatchObject({
      ok: false,
    });
    rmSync(folder, { recursive: true });
  });

  it('sends no password in the clear', async () => {
    let asked = 0;
    place = await smtpPlace({
      allowInsecureAuth: true,
      authOptional: true,
      onAuth(_auth, _session, done) {
        asked++;
        done(null, { user: 'x' });
      },
    });
    expect((await emailChannel(settings({ security: 'none', ...login })).send(alertMessage(), undefined, never)).ok).toBe(true);
    expect(asked).toBe(0);
  });

  it('knows what may go well later from what will not', async () => {
    place = await smtpPlace();
    place.instead.push({ code: 451, text: 'try later' }, { code: 550, text: 'no such mailbox' });
    const channel = emailChannel(settings());
    expect(await channel.send(alertMessage(), undefined, never)).toEqual({
      ok: false,
      error: { message: '127.0.0.1 answered 451 try later', passing: true },
    });
    expect(await channel.send(alertMessage(), undefined, never)).toMatchObject({ ok: false, error: { passing: false } });
    const gone = settings();
    await place.close();
    expect(await emailChannel(gone).send(alertMessage(), undefined, never)).toMatchObject({ ok: false, error: { passing: true } });
  });
});
