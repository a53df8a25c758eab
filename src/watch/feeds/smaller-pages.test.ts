import { describe, expect, it } from 'vitest';
import { betterStack } from './better-stack.ts';
import { checkly } from './checkly.ts';
import { flashduty } from './flashduty.ts';
import { instatus } from './instatus.ts';
import { onlineornot } from './onlineornot.ts';
import { openrouterUptime } from './openrouter-uptime.ts';
import { pageNamed, payload } from './testing/payload.ts';
import {
  BETTER_STACK_INDEX,
  CHECKLY_SERVICES,
  CHECKLY_SUMMARY,
  FLASHDUTY_ACTIVE,
  INSTATUS_COMPONENTS,
  INSTATUS_SUMMARY,
  ONLINEORNOT_SUMMARY,
  OPENROUTER_ENDPOINTS,
} from './testing/smaller-pages.ts';

const NOW = Date.parse('2026-09-25T00:00:00Z');

describe('Checkly', () => {
  const page = pageNamed('mistral');

  it('what is open, with the services that it affects', () => {
    expect(checkly.read(payload(CHECKLY_SUMMARY), page, NOW)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: true,
        incidents: [
          {
            phase: 'identified',
            impact: 'major',
            startedAt: Date.parse('2026-09-04T04:04:04Z'),
            components: [{ id: 'c4869a5a', name: 'Chat Completions API' }],
          },
        ],
      },
    });
  });

  it('how its services are, by group', () => {
    expect(checkly.read(payload(CHECKLY_SERVICES), page, NOW)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: false,
        components: [{ group: 'API', state: 'partial-outage' }, { state: 'operational' }, { group: 'Services', state: 'operational' }],
      },
    });
  });

  it('a page that has issues but lists none has not told all', () => {
    const silent = { ...CHECKLY_SUMMARY, activeIncidents: [] };
    expect(checkly.read(payload(silent), page, NOW)).toMatchObject({ ok: true, value: { listsAllOpen: false } });
    const quiet = { ...silent, page: { ...silent.page, status: 'OPERATIONAL' } };
    expect(checkly.read(payload(quiet), page, NOW)).toMatchObject({ ok: true, value: { listsAllOpen: true, incidents: [] } });
  });

  it('what its own program asks stands in for the summary', () => {
    const unresolved = {
      incidents: [
        { id: 'i', name: 'Errors', severity: 'CRITICAL', created_at: '2026-09-24T10:00:00Z', services: [{ id: 's', name: 'API' }] },
      ],
    };
    expect(checkly.requests(page)[0]!.mirrors.at(-1)).toBe(
      'https://mistral-ai.checkly-status-page.com/api/status-page/mistral-ai/unresolved-incidents',
    );
    expect(checkly.read(payload(unresolved), page, NOW)).toMatchObject({
      ok: true,
      value: { incidents: [{ impact: 'critical', phase: 'unknown' }] },
    });
    expect(checkly.read(payload({ incidents: [] }), page, NOW)).toMatchObject({ ok: true, value: { listsAllOpen: false } });
  });
});

describe('Instatus', () => {
  const page = pageNamed('perplexity');

  it('what is open and what is planned, and its window in minutes', () => {
    const start = Date.parse('2026-08-17T02:00:00Z');
    expect(instatus.read(payload(INSTATUS_SUMMARY), page, start - 1)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: true,
        incidents: [
          { kind: 'incident', phase: 'identified', impact: 'major' },
          { kind: 'maintenance', phase: 'scheduled', startedAt: start, endedAt: start + 3_600_000 },
        ],
      },
    });
  });

  it('an open incident counts though the page says UP', () => {
    const up = { ...INSTATUS_SUMMARY, page: { ...INSTATUS_SUMMARY.page, status: 'UP' } };
    expect(instatus.read(payload(up), page, NOW)).toMatchObject({ ok: true, value: { incidents: [{ phase: 'identified' }, {}] } });
  });

  it('how its components are', () => {
    expect(instatus.read(payload(INSTATUS_COMPONENTS), page, NOW)).toMatchObject({
      ok: true,
      value: {
        components: [
          { name: 'Website', state: 'operational' },
          { name: 'API', group: 'Platform', state: 'partial-outage' },
        ],
      },
    });
  });

  it('is not taken for Checkly, nor Checkly for it', () => {
    expect(instatus.read(payload(CHECKLY_SUMMARY), page, NOW).ok).toBe(false);
    expect(checkly.read(payload(INSTATUS_SUMMARY), page, NOW).ok).toBe(false);
  });
});

describe('Better Stack', () => {
  const page = pageNamed('together');
  const withReport = (changes: Record<string, unknown>): unknown => ({
    ...BETTER_STACK_INDEX,
    included: BETTER_STACK_INDEX.included.map((item) =>
      item.type === 'status_report' ? { ...item, attributes: { ...item.attributes, ...changes } } : item,
    ),
  });

  it('resources by section, reports with their posts', () => {
    expect(betterStack.read(payload(BETTER_STACK_INDEX), page, NOW)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: true,
        components: [
          { name: 'Serverless API', group: 'Inference', state: 'degraded' },
          { name: 'Fine-tuning', state: 'operational' },
        ],
        incidents: [
          {
            id: '77',
            title: 'Slow answers',
            impact: 'minor',
            phase: 'unknown',
            updates: [{ text: 'Being looked at.' }],
            components: [{ name: 'Serverless API' }],
          },
        ],
      },
    });
  });

  it('a report is over once its end has passed; planned work goes by its window', () => {
    const end = '2026-09-24T00:00:00.000Z';
    expect(betterStack.read(payload(withReport({ ends_at: end })), page, NOW)).toMatchObject({
      value: { incidents: [{ phase: 'resolved', endedAt: Date.parse(end) }] },
    });
    const work = withReport({ report_type: 'maintenance', starts_at: '2026-09-24T23:00:00Z', ends_at: '2026-09-25T01:00:00Z' });
    expect(betterStack.read(payload(work), page, NOW)).toMatchObject({
      value: { incidents: [{ kind: 'maintenance', phase: 'in-progress' }] },
    });
  });

  it('a report that is announced but left out: not all is told', () => {
    const without = { ...BETTER_STACK_INDEX, included: BETTER_STACK_INDEX.included.filter(({ type }) => type !== 'status_report') };
    expect(betterStack.read(payload(without), page, NOW)).toMatchObject({ ok: true, value: { listsAllOpen: false } });
  });
});

describe('Flashduty', () => {
  const page = pageNamed('deepseek');

  it('components are as the worst that is open says; the rest are well', () => {
    expect(flashduty.read(payload(FLASHDUTY_ACTIVE), page, NOW)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: true,
        components: [
          { id: 'c1', state: 'degraded' },
          { id: 'c3', group: '对话服务(Chat Service)', state: 'operational' },
        ],
        incidents: [
          {
            id: '6985724403287',
            phase: 'monitoring',
            impact: 'minor',
            startedAt: 1_785_490_000_000,
            updates: [{ phase: 'monitoring', text: 'A fix is out.' }],
          },
        ],
      },
    });
  });

  it('a state that is not known is unknown, and the past has its ends', () => {
    const strange = structuredClone(FLASHDUTY_ACTIVE);
    strange.data.active_changes[0]!.affected_components[0]!.status = 'weird';
    expect(flashduty.read(payload(strange), page, NOW)).toMatchObject({ value: { components: [{ state: 'unknown' }, {}] } });
    const past = { data: { items: [{ ...FLASHDUTY_ACTIVE.data.active_changes[0], status: 'resolved', close_at_seconds: 1_785_493_600 }] } };
    expect(flashduty.read(payload(past), page, NOW)).toMatchObject({
      value: { listsAllOpen: false, incidents: [{ phase: 'resolved', endedAt: 1_785_493_600_000 }] },
    });
  });
});

describe('OnlineOrNot', () => {
  const page = pageNamed('openrouter');

  it('components and what is open; how far it is, it does not say', () => {
    expect(onlineornot.read(payload(ONLINEORNOT_SUMMARY), page, NOW)).toMatchObject({
      ok: true,
      value: {
        listsAllOpen: true,
        components: [{ state: 'partial-outage' }, { state: 'operational' }],
        incidents: [{ title: 'Many 429s', phase: 'unknown', impact: 'major' }],
      },
    });
  });

  it('without success it is a problem', () => {
    expect(onlineornot.read(payload({ success: false, result: null, errors: [{ code: 10_001 }] }), page, NOW)).toMatchObject({ ok: false });
  });
});

it('OpenRouter: shares by host; too few requests are no share', () => {
  expect(openrouterUptime.read(payload(OPENROUTER_ENDPOINTS), pageNamed('openrouter-uptime'), NOW)).toEqual({
    ok: true,
    value: {
      components: [],
      incidents: [],
      listsAllOpen: false,
      uptimes: [
        { host: 'Anthropic', model: 'anthropic/claude-opus-5.5', last5Minutes: 71.2, last30Minutes: 93.5, lastDay: 99.8 },
        { host: 'Amazon Bedrock', model: 'anthropic/claude-opus-5.5', last30Minutes: 100, lastDay: 99.9 },
      ],
    },
  });
});
