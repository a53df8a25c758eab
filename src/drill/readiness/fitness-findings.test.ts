import { describe, expect, it } from 'vitest';
import { ok } from '../../exchange/result.ts';
import type { Heard } from './ask.ts';
import { type Fitness, fitnessFindings, TOO_LONG } from './fitness-findings.ts';
import { LIMITS } from './limits.ts';
import type { Finding, Task } from './report.ts';

function heard(more: Partial<Heard> = {}): Heard {
  return {
    outcome: 'whole',
    answer: { parts: [], seams: [], status: 'complete', endedAt: 0 },
    attempts: [],
    passedOver: [],
    pieces: 20,
    seams: 0,
    ...more,
  };
}

const PRICE = { input: 2, output: 10 };

/** A backup that is fit for everything, and what is otherwise. */
function fitness(more: Partial<Fitness> = {}): Fitness {
  return {
    model: 'm',
    facts: {
      vendor: 'v',
      model: 'm',
      prefill: false,
      reasoning: 'none',
      maxTokensField: 'max_tokens',
      systemRole: 'system',
      fixedSampling: false,
      contextWindow: 200_000,
      price: PRICE,
    },
    probed: {
      accounts: [{ account: 'v/m', list: undefined, words: heard() }],
      tools: { heard: heard(), unforced: false, called: true },
    },
    usual: { exchanges: 40, inputP50: 3000, inputP95: 60_000, outputP50: 400, withTools: 0.5, withJson: 0 },
    tasks: [],
    speed: { firstWords: 900, tokensASecond: 60 },
    leadSpeed: { firstWords: 700 },
    leadPrice: PRICE,
    caps: { hopSpend: 2, backupSpend: '5/day' },
    limits: LIMITS,
    ...more,
  };
}

function finding(check: Finding['check'], more: Partial<Fitness>): Finding {
  return fitnessFindings(fitness(more)).find((each) => each.check === check)!;
}

const REFUSED: Task = { exchange: 'x', kinds: ['long'], outage: 'reset', result: 'refused', why: TOO_LONG, comparisons: [] };

it('finds nothing in a backup that is fit', () => {
  expect(fitnessFindings(fitness()).map(({ state }) => state)).toEqual(['good', 'good', 'good', 'good', 'good']);
});

describe('context', () => {
  it('is too small by the tables, by its own list, or by what was refused', () => {
    const small = { ...fitness().facts, contextWindow: 32_000 };
    expect(finding('context', { facts: small })).toMatchObject({ state: 'bad', fault: 'context-too-small' });
    const listed = new Map([['m', { window: 8192 }]]);
    const accounts = [{ account: 'v/m', list: ok({ status: 200, listed, page: false, more: false }), words: heard() }];
    expect(finding('context', { probed: { ...fitness().probed, accounts } })).toMatchObject({ state: 'bad', fault: 'context-too-small' });
    expect(finding('context', { tasks: [REFUSED] })).toMatchObject({ state: 'bad', fault: 'context-too-small' });
  });

  it('is not judged where nothing is known of it, or of the user', () => {
    const { contextWindow: _window, ...facts } = fitness().facts;
    expect(finding('context', { facts }).state).toBe('unknown');
    expect(finding('context', { usual: { exchanges: 0, withTools: 0, withJson: 0 } }).state).toBe('unknown');
  });
});

describe('tools', () => {
  const none = { tools: { heard: heard(), unforced: false, called: false, instead: 'words' } };

  it('are missed by those who use them, and are worth a look to the others', () => {
    const probed = { ...fitness().probed, ...none };
    expect(finding('tools', { probed })).toMatchObject({ state: 'bad', fault: 'no-tools' });
    expect(finding('tools', { probed, usual: { ...fitness().usual, withTools: 0 } })).toMatchObject({ state: 'look', fault: 'no-tools' });
  });

  it('are not judged by a model that thought until its tokens were used up', () => {
    const cut = heard({ answer: { parts: [], seams: [], status: 'complete', endedAt: 0, finish: 'length' } });
    const probed = { ...fitness().probed, tools: { heard: cut, unforced: false, called: false } };
    expect(finding('tools', { probed }).state).toBe('unknown');
  });

  it('are not judged by a service that failed just then', () => {
    const fault = { class: 'provider-fault' as const, symptom: 'status' as const, status: 529, message: 'Overloaded' };
    const probed = { ...fitness().probed, tools: { heard: heard({ outcome: 'failed', fault }), unforced: false, called: false } };
    expect(finding('tools', { probed })).toMatchObject({ state: 'unknown' });
  });
});

describe('speed', () => {
  it.each([
    ['twice the lead and under two seconds', { firstWords: 1900 }, 'good'],
    ['thrice the lead, but within what is always borne', { firstWords: 1999 }, 'good'],
    ['thrice the lead and more', { firstWords: 2200 }, 'bad'],
    ['slower than people read', { firstWords: 500, tokensASecond: 6 }, 'bad'],
    ['a tenth of the lead, and not quick', { firstWords: 500, tokensASecond: 12 }, 'bad'],
    ['a tenth of the lead, and quick enough for anybody', { firstWords: 500, tokensASecond: 25 }, 'good'],
    ['not measured', {}, 'unknown'],
  ])('%s', (_name, speed, state) => {
    expect(finding('speed', { speed, leadSpeed: { firstWords: 700, tokensASecond: 120 } })).toMatchObject({ state });
  });

  it('has a limit of its own where nothing is known of the lead', () => {
    expect(finding('speed', { speed: { firstWords: 14_000 }, leadSpeed: {} }).state).toBe('good');
    expect(finding('speed', { speed: { firstWords: 16_000 }, leadSpeed: {} })).toMatchObject({ state: 'bad', fault: 'slow' });
  });
});

describe('cost', () => {
  const dear = (input: number): Partial<Fitness> => ({
    facts: { ...fitness().facts, price: { input, output: input } },
    leadPrice: undefined,
  });

  it.each([
    ['a turn that no switch may cost', dear(1000), 'bad', 'too-dear'],
    ['one of twenty that no switch may cost', dear(40), 'look', 'too-dear'],
    ['backups that may cost nothing', { caps: { hopSpend: 2, backupSpend: '0/day' } }, 'bad', 'too-dear'],
    ['a cap for a few turns', { caps: { hopSpend: 2, backupSpend: '0.05/hour' } }, 'look', undefined],
    ['many times the lead', { leadPrice: { input: 0.2, output: 1 } }, 'look', undefined],
  ])('%s', (_name, more, state, fault) => {
    const found = finding('cost', more);
    expect([found.state, found.fault]).toEqual([state, fault]);
  });
});

it('a stream of one piece is worth a look', () => {
  const accounts = [{ account: 'v/m', list: undefined, words: heard({ pieces: 1 }) }];
  expect(finding('streaming', { probed: { ...fitness().probed, accounts } })).toMatchObject({ state: 'look', fault: 'no-streaming' });
});
