import type { Judgement, Scope } from '../verdict.ts';

const SCOPES: Record<Scope, string> = {
  everyone: ' for everyone',
  model: ', this model only',
  account: '',
  network: '',
  inconclusive: ' as seen from here',
};

/** A verdict in a sentence, with its two heaviest reasons. */
export function summaryOf({ verdict, since, scope, evidence, key }: Omit<Judgement, 'summary'>, title: string): string {
  const reasons = evidence
    .filter(({ weight }) => (verdict === 'down' || verdict === 'degraded' ? weight >= 0 : weight <= 0))
    .slice(0, 2)
    .map(({ text }) => text)
    .join('; ');
  const because = reasons === '' ? '' : `: ${reasons}`;
  switch (verdict) {
    case 'operational':
      return `${title} works${because}.`;
    case 'unknown':
      return scope === 'network'
        ? `Nothing can be said of ${title}: your network is the trouble${because}.`
        : `Nothing fresh is known of ${title}.`;
    case 'degraded':
    case 'down': {
      if (scope === 'account') return `${title}${because}. That is about your account, and no sign of an outage.`;
      const isModel = key.split('/').length > 2;
      const whom = scope === undefined ? '' : scope === 'model' && !isModel ? ' in part' : SCOPES[scope];
      return `${title} has been ${verdict}${whom} since ${clock(since)}${because}.`;
    }
  }
}

/** `2026-06-02 06:05 UTC`. */
function clock(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
