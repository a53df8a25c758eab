import { describe, expect, it } from 'vitest';
import { block, delta, END, failing, messages, OPEN, pause, play, RESET, said, type Scripted, START } from '../../test/matrix/scripted.ts';

function target(name: string, answer: Scripted['answer']): Scripted {
  return { name, dialect: 'anthropic-messages', answer };
}

const overloaded: Scripted['answer'] = () => failing(529, 'overloaded_error');
const invalid: Scripted['answer'] = () => failing(400, 'invalid_request_error');
const silent: Scripted['answer'] = () => [OPEN, pause(3_600_000), END];
const cut: Scripted['answer'] = () => [
  OPEN,
  ...messages(START, block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'The sea is' })),
  RESET,
];

async function outcomeOf(answers: Scripted['answer'][], defer: boolean): Promise<{ outcome: object; headSent: boolean }> {
  const targets = answers.map((answer, index) => target(`t${index}`, answer));
  const played = await play({ client: 'anthropic-messages', targets, defer });
  return { outcome: played.outcome, headSent: played.entries.some(({ type }) => type === 'head') };
}

describe('a route that keeps what nobody can answer', () => {
  it('defers where nobody could, and says what stood in the way', async () => {
    const { outcome, headSent } = await outcomeOf([overloaded, overloaded], true);
    expect(outcome).toMatchObject({ type: 'deferred', fault: { class: 'provider-fault' } });
    expect(outcome).toMatchObject({ fault: { message: expect.stringContaining('None of 2 targets') as string } });
    expect(headSent).toBe(false);
  });

  it('defers when somebody may be able to later, though another never will', async () => {
    expect((await outcomeOf([overloaded, () => failing(401, 'authentication_error')], true)).outcome).toMatchObject({ type: 'deferred' });
  });

  it('defers where the headers are out and nothing else', async () => {
    const { outcome, headSent } = await outcomeOf([silent, silent], true);
    expect(outcome).toMatchObject({ type: 'deferred' });
    expect(headSent).toBe(true);
  });

  it('does not defer what has begun, what is wrong with the request, or anything where the route does not say so', async () => {
    expect((await outcomeOf([cut], true)).outcome).toMatchObject({ type: 'failed', committed: true });
    expect((await outcomeOf([invalid], true)).outcome).toMatchObject({ type: 'failed', fault: { class: 'bad-request' } });
    expect((await outcomeOf([overloaded], false)).outcome).toMatchObject({ type: 'failed' });
  });

  it('is no reason not to answer', async () => {
    expect((await outcomeOf([overloaded, () => said('Here.', true)], true)).outcome).toMatchObject({ type: 'complete' });
  });
});
