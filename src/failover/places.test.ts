import { describe, expect, it } from 'vitest';
import { answered, type Asked, houseOfAccounts, refusedWith, type Service } from '../../test/matrix/house-of-accounts.ts';
import { chunk, DONE, END, play, ROLE } from '../../test/matrix/scripted.ts';
import type { Scene } from '../sim/scene.ts';

const OPEN = { type: 'head', status: 200, headers: { 'content-type': 'text/event-stream' } } as const;
const WORDS = 'Once upon a time there was a small gateway by the sea. It kept its promises. ';
/** Speaks, and dies. */
const CUT: Scene = [OPEN, ROLE, chunk({ content: WORDS }), { type: 'reset' }];

function wholeAfter(ms: number): Scene {
  return [OPEN, ROLE, { type: 'wait', ms }, chunk({ content: `${WORDS}The end.` }), chunk({}, 'stop'), DONE, END];
}

const WAITS = { principal: 'local', priority: 'interactive' };

async function finish(house: ReturnType<typeof houseOfAccounts>, all: Asked[]): Promise<void> {
  for (let second = 0; second < 900 && !all.every((asked) => asked.outcome()); second++) await house.clock.advance(1000);
}

const outcomes = (all: Asked[]): unknown[] => all.map((asked) => asked.outcome()?.type);

describe('places, where answers go wrong', () => {
  it('lets a second try wait for its place, which another has taken meanwhile', async () => {
    const answer: Service['answer'] = (_key, turn) => (turn === 1 ? refusedWith(503, 'overloaded') : answered({}, 1000));
    const house = houseOfAccounts([{ name: 'p', concurrency: 1, answer }], { patience: '30s' });
    const all = [house.ask(), house.ask(), house.ask()];
    await finish(house, all);
    expect(outcomes(all)).toEqual(['complete', 'complete', 'complete']);
    expect(house.most('p')).toBe(1);
    expect(house.concurrency.status('p/m')).toBeUndefined();
  });

  it('asks somebody else, rather than wait for a second try', async () => {
    const answer: Service['answer'] = (_key, turn) => (turn === 1 ? [{ type: 'reset' }] : answered({}, 20_000));
    const house = houseOfAccounts(
      [
        { name: 'p', concurrency: 1, answer },
        { name: 'q', concurrency: 1, answer: (_key, turn) => answered({}, turn === 1 ? 1000 : 100) },
      ],
      { patience: '30s' },
    );
    const all = [house.ask(), house.ask(), house.ask()];
    await finish(house, all);
    expect(outcomes(all)).toEqual(['complete', 'complete', 'complete']);
  });

  it('lets answers that broke off wait for a place where they are carried on', async () => {
    const services = [
      { name: 'p', answer: () => CUT },
      { name: 'q', concurrency: 1, answer: () => wholeAfter(1000) },
    ];
    const house = houseOfAccounts(services, { patience: '30s' });
    const all = [house.ask(), house.ask(), house.ask(), house.ask()];
    await finish(house, all);
    expect(outcomes(all)).toEqual(['complete', 'complete', 'complete', 'complete']);
    expect(house.most('q')).toBe(1);
    expect(house.concurrency.status('q/m')).toBeUndefined();
  });

  it('lets go of the line when the client of a broken answer leaves, and ends when it has waited long enough', async () => {
    const services = [
      { name: 'p', answer: () => CUT },
      { name: 'q', concurrency: 1, answer: () => wholeAfter(20_000) },
    ];
    const house = houseOfAccounts(services, { line: '5s' });
    const all = [house.ask(), house.ask(), house.ask()];
    await house.clock.advance(1000);
    expect(house.concurrency.status('q/m')).toEqual({ now: 1, most: 1, waiting: 2, line: [WAITS, WAITS] });
    all.find((asked) => asked.kinds().every((kind) => !kind.includes(' q ')))!.leave();
    expect(house.concurrency.status('q/m')).toEqual({ now: 1, most: 1, waiting: 1, line: [WAITS] });
    await finish(house, all);
    expect(outcomes(all).toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual(['cancelled', 'complete', 'failed']);
    expect(house.concurrency.status('q/m')).toBeUndefined();
  });

  it('lets who waits at the head of the line stay there when another goes before it', async () => {
    // The first dies after its words and is carried on in its own place, which the second in line was about to take.
    const answer: Service['answer'] = (_key, turn) => (turn === 1 ? CUT : wholeAfter(1000));
    const house = houseOfAccounts([{ name: 'p', concurrency: 1, answer }], { patience: '60s' });
    const all = Array.from({ length: 5 }, () => house.ask());
    const order: number[] = [];
    for (let step = 0; step < 1000 && order.length < all.length; step++) {
      await house.clock.advance(10);
      all.forEach((asked, index) => void (asked.kinds().length > 0 && !order.includes(index) && order.push(index)));
    }
    expect(order).toEqual([0, 1, 2, 3, 4]);
    await finish(house, all);
    expect(outcomes(all)).toEqual(all.map(() => 'complete'));
  });
});

describe('hops', () => {
  it('are not used up by those who can not be told the request', async () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
    const blind = { dialect: 'openai-chat', images: false, answer: () => wholeAfter(0) } as const;
    const { outcome, kinds, asked } = await play({
      client: 'openai-chat',
      body: { messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }] },
      targets: [
        { name: 'lead', dialect: 'openai-chat', answer: () => CUT },
        { ...blind, name: 'one' },
        { ...blind, name: 'two' },
        { name: 'last', dialect: 'openai-chat', answer: () => wholeAfter(0) },
      ],
    });
    expect(outcome).toEqual({ type: 'complete', finish: 'stop' });
    expect(kinds).toEqual(['first lead', 'hop lead', 'hop last']);
    expect(asked).toHaveLength(3);
  });
});
