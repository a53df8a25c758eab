import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { climate, type Spell } from './climate.ts';
import type { MakeContender, Outcome } from './contender.ts';
import { noGateway } from './plain.ts';
import { createSky, type Sky } from './sky.ts';

export interface Asked extends Outcome {
  /** Milliseconds from the beginning. */
  at: number;
  model: string;
}

export interface Simulated {
  name: string;
  requests: Asked[];
  spells: Spell[];
  sky: Pick<Sky, 'arrived' | 'billed'>;
  /** What the same request takes on a calm day, in milliseconds. */
  calm: number;
}

export interface SimulateOptions {
  seed: number;
  /** Milliseconds of simulated time. */
  length: number;
  /** Requests a minute, on average. */
  rate: number;
}

const PROMPT = 'How is the weather at sea? [sim words=80]';

/** Lets a contender answer the same clients through the same weather. Hours pass in seconds. */
export async function simulate(make: MakeContender, { seed, length, rate }: SimulateOptions): Promise<Simulated> {
  const spells = climate(seed, length);
  const clock = virtualClock();
  const sky = createSky(clock, spells, seed);
  const contender = make(clock, sky);
  const random = seeded(seed + 1);
  const { text, took } = await calmDay();
  const requests: Asked[] = [];
  for (let at = 0; ;) {
    // Poisson arrivals.
    const gap = (-Math.log(1 - random()) * 60_000) / rate;
    const model = random() < 0.3 ? 'large' : 'small';
    at += gap;
    if (at >= length) break;
    await clock.advance(gap);
    void contender.ask(model, PROMPT, text).then((outcome) => requests.push({ ...outcome, at, model }));
  }
  await clock.advance(30 * 60_000);
  return { name: contender.name, requests, spells, sky, calm: took };
}

async function calmDay(): Promise<{ text: string; took: number }> {
  const clock = virtualClock();
  const sky = createSky(clock, [], 0);
  let text = '';
  const decoder = new TextDecoder();
  const call: Sky['call'] = (request, handler) =>
    sky.call(request, {
      ...handler,
      data(chunk) {
        text += decoder.decode(chunk, { stream: true });
        handler.data(chunk);
      },
    });
  const asked = noGateway(clock, { ...sky, call }).ask('small', PROMPT, '');
  await clock.advance(60_000);
  const { took } = await asked;
  return { text: words(text), took };
}

function words(stream: string): string {
  return [...stream.matchAll(/^data: (.*)$/gm)]
    .map(([, data]) => (JSON.parse(data!) as { delta?: { type?: string; text?: string } }).delta)
    .map((delta) => (delta?.type === 'text_delta' ? delta.text : ''))
    .join('');
}
