import { afterEach, expect, test } from 'vitest';
import type { RunningServer } from './listen.ts';
import { call } from './testing/raw-client.ts';
import { attempt, bytes, complete, failed, head, question, type Script, serve, speak, stage } from './testing/scripted-ports.ts';

const QUESTION = question('anthropic-messages', false);
const ANSWER =
  '{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Grüße"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":5},"odd": 1}';

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function ask(script: Script, path = '/v1/messages', body = QUESTION): ReturnType<typeof call> {
  server = await serve(stage({ script }));
  return call(server.port, path, { body });
}

test('a native answer arrives byte for byte, with its length', async () => {
  const whole = Buffer.from(ANSWER);
  const reply = await ask((log) => {
    log.append(
      head({
        headers: [
          ['content-type', 'application/json'],
          ['request-id', 'req_7'],
          ['content-encoding', 'gzip'],
        ],
      }),
    );
    log.append(bytes(whole.subarray(0, 99)));
    log.append(bytes(whole.subarray(99), true));
    log.append(complete);
  });
  expect(reply).toMatchObject({ status: 200, text: ANSWER, complete: true });
  expect(reply.headers).toMatchObject({ 'content-length': String(whole.length), 'request-id': 'req_7', 'x-understudy-target': 'wall/m' });
  expect(reply.headers).not.toHaveProperty('content-encoding');
});

test.each([
  ['/v1/messages', 'anthropic-messages'],
  ['/v1/chat/completions', 'openai-chat'],
] as const)('a foreign answer is written in the words of %s', async (path, dialect) => {
  const reply = await ask(speak('Hello there.'), path, question(dialect, false));
  expect(reply.status).toBe(200);
  expect(reply.headers['content-type']).toContain('application/json');
  const answer = JSON.parse(reply.text) as { content?: unknown; choices?: unknown };
  expect(JSON.stringify(dialect === 'openai-chat' ? answer.choices : answer.content)).toContain('Hello there.');
});

test('a failure is a normal HTTP error, also after a head', async () => {
  const reply = await ask((log) => {
    log.append(head());
    log.append(bytes(ANSWER.slice(0, 20)));
    log.append(failed(true));
  });
  expect(reply.status).toBeGreaterThanOrEqual(500);
  expect(reply.complete).toBe(true);
  expect(JSON.parse(reply.text)).toMatchObject({ error: { message: expect.stringContaining('broke off') as string } });
});

test('a provider’s own error never goes out as a success', async () => {
  const body = '{"error":{"type":"server_error"}}';
  const reply = await ask((log) => {
    log.append(head());
    log.append(failed(false, { fault: { status: 200 }, body }));
  });
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.text).toBe(body);
});

test('all targets that were asked are named', async () => {
  const reply = await ask((log, visit) => {
    log.append(attempt(0, 'lead'));
    log.append(attempt(1, 'lead'));
    log.append(attempt(2, 'backup'));
    speak('x')(log, visit);
  });
  expect(reply.headers['x-understudy-asked']).toBe('lead/m, backup/m, wall/m');
});
