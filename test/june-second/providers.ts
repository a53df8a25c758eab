import type { ScriptEvent } from '../../src/drill/script.ts';
import type { Clock } from '../../src/exchange/clock.ts';
import { parseObject } from '../../src/exchange/json.ts';
import type { Call } from '../../src/providers/call.ts';
import { globMatcher } from '../../src/providers/glob.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { simCall } from '../../src/sim/sim-call.ts';
import { createSimProvider, type SimProvider } from '../../src/sim/sim-provider.ts';
import { REALISTIC } from '../../src/sim/wire/pace.ts';

/** The simulated services: `anthropic.test` under the morning's weather, `openai.test` well all day. */
export function services(clock: Clock, events: readonly ScriptEvent[], seed: number): Call {
  const random = seeded(seed);
  const claude = createSimProvider({ clock, name: 'claude', pace: REALISTIC });
  const weathered: SimProvider = {
    setFaults: claude.setFaults,
    playEarly: () => undefined,
    play(request) {
      const model = String(parseObject(request.body.toString())?.model);
      // As on the drill's stage: the first that strikes is the one that a request gets.
      const struck = events.find((event) => isUnder(event, model, clock.now()) && random() < event.probability);
      const { fault, position } = struck ?? {};
      claude.setFaults(fault === undefined ? [] : [{ fault, ...(position && { position }), schedule: { type: 'ever' }, scope: {} }]);
      return claude.play(request);
    },
  };
  const gpt = createSimProvider({ clock, name: 'chatgpt', pace: REALISTIC });
  return simCall({ clock, providers: { 'anthropic.test': weathered, 'openai.test': gpt } });
}

function isUnder({ at, until, who }: ScriptEvent, model: string, now: number): boolean {
  return at <= now && now < until && who.some((each) => globMatcher(each)(`claude/${model}`));
}
