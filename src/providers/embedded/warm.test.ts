import { expect, test } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { Engine, EngineListener, EngineStatus } from './engine-process.ts';
import type { EngineJob } from './messages.ts';
import { createEngineWarmUp } from './warm.ts';

const SETUP = { folder: '/engine', file: '/m.gguf', context: 512 };

test('a model is loaded by one token of nobody’s question: once in five minutes, and not where the engine is at work anyway', async () => {
  const clock = virtualClock();
  let status: EngineStatus = { asked: false, waiting: 0 };
  const asked: { job: EngineJob; listener: EngineListener }[] = [];
  const engine = {
    ask: (_setup: unknown, job: EngineJob, listener: EngineListener) => {
      asked.push({ job, listener });
      return () => undefined;
    },
    status: () => status,
  } as unknown as Engine;
  const warm = createEngineWarmUp(engine, clock);
  const first = warm('embedded/m', SETUP);
  await clock.advance(1500);
  expect(asked[0]!.job).toMatchObject({ maxTokens: 1, turns: [{ type: 'user', text: 'Hi' }] });
  asked[0]!.listener.told({ type: 'reading', id: 1, tokens: 3 });
  asked[0]!.listener.told({ type: 'done', id: 1, reason: 'length', usage: { input: 3, cached: 0, output: 1 } });
  expect(await first).toEqual({ type: 'done', target: 'embedded/m', took: 1500 });
  expect(await warm('embedded/m', SETUP)).toEqual({ type: 'too-soon' });
  await clock.advance(5 * 60_000);
  status = { file: '/m.gguf', asked: false, waiting: 0 };
  expect(await warm('embedded/m', SETUP)).toEqual({ type: 'not-needed' });
  status = { asked: false, waiting: 0 };
  const second = warm('embedded/m', SETUP);
  asked[1]!.listener.failed({ type: 'unable', message: 'too little memory' });
  expect(await second).toEqual({ type: 'failed', target: 'embedded/m', why: 'too little memory' });
});
