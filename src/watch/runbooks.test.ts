import { describe, expect, it } from 'vitest';
import { runbookLines } from './alerts/runbook-lines.ts';
import { fittingRunbooks, isEverythingDown, type RunbookHint, type Trouble, troublesOf } from './runbooks.ts';

function hint(name: string, when: Partial<RunbookHint> = {}): RunbookHint {
  return { name, title: `About ${name}`, products: [], verdicts: ['down', 'degraded'], scopes: [], ...when };
}

const HINTS = [
  hint('account', { scopes: ['account'] }),
  hint('after', { verdicts: ['over'] }),
  hint('all', { products: ['everything'], verdicts: ['down'] }),
  hint('any', { verdicts: [] }),
  hint('claude-api', { products: ['claude api'] }),
  hint('claude', { products: ['anthropic'] }),
  hint('gone', { products: ['no such product'] }),
  hint('openai', { products: ['openai'] }),
];

function names(troubles: Trouble[], everything = false): string[] {
  return fittingRunbooks(HINTS, troubles, everything).map(({ name }) => name);
}

describe('which runbook fits', () => {
  it.each<[string, Trouble, string[]]>([
    ['the product before its provider', { product: 'anthropic/api', verdict: 'down' }, ['claude-api', 'claude']],
    ['a provider, where only it is named', { product: 'anthropic/code', verdict: 'degraded' }, ['claude']],
    ['whose fault it is before what fails', { product: 'openai/api', verdict: 'down', scope: 'account' }, ['account', 'openai']],
    ['what is over', { product: 'openai/chat', verdict: 'over' }, ['after']],
    ['nothing for what nobody wrote of', { product: 'xai/api', verdict: 'down' }, []],
  ])('%s', (_what, trouble, wanted) => expect(names([trouble])).toEqual(wanted));

  it('everything, before anything else, and only then', () => {
    const both: Trouble[] = [
      { product: 'anthropic/api', verdict: 'down' },
      { product: 'openai/api', verdict: 'down' },
    ];
    expect(names(both, true)[0]).toBe('all');
    expect(names(both)).toEqual(['claude-api', 'claude']);
  });

  it('everything is down where two providers are, and nobody is known to be up', () => {
    const judged = (key: string, verdict: 'down' | 'operational' | 'unknown') => ({ key, verdict });
    expect(isEverythingDown([judged('anthropic/api', 'down'), judged('openai/api', 'down'), judged('xai/api', 'unknown')])).toBe(true);
    expect(isEverythingDown([judged('anthropic/api', 'down'), judged('anthropic/chat', 'down')])).toBe(false);
    expect(isEverythingDown([judged('anthropic/api', 'down'), judged('openai/api', 'operational')])).toBe(false);
    expect(isEverythingDown([])).toBe(false);
  });

  it('takes trouble from a board, of a model as of its product', () => {
    expect(
      troublesOf([
        { key: 'anthropic/api/claude-opus-5', verdict: 'degraded', scope: 'model' },
        { key: 'openai/api', verdict: 'operational' },
        { key: 'xai/api', verdict: 'unknown' },
      ]),
    ).toEqual([{ product: 'anthropic/api', verdict: 'degraded', scope: 'model' }]);
  });
});

describe('an alert', () => {
  const cause = { type: 'judged', key: 'anthropic/api', verdict: 'down', since: 1, summary: '' } as const;

  it('points at one runbook, and at the one for afterwards when it is over', () => {
    expect(runbookLines(HINTS, 'new', [cause], [])).toEqual(['What to do: understudy runbook show claude-api («About claude-api»)']);
    expect(runbookLines(HINTS, 'over', [cause], [])).toEqual(['What to do: understudy runbook show after («About after»)']);
  });

  it('has no such line where nothing fits, where it is past, and where nobody has runbooks', () => {
    expect(runbookLines(HINTS, 'new', [{ ...cause, key: 'xai/api' }], [])).toEqual([]);
    expect(runbookLines(HINTS, 'past', [cause], [])).toEqual([]);
    expect(runbookLines(undefined, 'new', [cause], [])).toEqual([]);
  });

  it('says a title in one line, whatever is in it', () => {
    const [line] = runbookLines([hint('x', { products: ['anthropic'], title: 'Two\nlines\u202e' })], 'new', [cause], []);
    expect(line).toBe('What to do: understudy runbook show x («Two lines»)');
  });
});
