import type { ReadinessReport, TargetReport, Task } from './report.ts';

const DAY = 24 * 60 * 60_000;

function task(number: number, more: Partial<Task>): Task {
  return {
    exchange: `x_${number}`,
    title: `Prompt ${number} about "quotes" & <tags>`,
    kinds: ['words'],
    outage: 'overloaded',
    result: 'passed',
    comparisons: [{ what: 'answered', state: 'good', said: 'The answer arrived whole.' }],
    firstWords: 420,
    took: 3100,
    cost: 0.0021,
    ...more,
  };
}

/** A backup with a bit of everything. */
export const MIXED: TargetReport = {
  target: 'openai/gpt-5.6',
  dialect: 'openai-responses',
  place: 1,
  score: 71,
  losses: [
    { points: 21, why: 'Of 4 of your prompts: 1 refused, 1 that differ (half).' },
    { points: 6, why: '1 of 4 of your prompts is too long for it.' },
  ],
  findings: [
    { check: 'key', state: 'good', said: 'The key is accepted.' },
    {
      check: 'context',
      state: 'bad',
      fault: 'context-too-small',
      said: '1 of 4 of your prompts is too long for it.',
      advice: 'Put a backup with a larger window behind it, or keep such conversations shorter.',
    },
    { check: 'speed', state: 'look', said: 'First words after 3.2 s.' },
    { check: 'cost', state: 'unknown', said: 'Its price is not known.' },
  ],
  carriedOn: { state: 'good', said: 'An answer that was cut in its middle was carried on to its end.' },
  tasks: [
    task(1, {}),
    task(2, { kinds: ['long'], result: 'refused', why: 'the prompt is too long for it', outage: 'refused' }),
    task(3, { kinds: ['code'], result: 'differs', why: 'an answer 5 times shorter', outage: 'reset' }),
    task(4, { kinds: ['tools'], outage: 'error' }),
  ],
  speed: { firstWords: 3200, tokensASecond: 48 },
  usualTurn: 0.021,
};

/** A report with a bit of everything. */
export const REPORT: ReadinessReport = {
  version: 1,
  id: 'd_01kb0000000000000000000000',
  at: Date.UTC(2026, 10, 23, 7, 0),
  took: 48_000,
  wish: { on: 'my-routes', sample: 12, budget: 0.5, time: 300_000 },
  score: 66,
  sentence:
    'google/gemini-3.6-pro can not be asked (the key is refused (401)). Then openai/gpt-5.6 would refuse 1 of your 4 usual tasks, because the prompt is too long for it.',
  routes: [
    {
      route: 'default',
      model: 'claude-sonnet-5',
      dead: ['anthropic/claude-sonnet-5'],
      score: 66,
      sentence:
        'google/gemini-3.6-pro can not be asked (the key is refused (401)). Then openai/gpt-5.6 would refuse 1 of your 4 usual tasks, because the prompt is too long for it.',
      usual: { exchanges: 212, inputP50: 3100, inputP95: 140_000, outputP50: 420, withTools: 0.5, withJson: 0.1 },
      leadSpeed: { firstWords: 800, tokensASecond: 70 },
      leadTurn: 0.03,
      targets: [
        {
          target: 'google/gemini-3.6-pro',
          dialect: 'gemini',
          place: 1,
          score: 0,
          losses: [{ points: 100, why: 'The key is refused (401).' }],
          findings: [
            {
              check: 'key',
              state: 'bad',
              fault: 'key-refused',
              said: 'The key is refused (401).',
              advice: 'Make a new key for google.',
            },
          ],
          carriedOn: { state: 'unknown', said: 'Not tried: it can not be asked.' },
          tasks: [],
          speed: {},
        },
        { ...MIXED, place: 2 },
      ],
      leftOut: [{ target: 'xai/grok-5', reason: 'the route never sends to xai' }],
    },
  ],
  requests: 19,
  spent: 0.0123,
  ended: 'whole',
  unchecked: ['python: not looked at, nothing here reads it'],
  before: { at: Date.UTC(2026, 10, 23, 7, 0) - 12 * DAY, score: 86 },
};
