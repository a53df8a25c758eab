import type { Clock } from '../exchange/clock.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import { targetName } from '../exchange/target.ts';
import type { AdmissionControl, AttemptAsk } from './admission.ts';
import { capNotice, capRefusal, type CapState, parseCap, plain, type Window, windowEnd } from './caps.ts';
import { priceOf, turnCost } from './cost.ts';
import { createHabits, type Habits } from './habits.ts';
import type { Route } from './route.ts';

/** What attempts have cost, so that neither an outage nor an agent runs up a bill behind anybody's back. */
export interface SpendLedger extends AdmissionControl {
  /** What counts against each cap now: backups' first, then those of the routes that have one. */
  caps(
    backupSpend: string,
    routes: Iterable<Pick<Route, 'name' | 'spend'>>,
    tokens?: Readonly<Record<string, { spend?: string | undefined }>>,
  ): CapState[];
  /** By UTC hour (`2026-11-22T10`), this month: what each route's leads and backups have cost at each provider. Plain data. */
  snapshot(): JsonObject;
}

/** One line of the ledger: dollars within an hour. */
interface Row {
  route: string;
  provider: string;
  backup: boolean;
  dollars: number;
  /** Whose token asked, where it was one of `server.tokens`. */
  token?: string;
}

/** How much of an hour's key (`2026-11-22T10`) names the window. */
const KEY_LENGTH: Record<Window, number> = { hour: 13, day: 10, month: 7 };
const HOUR = 3_600_000;
const BACKUPS = 'backups';

/**
 * `saved`: an earlier snapshot (also of the form in which an hour was one number, what backups had cost); what can't be read is taken for
 * nothing spent. `changed` is told of each addition, `warn` once a window of each cap that is nearly used up. `habits`: what the
 * next bill is expected to be. `tokenOf`: what is said of a principal's token, where it has one of its own.
 *
 * An attempt that is expected to cost more than is left is not made, and what those under way are expected to cost is not left. So a cap is
 * overshot at most by what they cost beyond expectation, however many start at once: by their answers longer than of late (than 1000 tokens, until
 * five have told), and by texts of which a model makes more tokens than it has of late. What has no known price costs nothing, and is never kept from being asked;
 * but for a cap of 0, which keeps all whom it is about.
 */
export function createSpendLedger(
  clock: Clock,
  saved: Json | undefined,
  changed: () => void,
  warn: (message: string, cap: CapState) => void = () => undefined,
  habits: Habits = createHabits(clock),
  tokenOf: (principal: string) => { spend?: string | undefined } | undefined = () => undefined,
): SpendLedger {
  const hours = readRows(saved);
  /** By account: dollars that attempts under way are expected to cost, and how many they are. */
  const underWay = new Map<string, { dollars: number; attempts: number }>();
  /** Windows, by cap, of which a warning has been given. */
  const warned = new Map<string, string>();
  const totals: Record<Window, { key: string; sums: Map<string, number> }> = {
    hour: { key: '', sums: new Map() },
    day: { key: '', sums: new Map() },
    month: { key: '', sums: new Map() },
  };
  let hour = { number: NaN, key: '' };

  function hourKey(): string {
    const number = Math.floor(clock.now() / HOUR);
    if (number !== hour.number) hour = { number, key: new Date(number * HOUR).toISOString().slice(0, KEY_LENGTH.hour) };
    return hour.key;
  }

  /** By account, of the window that is running. */
  function sumsOf(per: Window): Map<string, number> {
    const key = hourKey().slice(0, KEY_LENGTH[per]);
    const total = totals[per];
    if (total.key === key) return total.sums;
    total.key = key;
    total.sums = new Map();
    for (const [time, rows] of hours) if (time.startsWith(key)) for (const row of rows.values()) count(total.sums, row);
    return total.sums;
  }

  function add(row: Row): void {
    for (const per of ['hour', 'day', 'month'] as const) count(sumsOf(per), row);
    const now = hourKey();
    const rows = hours.get(now) ?? new Map<string, Row>();
    hours.set(now, rows);
    const name = rowName(row);
    const known = rows.get(name);
    if (known) known.dollars += row.dollars;
    else rows.set(name, { ...row });
    for (const key of hours.keys()) if (key.slice(0, KEY_LENGTH.month) < now.slice(0, KEY_LENGTH.month)) hours.delete(key);
    changed();
  }

  function stateOf(setting: string, who: string, cap: string, account: string): CapState {
    const { dollars, per } = parseCap(cap);
    return {
      setting,
      who,
      dollars,
      per,
      spent: sumsOf(per).get(account) ?? 0,
      underWay: underWay.get(account)?.dollars ?? 0,
      resetsAt: windowEnd(clock.now(), per),
    };
  }

  function backupCap(cap: string): CapState {
    return stateOf('failover.backupSpend', 'Backups', cap, BACKUPS);
  }

  function routeCap(account: string, cap: string): CapState {
    return stateOf(`routes.${account}.spend`, `Answers of route ${account}`, cap, accountOf(account));
  }

  function tokenCap(name: string, cap: string): CapState {
    return stateOf(`server.tokens.${name}.spend`, `Answers for ${name}`, cap, tokenAccount(name));
  }

  function capsOn({ plan, planned, principal = '' }: AttemptAsk): CapState[] {
    const own = tokenOf(principal)?.spend;
    return [
      ...(own === undefined ? [] : [tokenCap(principal, own)]),
      ...(planned.lead ? [] : [backupCap(plan.failover.backupSpend)]),
      ...(plan.spend === undefined ? [] : [routeCap(plan.account, plan.spend)]),
    ];
  }

  /** Dollars. `cold`: nothing of it is in a cache. */
  function estimateOf({ plan, planned, body, maxOutputTokens }: AttemptAsk): { cold: number; likely: number; tokens: number } {
    const price = priceOf(planned);
    if (!price) return { cold: 0, likely: 0, tokens: 0 };
    const name = targetName(planned.target);
    const tokens = habits.inputTokens(name, body);
    // Anthropic's clients have their history kept, and writing it into a cache costs a quarter more than reading it.
    const kept = planned.native && price.cacheWrite !== undefined && body.includes('"cache_control"');
    const cold = turnCost(price, tokens, maxOutputTokens, kept, habits.outputTokens(name, plan.route));
    return { cold, likely: cold * habits.warmth(name), tokens };
  }

  function reserve(accounts: readonly string[], dollars: number, attempts: 1 | -1): void {
    for (const account of accounts) {
      const held = underWay.get(account) ?? { dollars: 0, attempts: 0 };
      held.dollars += attempts * dollars;
      held.attempts += attempts;
      if (held.attempts > 0) underWay.set(account, held);
      else underWay.delete(account);
    }
  }

  function warnOf(cap: CapState): void {
    const notice = capNotice(cap);
    // A cap that has been raised is nearly used up anew.
    const window = `${cap.resetsAt} ${cap.dollars}`;
    if (notice === undefined || warned.get(cap.setting) === window) return;
    warned.set(cap.setting, window);
    warn(notice, cap);
  }

  return {
    refusal(ask) {
      const caps = capsOn(ask);
      if (caps.length === 0) return undefined;
      const nothing = caps.find((cap) => cap.dollars === 0);
      if (nothing) return { reason: capRefusal(nothing, 0), class: 'quota' };
      if (!priceOf(ask.planned)) return undefined;
      const { cold, likely, tokens } = estimateOf(ask);
      if (!isAtHome(ask) && cold > ask.plan.failover.hopSpend) return { reason: tooDear(ask, cold, tokens), class: 'quota' };
      const expected = isAtHome(ask) ? likely : cold;
      const full = caps.find((cap) => expected > 0 && cap.spent + cap.underWay + expected > cap.dollars);
      if (!full) return undefined;
      const reason = capRefusal(full, expected);
      // Answers under way may turn out to cost less: then it need not wait for the next window.
      return { reason, class: 'quota', ...(full.spent + expected > full.dollars && { until: full.resetsAt }) };
    },
    begin(ask) {
      const { plan, planned, principal = '' } = ask;
      if (!priceOf(planned)) return undefined;
      const token = tokenOf(principal);
      const accounts = [
        ...(token?.spend === undefined ? [] : [tokenAccount(principal)]),
        ...(planned.lead ? [] : [BACKUPS]),
        ...(plan.spend === undefined ? [] : [accountOf(plan.account)]),
      ];
      // Who has no cap is not reckoned with beforehand.
      const { cold, likely } = accounts.length > 0 ? estimateOf(ask) : { cold: 0, likely: 0 };
      const expected = isAtHome(ask) ? likely : cold;
      reserve(accounts, expected, 1);
      return {
        settled(result, cost = 0) {
          reserve(accounts, expected, -1);
          if (cost > 0)
            add({
              route: plan.account,
              provider: planned.target.provider,
              backup: !planned.lead,
              dollars: cost,
              ...(token && { token: principal }),
            });
          if (accounts.length === 0) return;
          if (result !== 'given-up' && result.type === 'whole')
            habits.learn(targetName(planned.target), plan.route, ask.body, result.usage, cold, cost, isAtHome(ask));
          for (const cap of capsOn(ask)) warnOf(cap);
        },
      };
    },
    caps: (backupSpend, routes, tokens = {}) => [
      backupCap(backupSpend),
      ...[...routes].flatMap(({ name, spend }) => (spend === undefined ? [] : [routeCap(name, spend)])),
      ...Object.entries(tokens).flatMap(([name, { spend }]) => (spend === undefined ? [] : [tokenCap(name, spend)])),
    ],
    snapshot: () => Object.fromEntries([...hours].map(([time, rows]) => [time, [...rows.values()].map((row): JsonObject => ({ ...row }))])),
  };
}

/** A conversation that is with a backup is asked of it before its lead (stickiness.ts): its history lies in that cache. */
function isAtHome({ planned, index }: Pick<AttemptAsk, 'planned' | 'index'>): boolean {
  return planned.lead || index === 0;
}

function tooDear({ plan, planned }: AttemptAsk, dollars: number, tokens: number): string {
  const { hopSpend } = plan.failover;
  const size = `${Math.max(1, Math.round(tokens / 1000))}k tokens, none of them in its cache`;
  return `it would cost about $${dollars.toFixed(2)} (${size}) to go to ${planned.target.provider}, and one switch may cost $${plain(hopSpend)}: raise failover.hopSpend in understudy.yaml`;
}

function accountOf(route: string): string {
  return `route ${route}`;
}

function tokenAccount(name: string): string {
  return `token ${name}`;
}

function count(sums: Map<string, number>, { route, backup, dollars, token }: Row): void {
  for (const account of [accountOf(route), ...(backup ? [BACKUPS] : []), ...(token === undefined ? [] : [tokenAccount(token)])])
    sums.set(account, (sums.get(account) ?? 0) + dollars);
}

function rowName({ route, provider, backup, token }: Row): string {
  return JSON.stringify([route, provider, backup, token ?? null]);
}

function readRows(saved: Json | undefined): Map<string, Map<string, Row>> {
  const hours = new Map<string, Map<string, Row>>();
  if (!isObject(saved)) return hours;
  for (const [hour, value] of Object.entries(saved)) {
    if (!/^\d{4}-\d\d-\d\dT\d\d$/.test(hour)) continue;
    const rows = (Array.isArray(value) ? value : [{ route: '', provider: '', backup: true, dollars: value ?? null }]).flatMap(readRow);
    if (rows.length > 0) hours.set(hour, new Map(rows.map((row) => [rowName(row), row])));
  }
  return hours;
}

function readRow(value: Json | undefined): Row[] {
  if (!isObject(value)) return [];
  const { route, provider, backup, dollars, token } = value;
  const sound = typeof dollars === 'number' && Number.isFinite(dollars) && dollars > 0;
  if (!sound || typeof route !== 'string' || typeof provider !== 'string' || typeof backup !== 'boolean') return [];
  return [{ route, provider, backup, dollars, ...(typeof token === 'string' && { token }) }];
}
