import type { VirtualClock } from '../../src/exchange/virtual-clock.ts';
import type { Call } from '../../src/providers/call.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { simCall } from '../../src/sim/sim-call.ts';
import { createSimProvider, type SimProvider } from '../../src/sim/sim-provider.ts';
import { parseObject } from '../../src/exchange/json.ts';
import { REALISTIC } from '../../src/sim/wire/pace.ts';
import { type Host, type Spell, weatherAt } from './climate.ts';

/** The simulated services under their weather, and what was asked of them. */
export interface Sky {
  call: Call;
  /** Requests that arrived, by service. */
  arrived: Record<Host, number>;
  /** Of those, the ones that began to answer: a vendor bills them. */
  billed: Record<Host, number>;
}

export const HOSTS: readonly Host[] = ['lead', 'second', 'third'];
/** A service that is slow is so by this much, as `climate.ts` has it. */
const SLOW = 6;
/** Faults in which something is generated and billed before it fails. */
const BILLED = new Set(['error-event', 'error-event-internal', 'stall', 'reset-inside', 'clean-end', 'hang-after-headers']);

/** `seed`: which of the requests in a brown-out fail. */
export function createSky(clock: VirtualClock, spells: readonly Spell[], seed: number): Sky {
  const began = clock.monotonic();
  const random = seeded(seed);
  const arrived: Sky['arrived'] = { lead: 0, second: 0, third: 0 };
  const billed: Sky['billed'] = { lead: 0, second: 0, third: 0 };

  function service(host: Host): SimProvider {
    const usual = createSimProvider({ clock, name: host, pace: REALISTIC });
    const slow = createSimProvider({ clock, name: host, pace: { ...REALISTIC, scale: SLOW } });
    return {
      setFaults: (rules) => usual.setFaults(rules),
      playEarly: () => undefined,
      play(request) {
        const model = String(parseObject(request.body.toString())?.model);
        const weather = weatherAt(spells, clock.monotonic() - began, host, model, random);
        arrived[host] += 1;
        if (weather.fault === undefined || BILLED.has(weather.fault)) billed[host] += 1;
        const provider = weather.slower > 1 ? slow : usual;
        provider.setFaults(weather.fault === undefined ? [] : [{ fault: weather.fault, schedule: { type: 'ever' } }]);
        return provider.play(request);
      },
    };
  }

  const providers = Object.fromEntries(HOSTS.map((host) => [`${host}.test`, service(host)]));
  return { call: simCall({ clock, providers }), arrived, billed };
}
