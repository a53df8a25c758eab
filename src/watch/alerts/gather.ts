import type { Incident } from '../incident.ts';
import type { Judgement } from '../verdict.ts';
import { type Cause, causeName, incidentCause, judgedCause, productsOf, providerOf } from './cause.ts';
import type { Heard } from './course.ts';
import type { Alert, HeardCause } from './store.ts';

/** All that somebody may want to be told of, as it stands now. */
export interface Now {
  causes: { cause: Cause; channels: string[] }[];
  /** Keys of which something fresh is known. */
  known: ReadonlySet<string>;
}

/** Milliseconds in which what begins at one provider is taken for one event. */
const TOGETHER = 60 * 60_000;
/** Milliseconds that what fails is still taken to fail when nothing fresh is known of it. */
const FADES = 60 * 60_000;

export function standing(judgements: readonly Judgement[], incidents: readonly Incident[], channelsOf: (cause: Cause) => string[]): Now {
  const causes = [...judgements.flatMap((each) => judgedCause(each) ?? []), ...incidents.flatMap((each) => incidentCause(each) ?? [])];
  const known = judgements.filter(({ verdict }) => verdict !== 'unknown').map(({ key }) => key);
  return { causes: causes.map((cause) => ({ cause, channels: channelsOf(cause) })), known: new Set(known) };
}

/** What an alert is about, as it stands now. What it was about stays with it for as long as it fails at all, whatever the rules say of it then. */
export function heardOf(alert: Alert, { causes, known }: Now, now: number): Heard {
  const current = new Map(causes.map(({ cause }) => [causeName(cause), cause]));
  let faded = false;
  const kept = alert.body.causes.flatMap((before): HeardCause[] => {
    const { heardAt, aside } = before;
    const cause = current.get(causeName(before));
    if (cause) return [{ ...cause, heardAt, ...(aside && { aside }) }];
    // Of what is over, only what is back counts.
    if (alert.state === 'over' || before.type === 'incident' || known.has(before.key)) return [];
    const since = before.unknownSince ?? now;
    if (now - since < FADES) return [{ ...before, unknownSince: since }];
    faded = true;
    return [];
  });
  return { causes: kept, faded: faded && kept.every(({ aside }) => aside) };
}

/** Does it belong to that alert? `again`: milliseconds in which what is over may come back. */
export function belongs(cause: Cause, isOpen: boolean, alert: Alert, now: number, again: number): boolean {
  const products = new Set(alert.body.causes.flatMap(productsOf));
  const shares = productsOf(cause).some((product) => products.has(product));
  if (!isOpen) return shares && now - (alert.ended ?? 0) < again;
  if (shares) return true;
  return alert.body.causes.some((each) => providerOf(each) === providerOf(cause)) && now - alert.body.joinedAt < TOGETHER;
}

/** What a status page says of what has failed anyway: it explains. */
export function explains(cause: Cause, { state, body }: Alert): boolean {
  if (cause.type !== 'incident' || cause.kind === 'maintenance' || state === 'over') return false;
  const products = new Set(body.causes.flatMap(productsOf));
  return cause.products.some((product) => products.has(product));
}
