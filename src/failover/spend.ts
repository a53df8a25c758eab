import type { Clock } from '../exchange/clock.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import type { Usage } from '../exchange/usage.ts';
import { type Price, priceAt } from '../providers/model-data.ts';
import type { AdmissionControl } from './admission.ts';

/** What backups have cost, so that an outage does not run up a bill behind anybody's back. */
export interface SpendLedger extends AdmissionControl {
  add(dollars: number): void;
  /** Dollars spent in the window of `cap` that is running now. */
  spent(cap: string): number;
  /** By UTC hour (`2026-11-22T10`), the last month; plain data. */
  snapshot(): JsonObject;
}

type Window = 'hour' | 'day' | 'month';

/** How much of an hour's key (`2026-11-22T10`) names the window. */
const KEY_LENGTH: Record<Window, number> = { hour: 13, day: 10, month: 7 };

/** `saved`: an earlier snapshot; anything else is taken for nothing spent. `changed` is told of each addition. */
export function createSpendLedger(clock: Clock, saved: Json | undefined, changed: () => void): SpendLedger {
  const hours = new Map<string, number>();
  if (isObject(saved)) {
    for (const [hour, dollars] of Object.entries(saved)) {
      if (/^\d{4}-\d\d-\d\dT\d\d$/.test(hour) && typeof dollars === 'number' && dollars > 0) hours.set(hour, dollars);
    }
  }

  function hour(): string {
    return new Date(clock.now()).toISOString().slice(0, KEY_LENGTH.hour);
  }

  function spent(cap: string): number {
    const window = hour().slice(0, KEY_LENGTH[parseCap(cap).per]);
    let sum = 0;
    for (const [key, dollars] of hours) if (key.startsWith(window)) sum += dollars;
    return sum;
  }

  function add(dollars: number): void {
    if (dollars <= 0) return;
    const now = hour();
    hours.set(now, (hours.get(now) ?? 0) + dollars);
    for (const key of hours.keys()) if (key.slice(0, KEY_LENGTH.month) < now.slice(0, KEY_LENGTH.month)) hours.delete(key);
    changed();
  }

  return {
    add,
    begin({ planned }, sent) {
      if (planned.lead) return undefined;
      return {
        settled(result, delivered) {
          // Nothing is billed for an answer that never began; what one that was given up has cost, nobody says.
          if (result === 'given-up' || (result.type !== 'whole' && result.firstEventAfter === undefined)) return;
          add(costOf(planned.facts.price, result.usage, { input: sent / 4, output: tokensOf(delivered()) }));
        },
      };
    },
    spent,
    // The lead is what was asked for; all others are backups, which may only cost so much.
    refusal({ planned, plan }) {
      const cap = plan.failover.backupSpend;
      const { dollars, per } = parseCap(cap);
      if (planned.lead || spent(cap) < dollars) return undefined;
      const reason = `backups have cost $${spent(cap).toFixed(2)} this ${per} and may cost $${dollars} (failover.backupSpend)`;
      return { reason, until: windowEnd(clock.now(), per) };
    },
    snapshot: () => Object.fromEntries(hours),
  };
}

/** `5/day` as the settings' schema lets it through. */
function parseCap(cap: string): { dollars: number; per: Window } {
  const [dollars, per] = cap.split('/');
  return { dollars: Number(dollars), per: per === 'hour' || per === 'month' ? per : 'day' };
}

function windowEnd(now: number, per: Window): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (per === 'month') return Date.UTC(year, month + 1);
  return per === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month, day, date.getUTCHours() + 1);
}

/** What an attempt cost in dollars; 0 where the price is not known. `estimate` stands in for tokens that nobody counted. */
export function costOf(price: Price | undefined, usage: Partial<Usage>, estimate: { input: number; output: number }): number {
  if (!price) return 0;
  const input = usage.input ?? estimate.input;
  const cached = Math.min(input, usage.cacheRead ?? 0);
  const written = Math.min(input - cached, usage.cacheWrite ?? 0);
  const output = usage.output ?? estimate.output;
  const rate = priceAt(price, input);
  const read = (input - cached - written) * rate.input + cached * (rate.cached ?? rate.input) + written * (rate.cacheWrite ?? rate.input);
  return (read + output * rate.output) / 1_000_000;
}

/** Four characters a token: the usual English average. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
