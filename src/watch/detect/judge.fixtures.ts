import type { PageState, StatusPage } from '../page.ts';
import type { PageIncident, PageReading } from '../page-reading.ts';
import type { ProductKey } from '../product.ts';
import type { Verdict } from '../verdict.ts';
import { createJudge, type Judge, type JudgeParts } from './judge.ts';
import type { AttemptOutcome } from './own-record.ts';

export const MINUTE = 60_000;
export const API = 'anthropic/api';
export const OPUS: ProductKey = { provider: 'anthropic', product: 'api', model: 'claude-opus-4-6' };
export const HAIKU: ProductKey = { ...OPUS, model: 'claude-haiku-5' };
export const PAGE: StatusPage = {
  id: 'anthropic',
  family: 'statuspage',
  url: 'https://status.example',
  covers: [
    { provider: 'anthropic', product: 'api', components: ['k8'] },
    { provider: 'anthropic', product: 'chat', components: ['rw'] },
  ],
  source: 'made up',
};
export const FAILED: AttemptOutcome = { type: 'provider', label: '529 overloaded_error' };
export const OK: AttemptOutcome = { type: 'ok' };
export const ILL = [{ id: 'k8', name: 'Claude API', state: 'partial-outage' as const }];

type Before = JudgeParts['before'];

/** A judge of two products and a page, on 2 June 2026, on a clock that is turned by hand. */
export function judgeBench() {
  let at = Date.UTC(2026, 5, 2, 6, 0);
  let judge = made([]);

  function made(before: Before): Judge {
    const judge = createJudge({
      now: () => at,
      title: ({ provider, product, model }) => model ?? `${provider} ${product}`,
      before,
    });
    judge.watch([API, 'anthropic/chat'], [PAGE]);
    return judge;
  }

  function later(minutes: number): void {
    at += minutes * MINUTE;
  }

  function ask(outcome: AttemptOutcome, times = 1, key = OPUS): void {
    for (let time = 0; time < times; time++) judge.attempt(key, `${key.provider}/${key.model}`, outcome);
  }

  function incident(more: Partial<PageIncident> = {}): PageIncident {
    return {
      id: 'i',
      kind: 'incident',
      title: 'Elevated errors',
      impact: 'major',
      phase: 'investigating',
      startedAt: at,
      updates: [],
      components: [{ id: 'k8', name: 'Claude API' }],
      ...more,
    };
  }

  function page(reading: Partial<PageReading> = {}, state: PageState['state'] = 'fresh'): void {
    const components = [
      { id: 'k8', name: 'Claude API', state: 'operational' as const },
      { id: 'rw', name: 'claude.ai', state: 'operational' as const },
    ];
    judge.page({ page: 'anthropic', state, readAt: at, reading: { components, incidents: [], listsAllOpen: true, ...reading } });
  }

  function verdict(key = API): Verdict | undefined {
    judge.look();
    return judge.judgements().find((one) => one.key === key)?.verdict;
  }

  function judgement(key = API): ReturnType<Judge['judgements']>[number] {
    judge.look();
    return judge.judgements().find((one) => one.key === key)!;
  }

  return {
    /** As after a start. */
    begin(before: Before = []): void {
      judge = made(before);
    },
    six: () => void (at = Date.UTC(2026, 5, 2, 6, 0)),
    now: () => at,
    judge: () => judge,
    later,
    ask,
    incident,
    page,
    verdict,
    judgement,
  };
}
