import { describe, expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import {
  block,
  call,
  chunk,
  delta,
  DONE,
  END,
  failing,
  finish,
  messages,
  OPEN,
  pause,
  play,
  RESET,
  ROLE,
  said,
  type Scripted,
  START,
} from '../../test/matrix/scripted.ts';
import type { Scene } from '../sim/scene.ts';

function lead(dialect: Scripted['dialect'], answer: Scripted['answer'], more: Partial<Scripted> = {}): Scripted {
  return { name: 'lead', dialect, answer, ...more };
}

describe('several candidates', () => {
  const other = (text: string, finished: string | null = null) => chunk({ content: text }, finished, 1);
  const ask = (...steps: Scene) =>
    play({
      client: 'openai-chat',
      body: { n: 2 },
      targets: [lead('openai-chat', () => [OPEN, ROLE, chunk({ content: 'short' }), other('a long'), chunk({}, 'stop'), ...steps])],
    });

  it('ends when the last of them has ended, however long after the first', async () => {
    const played = await ask(pause(9000), other(' story'), pause(9000), other('', 'stop'), DONE, END);
    expect(played.outcome).toMatchObject({ type: 'complete' });
    expect(played.wire).toContain(' story');
  });

  it('does not show one that was cut as complete', async () => {
    for (const end of [[RESET], [END], [DONE, END]]) {
      const played = await ask(other(' story'), ...end);
      expect(played.outcome).toMatchObject({ type: 'failed' });
      expect(played.reading).toMatchObject({ finished: false, error: expect.any(String) });
    }
  });
});

describe('where an answer ends', () => {
  it('does not let a finish out before the part under way', async () => {
    const cut = [OPEN, ...messages(START, block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'The sea is' }))];
    const played = await play({
      client: 'anthropic-messages',
      targets: [
        lead('anthropic-messages', (_body, turn) =>
          turn === 1 ? [...cut, ...messages(...finish('end_turn')), END] : said('The sea is wide.', true),
        ),
      ],
    });
    expect(played.reading).toMatchObject({ text: 'The sea is wide.', finished: true });
    expect(played.wire.match(/message_delta/g)).toHaveLength(2);
  });

  it('carries on what was only blank', async () => {
    for (const blank of ['\n\n', ' ']) {
      const answers = (_body: unknown, turn: number) => (turn === 1 ? said(blank, false) : said('Hello there.', true));
      const played = await play({ client: 'anthropic-messages', targets: [lead('anthropic-messages', answers)] });
      expect(played.reading).toMatchObject({ text: `${blank}Hello there.`, finished: true });
    }
  });

  it('takes a tool call, or JSON cut by the limit, for the end of a structured answer', async () => {
    const script = { client: 'openai-chat', body: { response_format: { type: 'json_object' } } } as const;
    const called = await play({
      ...script,
      targets: [
        lead('openai-chat', (_body, turn) =>
          turn === 1
            ? [OPEN, ROLE, chunk({ reasoning_content: 'hm' }), RESET]
            : [OPEN, ROLE, call('{"a":1}'), chunk({}, 'tool_calls'), DONE, END],
        ),
      ],
    });
    expect(called.entries.filter((entry) => entry.type === 'attempt-end').at(-1)).toMatchObject({ outcome: { type: 'whole' } });
    const limited = await play({
      ...script,
      targets: [
        lead('openai-chat', (_body, turn) =>
          turn === 1
            ? [OPEN, ROLE, chunk({ content: '{"a":"a long text' }), RESET]
            : [OPEN, ROLE, chunk({ content: '{"a":"a long text of the' }), chunk({}, 'length'), DONE, END],
        ),
      ],
    });
    expect(limited.outcome).toEqual({ type: 'complete', finish: 'length' });
  });
});

describe('tool calls', () => {
  it('are not believed while their arguments may go on', async () => {
    const late = call('{"topic":"sea"}');
    const played = await play({
      client: 'openai-chat',
      targets: [
        lead('openai-chat', (_body, turn) => [OPEN, ROLE, ...(turn === 1 ? [call('{}')] : []), late, chunk({}, 'tool_calls'), DONE, END]),
      ],
    });
    expect(played.reading).toMatchObject({ calls: [{ name: 'look_up', arguments: '{"topic":"sea"}' }], finished: true });
  });

  it('bear the names that the client knows, also where those were too long for the provider', async () => {
    const name = `mcp__${'x'.repeat(140)}`;
    const body = { tools: [{ name, input_schema: { type: 'object' } }] };
    const chat = lead('openai-chat', (asked) => {
      const [tool] = asked.tools as [{ function: { name: string } }];
      expect(tool.function.name.length).toBeLessThanOrEqual(64);
      return [OPEN, ROLE, call('{"a":1}', tool.function.name), chunk({}, 'tool_calls'), DONE, END];
    });
    expect((await play({ client: 'anthropic-messages', body, targets: [chat] })).reading.calls).toMatchObject([{ name }]);
  });

  it('are the reason for the end, whatever a service calls it', async () => {
    const forced = lead('openai-chat', () => [OPEN, ROLE, call('{"a":1}'), chunk({}, 'stop'), DONE, END]);
    expect((await play({ client: 'anthropic-messages', targets: [forced] })).wire).toContain('"stop_reason":"tool_use"');
  });
});

describe('a hop', () => {
  const cut = said('The sea is wide and deep, and it has ', false);

  it('does not bear the key of the bytes that it differs from', async () => {
    const headers: [string, string][] = [['idempotency-key', 'k']];
    const own = lead('anthropic-messages', (_body, turn) => (turn === 1 ? cut : failing(529, '{}')), { vendor: 'anthropic' });
    const { asked } = await play({ client: 'anthropic-messages', headers, targets: [own] });
    expect(asked.map((one) => one.headers.some(([name]) => name === 'idempotency-key'))).toEqual([true, false]);
  });

  it('that is refused leaves an error after which a client asks again', async () => {
    for (const status of [400, 401, 404]) {
      const refusing = lead('anthropic-messages', (_body, turn) => (turn === 1 ? cut : failing(status, '{}')));
      const { outcome, wire } = await play({ client: 'anthropic-messages', targets: [refusing] });
      expect(outcome).toMatchObject({ type: 'failed', fault: { class: 'provider-fault' } });
      expect(wire).toContain('"type":"api_error"');
    }
  });

  it('asks in words where thinking is on: Anthropic refuses a prefill then', async () => {
    const body = { thinking: { type: 'enabled', budget_tokens: 2000 } };
    const own = lead('anthropic-messages', (_body, turn) => (turn === 1 ? cut : failing(529, '{}')), { prefill: true });
    const roles = ({ asked }: Awaited<ReturnType<typeof play>>) => (asked[1]!.body.messages as { role: string }[]).map(({ role }) => role);
    expect(roles(await play({ client: 'anthropic-messages', targets: [own] }))).toEqual(['user', 'assistant']);
    expect(roles(await play({ client: 'anthropic-messages', targets: [own], body }))).toEqual(['user', 'assistant', 'user']);
  });
});

describe('the own network', () => {
  const offline = { symptom: 'dns', local: true, message: 'no network' } as const;
  const cut = said('The sea is wide and deep, and it has ', false);
  const whole = said('The sea is wide and deep, and it has waves.', true);

  it('is waited for in mid-answer, too', async () => {
    const clock = virtualClock();
    const answer: Scripted['answer'] = (_body, turn) => (turn === 1 ? cut : clock.monotonic() < 1500 ? offline : whole);
    const targets = [lead('anthropic-messages', answer), { name: 'backup', dialect: 'openai-chat' as const, answer: () => offline }];
    const played = await play({ client: 'anthropic-messages', clock, targets });
    expect(played.kinds).toEqual(['first lead', 'hop lead', 'hop lead']);
    expect(played.reading).toMatchObject({ text: 'The sea is wide and deep, and it has waves.', finished: true });
  });

  it('is not waited for twice', async () => {
    const played = await play({
      client: 'anthropic-messages',
      targets: [lead('anthropic-messages', (_body, turn) => (turn === 1 ? cut : offline))],
    });
    expect(played.kinds).toEqual(['first lead', 'hop lead', 'hop lead']);
    expect(played.outcome).toMatchObject({ type: 'failed', committed: true });
  });
});

it('leaves no trial slot taken when the client goes while a retry waits', async () => {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  const down = lead('anthropic-messages', () => failing(503, 'busy'));
  const ask = (target: Scripted, leaveAfter?: number) =>
    play({ client: 'anthropic-messages', clock, health, targets: [target], ...(leaveAfter !== undefined && { leaveAfter }) });
  for (let turn = 0; turn < 4; turn++) await ask(down);
  expect((await ask(down, 300)).outcome.type).toBe('cancelled');
  expect((await ask(lead('anthropic-messages', () => said('I am back.', true)))).outcome.type).toBe('complete');
});

it('tells an error under status 200 as an error', async () => {
  const broken = lead('openai-chat', () => failing(200, '{"error":{"message":"boom","type":"server_error"}}'));
  const played = await play({ client: 'openai-chat', targets: [broken] });
  expect(played.outcome).toMatchObject({ type: 'failed', committed: false, fault: { class: 'provider-fault' } });
  expect(played.entries.some((entry) => entry.type === 'head')).toBe(false);
});

describe('an answer without a word', () => {
  const silent: Scene = [OPEN, ...messages(START, ...finish('end_turn')), END];
  const toolTurn = {
    messages: [
      { role: 'user', content: 'Look it up.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look_up', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'found' }] },
    ],
  };

  it('is believed after tool results when it is said twice: the model has nothing to add', async () => {
    const played = await play({ client: 'anthropic-messages', body: toolTurn, targets: [lead('anthropic-messages', () => silent)] });
    expect(played.asked).toHaveLength(2);
    expect(played.outcome).toMatchObject({ type: 'complete' });
    expect(played.reading).toMatchObject({ text: '', finished: true });
  });

  it('is a failure otherwise', async () => {
    const played = await play({ client: 'anthropic-messages', targets: [lead('anthropic-messages', () => silent)] });
    expect(played.outcome).toMatchObject({ type: 'failed' });
  });
});
