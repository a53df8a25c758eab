import { expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { JOB } from '../../queue/job.fixtures.ts';
import type { QueueNews } from '../../queue/queue.ts';
import type { Happening } from '../../telemetry/signal.ts';
import { tellUser } from './tell-user.ts';

it('tells of all at once, when it has been quiet for a moment, and of nobody who holds on or is of a file', async () => {
  const clock = virtualClock();
  const said: Happening[] = [];
  const teller = tellUser({ publish: (happening) => said.push(happening) }, clock);
  const hear = (change: QueueNews['change'], more: Partial<typeof JOB> = {}): void => teller.hear({ job: { ...JOB, ...more }, change });
  hear('kept');
  hear('answered', { priority: 'interactive' });
  hear('answered', { batch: 'b' });
  await clock.advance(60_000);
  expect(said).toEqual([]);
  for (let each = 0; each < 3; each++) {
    hear('answered');
    await clock.advance(10_000);
  }
  hear('expired');
  expect(said).toEqual([]);
  await clock.advance(20_000);
  expect(said).toMatchObject([
    { type: 'alert', title: '3 requests that waited have their answers', text: expect.stringContaining('1 could not be answered') },
  ]);
  hear('failed');
  await clock.advance(20_000);
  expect(said[1]).toMatchObject({ title: '1 request that waited could not be answered' });
});

it('does not wait for a quiet moment for ever', async () => {
  const clock = virtualClock();
  const said: Happening[] = [];
  const teller = tellUser({ publish: (happening) => said.push(happening) }, clock);
  for (let each = 0; each < 60; each++) {
    teller.hear({ job: JOB, change: 'answered' });
    await clock.advance(10_000);
  }
  expect(said.length).toBeGreaterThan(0);
  teller.close();
});
