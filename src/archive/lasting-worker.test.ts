import { afterEach, expect, it } from 'vitest';
import type { Clock } from '../exchange/clock.ts';
import { systemClock } from '../exchange/clock.ts';
import { lastingWorker, REVIVE, type LastingWorker } from './lasting-worker.ts';

/** Echoes; dies of `die`; ends of `close`. */
const SOURCE = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (message) => {
      if (message === 'die') throw new Error('of this');
      if (message === 'close') return parentPort.close();
      parentPort.postMessage(workerData + message);
    });`)}`,
);

const open: LastingWorker<string>[] = [];
afterEach(() => Promise.all(open.splice(0).map((worker) => worker.close('close'))));

function started(): { worker: LastingWorker<string>; events: string[]; until(event: string): Promise<void>; wakes: (() => void)[] } {
  const events: string[] = [];
  const wakes: (() => void)[] = [];
  let changed = (): void => undefined;
  const happens = (event: string): void => {
    events.push(event);
    changed();
  };
  const clock: Clock = {
    ...systemClock,
    after(milliseconds, wake) {
      expect(milliseconds).toBe(REVIVE);
      wakes.push(wake);
      return () => happens('never again');
    },
  };
  const worker = lastingWorker<string, string>(
    {
      source: SOURCE,
      data: 'heard ',
      said: happens,
      gone: (reason, again) => happens(`gone ${reason} ${again}`),
      returns: () => happens('returns'),
    },
    clock,
  );
  worker.start();
  open.push(worker);
  const until = async (event: string): Promise<void> => {
    while (!events.includes(event)) await new Promise<void>((resolve) => (changed = resolve));
  };
  return { worker, events, until, wakes };
}

it('is started again when it has died, and says so', async () => {
  const { worker, events, until, wakes } = started();
  worker.post('one');
  await until('heard one');
  worker.post('die');
  await until('gone of this true');
  expect(worker.isThere()).toBe(false);
  worker.post('into nothing');
  wakes.shift()?.();
  expect(worker.isThere()).toBe(true);
  worker.post('two');
  await until('heard two');
  expect(events).toEqual(['heard one', 'gone of this true', 'returns', 'heard two']);
});

it('is not started again once it was told to end', async () => {
  const { worker, events, wakes } = started();
  await worker.close('close');
  expect([events, wakes]).toEqual([['gone its thread has ended false'], []]);
  await worker.close('close');
});

it('ends while it is not there', async () => {
  const { worker, events, until } = started();
  worker.post('die');
  await until('gone of this true');
  await worker.close('close');
  expect(events.at(-1)).toBe('never again');
});
