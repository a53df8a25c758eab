import type { Job } from './job.ts';

/** One that waits. */
export const JOB: Job = {
  exchange: 'x_01m83kqzeng58y9qt9h9hyh69y',
  state: 'waiting',
  priority: 'normal',
  keptAt: 1_780_380_300_000,
  deadline: 1_780_466_700_000,
  notBefore: 0,
  attempts: 2,
  route: 'default',
  model: 'claude-opus-4-6',
  principal: 'local',
  reason: 'anthropic/claude-opus-4-6 could not answer: overloaded',
};
