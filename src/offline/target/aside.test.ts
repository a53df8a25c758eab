import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { Target } from '../../exchange/target.ts';
import type { AttemptAsk } from '../../failover/admission.ts';
import { createHealth } from '../../health/create-health.ts';
import { deskProvider } from '../../providers/desk.ts';
import { deskControl, healthWithoutDesk } from './aside.ts';

const DESK: Target = { provider: 'offline', model: 'desk', credential: 'none', dialect: 'openai-chat', vendor: deskProvider.vendor };
const OTHER: Target = { ...DESK, vendor: 'offline-gateway' };

function ask(target: Target, kind: AttemptAsk['kind'], defer = false): AttemptAsk {
  return { planned: { target }, kind, plan: { defer } } as AttemptAsk;
}

describe('the desk among targets', () => {
  it('is asked first, next, or once more, and is no hop and no hedge', () => {
    const refused = (['first', 'next', 'retry', 'canary', 'hop', 'hedge'] as const).filter((kind) => deskControl.refusal(ask(DESK, kind)));
    expect(refused).toEqual(['hop', 'hedge']);
  });

  it('leaves what can wait to a model', () => {
    expect(deskControl.refusal(ask(DESK, 'next', true))).toEqual({ reason: 'the request can wait for a model' });
  });

  it('is not mistaken for somebody’s provider of the same name', () => {
    expect(deskControl.refusal(ask(OTHER, 'hop', true))).toBeUndefined();
  });

  it('has no health: failing for ever, it is asked all the same, and nobody hears of it', () => {
    const health = healthWithoutDesk(createHealth({ clock: virtualClock(), random: () => 0 }));
    for (let each = 0; each < 9; each++) {
      for (const target of [DESK, OTHER]) health.failed(target, { class: 'provider-fault', symptom: 'status', message: 'no' });
    }
    expect(health.admit(DESK)).toEqual({ type: 'go' });
    expect(health.admit(OTHER).type).toBe('no');
    expect(health.status().map(({ target }) => target)).toEqual(['offline/desk']);
  });
});
