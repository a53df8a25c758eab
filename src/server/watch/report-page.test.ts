import { afterEach, expect, it } from 'vitest';
import type { ReportAnswer } from '../../watch/crowd/crowd.ts';
import type { RunningServer } from '../listen.ts';
import { call } from '../testing/raw-client.ts';
import { serve, stage } from '../testing/scripted-ports.ts';
import { oneOutage } from '../testing/watched.ts';

let server: RunningServer | undefined;
const asked: unknown[] = [];

async function open(answer?: ReportAnswer): Promise<number> {
  asked.length = 0;
  const watch = oneOutage();
  const ask: typeof watch.ask = (question, about) => {
    if (question !== 'report') return watch.ask(question, about);
    asked.push(about);
    return answer ? Promise.resolve({ ok: true, value: { ok: true, value: answer } } as never) : watch.ask(question, about);
  };
  server = await serve(stage({ ports: { watch: { ...watch, ask } } }), { closeWait: 0 });
  return server.port;
}

afterEach(() => server?.close());

const post = (port: number, body: string, headers: Record<string, string> = {}): ReturnType<typeof call> =>
  call(port, '/report', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body });

it('shows a form, then what would be said, and reports on the second press only', async () => {
  const port = await open();
  const form = await call(port, '/report');
  expect(form.text).toContain('<option value="anthropic/api">Claude API</option>');
  expect(form.text).toContain('answers break off');
  const shown = await post(port, 'product=anthropic%2Fapi&symptom=hangs');
  expect(shown.text).toContain('is sent nowhere');
  expect(asked).toEqual([{ product: 'anthropic/api', symptom: 'hangs', send: false }]);
  const done = await post(port, 'product=anthropic%2Fapi&symptom=hangs&sure=yes');
  expect([done.status, asked.at(-1)]).toEqual([200, { product: 'anthropic/api', symptom: 'hangs', send: true }]);
});

it('says what goes to a hub, to the letter', async () => {
  const statement = { type: 'report', product: 'api', symptom: 'hangs' } as never;
  const port = await open({ state: 'shown', hub: 'https://hub.example', sent: { statement, signature: 's' } });
  const shown = await post(port, 'product=anthropic%2Fapi&symptom=hangs');
  expect(shown.text).toContain('https://hub.example');
  expect(shown.text).toContain('&quot;symptom&quot;: &quot;hangs&quot;');
});

it('takes nothing from a page of somebody else, and no nonsense', async () => {
  const port = await open();
  expect((await post(port, 'product=a%2Fb&symptom=hangs&sure=yes', { origin: 'https://evil.example' })).status).toBe(403);
  expect(asked).toEqual([]);
  for (const body of ['', 'product=x&symptom=hangs', 'product=a%2Fb&symptom=sad', 'x='.padEnd(9000, 'y')])
    expect((await post(port, body)).status).toBe(400);
});
