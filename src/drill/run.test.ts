import { describe, expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { ok } from '../exchange/result.ts';
import type { DrillNews, DrillReport } from './run.ts';
import { runDrill } from './run.ts';
import { VERDICTS } from './judge.ts';
import { loadScript, ownScripts } from './scripts.ts';
import type { Script } from './script.ts';
import { readScript } from './script.ts';
import { raiseStage } from './stage.ts';
import type { ClientDialect } from './wire-reader.ts';

const SCRIPT = `name: A test
from: 2026-06-02T06:00:00Z
until: 2026-06-02T06:10:00Z
lasts: 2s
perSecond: 12
patience: 3s
retries: 0
assistants:
  claude: { dialect: DIALECT, firstWord: 10ms, pace: 1ms }
routes:
  default: [claude/*]
traffic:
  - { dialect: DIALECT, model: opus, straight: claude/opus, words: 25 }
  - { dialect: DIALECT, model: sonnet, straight: claude/sonnet, words: 25, tools: true }
events:
  - { at: "06:02", until: "06:09", who: claude/opus, fault: FAULT, position: text-middle }
headlines:
  - { at: "06:01", say: It begins. }
`;

function script(fault: string, dialect: ClientDialect): Script {
  const read = readScript(SCRIPT.replace('FAULT', fault).replaceAll('DIALECT', dialect), [fault]);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** The rehearsed side has nothing in between, so both sides have to fare alike. */
async function run(
  fault: string,
  watch: (news: DrillNews) => void = () => {},
  dialect: ClientDialect = 'anthropic-messages',
): Promise<DrillReport> {
  const report = await runDrill(
    script(fault, dialect),
    {
      clock: systemClock,
      raise: (cast, seed, fixedPorts) => raiseStage(cast, seed, fixedPorts, systemClock),
      understudy: async (stage) => ok({ origin: stage.origins['claude']!, close: async () => {} }),
    },
    { seed: 7, fixedPorts: false, watch, signal: new AbortController().signal },
  );
  if (!report.ok) throw new Error(report.error);
  return report.value;
}

describe('a drill without an Understudy in between', () => {
  it.each([
    ['anthropic-messages', '529', 'failed'],
    ['openai-chat', 'hang', 'hung'],
    ['openai-responses', 'reset-edge', 'truncated'],
    ['gemini', 'clean-end', 'truncated'],
    ['openai-chat', 'reset-before-headers', 'broken'],
    ['anthropic-messages', '200-html', 'broken'],
    ['gemini', 'duplicate-event', 'wrong'],
    ['openai-responses', 'error-event', 'failed'],
    ['openai-responses', 'error-event-bare', 'failed'],
  ] as const)('cannot look good: in %s %s shows as %s', async (dialect, fault, verdict) => {
    const { straight, understudy, upstreamRequests } = await run(fault, undefined, dialect);
    for (const score of [straight, understudy]) {
      expect(score.asked).toBeGreaterThan(5);
      expect(score[verdict]).toBeGreaterThan(0);
      expect(score.whole).toBeGreaterThan(0);
      expect(VERDICTS.reduce((sum, each) => sum + score[each], 0)).toBe(score.asked);
      expect(score.whole + score[verdict]).toBe(score.asked);
    }
    expect(straight.asked).toBe(understudy.asked);
    expect(upstreamRequests).toBe(understudy.asked);
  });

  it('tells the news as the incident goes on', async () => {
    const news: DrillNews[] = [];
    const { understudy } = await run('529', (each) => news.push(each));
    expect(news.filter((each) => each.type === 'headline')).toHaveLength(1);
    expect(news.filter((each) => each.type === 'judged')).toHaveLength(understudy.asked * 2);
    expect(news.some((each) => each.type === 'tick' && each.active.length === 1)).toBe(true);
  });
});

describe('the scripts that come along', () => {
  it.each(ownScripts())('%s can be read and says what it is', (name) => {
    const loaded = loadScript(name);
    expect(loaded.ok ? loaded.value.about : loaded.error).toMatch(/\w/);
  });

  it('have the facts of 2 June 2026', () => {
    const loaded = loadScript('2026-06-02');
    const moments = loaded.ok ? loaded.value.headlines.map(({ at }) => new Date(at).toISOString().slice(11, 19)) : [];
    expect(moments).toEqual(expect.arrayContaining(['06:04:59', '06:39:00', '09:33:00', '10:42:00', '11:49:06']));
  });

  it('are refused in words where there are none', () => {
    const loaded = loadScript('nope');
    expect(loaded.ok ? [] : loaded.error).toEqual([expect.stringContaining('2026-06-02')]);
  });
});
