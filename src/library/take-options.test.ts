import { expect, it } from 'vitest';
import { createFailover, type FailoverModel } from './create-failover.ts';
import { takeOptions } from './take-options.ts';

function said(options: unknown): string {
  const taken = takeOptions(options);
  return taken.ok ? '' : taken.error;
}

it('names everything that is wrong at once, and what may stand there', () => {
  const text = said({ models: [], deadlines: { total: 'soon', connect: '5s' }, failover: { hedge: 'maybe', maxHops: 99 }, retries: 3 });
  expect(text).toContain('deadlines.total is "soon"; give a duration such as 250ms, 5s, 2m or 1h');
  expect(text).toContain('failover.hedge is "maybe"; give "off" or "on" or "auto" or true or false');
  expect(text).toContain('failover.maxHops is 99; give at most 8');
  expect(text).toContain('there is no option retries; there are models, modelId, deadlines');
  expect(text).not.toContain('connect');
});

it.each([
  [{}, 'models is missing; give a list of models of the AI SDK'],
  [undefined, 'they are no object; give an object'],
  [{ models: [], deadlines: { totl: 5 } }, 'there is no option deadlines.totl; there are connect, patience'],
  [{ models: [], spend: '20' }, 'spend is "20"; give an amount of dollars per time, such as 20/day'],
  [{ models: [], spend: 20 }, 'spend is 20; give a text'],
  [{ models: [], journal: true }, 'journal is true; give a text'],
  [{ models: [], onSwitch: 'log' }, 'onSwitch is "log"; give a function'],
  [{ models: [], health: {} }, 'health is an object; give what createFailoverHealth() gives'],
])('says of %j what is wrong', (options, text) => expect(said(options)).toContain(text));

it('is what createFailover throws, as a TypeError of words', () => {
  const wrong = (): FailoverModel => createFailover({ models: [], failover: { hedge: 'maybe' as 'on' } });
  expect(wrong).toThrow(TypeError);
  expect(wrong).toThrow(/^createFailover cannot take these options: failover\.hedge/);
});
