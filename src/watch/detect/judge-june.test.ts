import { beforeEach, describe, expect, it } from 'vitest';
import type { PageIncident } from '../page-reading.ts';
import { API, FAILED, HAIKU, ILL, judgeBench, OK, OPUS } from './judge.fixtures.ts';

const { begin, six, now, judge, later, ask, incident, page, verdict, judgement } = judgeBench();

beforeEach(() => {
  six();
  begin();
});

describe('2 June 2026, as it was replayed (test/june-second)', () => {
  it('what was answered a moment ago is not down because others say so', () => {
    ask(OK, 6);
    later(3);
    page({ components: ILL, incidents: [incident({ impact: 'critical' })] });
    expect(verdict(`${API}/${OPUS.model}`)).toBe('degraded');
    later(8);
    expect(verdict(`${API}/${OPUS.model}`)).toBe('down');
  });

  it('what its page calls mended and not well is degraded, unless it answers here', () => {
    const chat = [{ id: 'rw', name: 'claude.ai', state: 'partial-outage' as const }];
    page({ components: chat, incidents: [incident({ components: [{ id: 'rw', name: 'claude.ai' }] })] });
    expect(verdict('anthropic/chat')).toBe('degraded');
    later(20);
    page({ components: chat, incidents: [incident({ phase: 'monitoring', components: [{ id: 'rw', name: 'claude.ai' }] })] });
    later(20);
    expect(verdict('anthropic/chat')).toBe('degraded');
    ask(OK, 6, { ...OPUS, product: 'chat' });
    verdict('anthropic/chat');
    ask(OK, 10, { ...OPUS, product: 'chat' });
    later(6);
    ask(OK, 10, { ...OPUS, product: 'chat' });
    expect(verdict('anthropic/chat')).toBe('operational');
  });

  it('reports of people that come and go do not make it down and degraded by turns while its page says the same', () => {
    const crowd = (weight: number): void =>
      judge().said(
        weight === 0
          ? []
          : [{ key: 'anthropic/chat', evidence: { kind: 'crowd', weight, at: now(), text: 'many people report problems', source: 'hub' } }],
      );
    const linked = [{ id: 'rw', name: 'claude.ai' }];
    const said = (more: Partial<PageIncident>): void =>
      page({
        components: [{ id: 'rw', name: 'claude.ai', state: 'partial-outage' }],
        incidents: [incident({ components: linked, ...more })],
      });
    said({});
    expect(verdict('anthropic/chat')).toBe('degraded');
    for (let turn = 0; turn < 4; turn++) {
      crowd(2);
      said({});
      expect(verdict('anthropic/chat')).toBe('down');
      crowd(0);
      for (let minute = 0; minute < 30; minute++) {
        later(1);
        said({});
        expect(verdict('anthropic/chat')).toBe('down');
      }
    }
    said({ phase: 'monitoring' });
    verdict('anthropic/chat');
    later(10);
    said({ phase: 'monitoring' });
    expect(verdict('anthropic/chat')).toBe('degraded');
  });

  it('a sibling that answers now and then does not make everybody’s trouble one model’s', () => {
    page({ components: ILL, incidents: [incident()] });
    ask(FAILED, 6);
    expect(judgement()).toMatchObject({ scope: 'everyone' });
    ask(OK, 1, HAIKU);
    expect(judgement()).toMatchObject({ scope: 'everyone' });
    for (let minute = 0; minute < 11; minute++) {
      later(1);
      ask(FAILED);
      ask(OK, 1, HAIKU);
      judge().look();
    }
    expect(judgement()).toMatchObject({ scope: 'model' });
  });
});
