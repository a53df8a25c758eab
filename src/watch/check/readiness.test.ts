import { describe, expect, it } from 'vitest';
import type { Incident } from '../incident.ts';
import type { ProductKey } from '../product.ts';
import type { Board } from '../questions.ts';
import { readiness, type Readiness, type ReadinessInput, type TargetStanding } from './readiness.ts';

const NOW = Date.UTC(2026, 5, 2, 6, 20);
const HOUR = 3_600_000;

const well = (target: string): TargetStanding => ({ target, verdict: 'operational', reasons: [] });

function judged(key: string, verdict: Board['judgements'][number]['verdict']): Board['judgements'][number] {
  return { key, title: key, verdict, since: NOW - 1000, score: 0, evidence: [], summary: `${key} is ${verdict}` };
}

function planned(product: string, startedAt: number, models: string[] = []): Incident {
  return {
    id: 'i1',
    kind: 'maintenance',
    title: 'Database upgrade',
    products: [product],
    models,
    severity: 'unknown',
    phase: 'scheduled',
    startedAt,
    firstSeenAt: NOW,
    endedAt: startedAt + HOUR,
    updates: [],
    sources: [],
  };
}

const PRESETS: Record<string, ProductKey> = {
  anthropic: { provider: 'anthropic', product: 'api' },
  openai: { provider: 'openai', product: 'api' },
};

function ask(given: Partial<ReadinessInput> & { judgements?: Board['judgements']; incidents?: Incident[] }): Readiness {
  const { judgements = [], incidents = [], ...rest } = given;
  return readiness({
    now: NOW,
    until: NOW + 2 * HOUR,
    board: { at: NOW, judgements, incidents, pages: [] },
    products: [],
    routes: [{ pattern: 'default', targets: ['anthropic/*', 'openai/gpt-5.6'] }],
    targets: [],
    productOf(target) {
      const [provider = '', model = ''] = target.split('/');
      const key = PRESETS[provider];
      return key && { ...key, ...(model !== '*' && { model }) };
    },
    ...rest,
  });
}

describe('can I start critical work now?', () => {
  it('yes, where the lead of each route works', () => {
    const found = ask({ judgements: [judged('anthropic/api', 'operational'), judged('openai/api', 'operational')] });
    expect(found.answer).toBe('yes');
    expect(found.products.map(({ key }) => key)).toEqual(['anthropic/api']);
    expect(found.routes[0]!.targets.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('with a backup, where the lead is down and somebody else is ready', () => {
    const found = ask({ judgements: [judged('anthropic/api', 'down')], targets: [well('openai/gpt-5.6')] });
    expect(found.answer).toBe('with-backup');
    expect(found.summary).toContain('openai/gpt-5.6 would carry on');
  });

  it('no, where the backup is down too, has no quota, or is of the same product', () => {
    const down = judged('anthropic/api', 'down');
    expect(ask({ judgements: [down, judged('openai/api', 'down')] }).answer).toBe('no');
    const quota = { ...well('openai/gpt-5.6'), mark: { reason: 'quota is used up', until: NOW + HOUR } };
    expect(ask({ judgements: [down], targets: [quota] }).answer).toBe('no');
    const capped = { ...well('openai/gpt-5.6'), passedOver: [{ reason: 'the cap of 5/day is reached' }] };
    expect(ask({ judgements: [down], targets: [capped] }).answer).toBe('no');
    expect(ask({ judgements: [down], routes: [{ pattern: 'default', targets: ['anthropic/*', 'anthropic/claude-haiku-5'] }] }).answer).toBe(
      'no',
    );
  });

  it('each route has to be carried', () => {
    const routes = [
      { pattern: 'default', targets: ['anthropic/*', 'openai/gpt-5.6'] },
      { pattern: 'client-*', targets: ['anthropic/*'] },
    ];
    expect(ask({ routes, judgements: [judged('anthropic/api', 'down')], targets: [well('openai/gpt-5.6')] }).answer).toBe('no');
  });

  it('counts planned work in the time asked about, and none after it', () => {
    const judgements = [judged('anthropic/api', 'operational')];
    const soon = ask({ judgements, incidents: [planned('anthropic/api', NOW + HOUR)], targets: [well('openai/gpt-5.6')] });
    expect(soon.answer).toBe('with-backup');
    expect(soon.products[0]!.planned).toHaveLength(1);
    expect(ask({ judgements, incidents: [planned('anthropic/api', NOW + 3 * HOUR)] }).answer).toBe('yes');
    const over = { ...planned('anthropic/api', NOW - 2 * HOUR), phase: 'resolved' as const };
    expect(ask({ judgements, incidents: [over] }).answer).toBe('yes');
  });

  it('believes whoever runs this server, whatever the board says', () => {
    const judgements = [judged('anthropic/api', 'operational')];
    const written: Incident = { ...planned('anthropic/api', NOW - HOUR), kind: 'incident', severity: 'major', sources: [{ type: 'hand' }] };
    const found = ask({ judgements, incidents: [written] });
    expect(found).toMatchObject({ answer: 'no', summary: expect.stringContaining('has an open incident (Database upgrade)') as string });
    expect(ask({ judgements, incidents: [written], targets: [well('openai/gpt-5.6')] }).answer).toBe('with-backup');
    expect(ask({ judgements, incidents: [{ ...written, severity: 'minor' }] }).answer).toBe('yes');
    expect(ask({ judgements, incidents: [{ ...written, sources: [{ type: 'page', page: 'p', id: '1' }] }] }).answer).toBe('yes');
  });

  it('asks of one model only what concerns it', () => {
    const products = [{ provider: 'anthropic', product: 'api', model: 'claude-opus-4-6' }];
    const judgements = [judged('anthropic/api', 'degraded'), judged('anthropic/api/claude-opus-4-6', 'operational')];
    expect(ask({ products, judgements }).answer).toBe('yes');
    const other = planned('anthropic/api', NOW, ['claude-haiku-5']);
    expect(ask({ products, judgements, incidents: [other] }).products[0]!.planned).toEqual([]);
  });

  it('says that it does not know, where nothing fresh is known', () => {
    const found = ask({});
    expect(found.answer).toBe('unknown');
    expect(found.routes[0]!.targets.map(({ state }) => state)).toEqual(['doubtful', 'doubtful']);
    expect(ask({ targets: [well('openai/gpt-5.6')] }).answer).toBe('with-backup');
  });

  it('takes what is known of any of its models for a target with every model', () => {
    const one: TargetStanding = { target: 'anthropic/claude-opus-5-5', verdict: 'down', reasons: ['3 of the last 3 requests failed'] };
    expect(ask({ targets: [one] }).routes[0]!.targets[0]).toEqual({
      target: 'anthropic/*',
      state: 'out',
      why: '3 of the last 3 requests failed',
    });
  });
});
