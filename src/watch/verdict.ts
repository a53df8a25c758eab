/** What speaks for or against a product. */
export interface Evidence {
  /** `own`: requests of this machine. `probe`: a request made to find out. `uptime`: what a reseller saw. `answer`: its user was asked. */
  kind: 'own' | 'probe' | 'page' | 'uptime' | 'crowd' | 'network' | 'answer';
  /** Log-odds; below zero it speaks for the product. 0: worth saying, but weighs nothing. */
  weight: number;
  /** UTC ms. */
  at: number;
  /** One sentence without a full stop: `6 of the last 20 requests failed: 529 overloaded_error`. */
  text: string;
  /** Where it is from: the id of a page, `provider/model` of a target, a hub's address. */
  source: string;
  /** For people. */
  url?: string;
}

export type Verdict = 'operational' | 'degraded' | 'down' | 'unknown';

/** Who it is about. `inconclusive`: something fails, and the evidence does not say whose fault it is. */
export type Scope = 'everyone' | 'model' | 'account' | 'network' | 'inconclusive';

/** How a product, or one model of it, stands. */
export interface Judgement {
  /** `anthropic/api` or `anthropic/api/claude-opus-4-6`. */
  key: string;
  verdict: Verdict;
  /** UTC ms since when it has been that. */
  since: number;
  /** Of what is not operational. */
  scope?: Scope;
  /** Sum of the weights. */
  score: number;
  /** Heaviest first. */
  evidence: Evidence[];
  /** One sentence: `Claude API has been down for everyone since 06:05 UTC: …`. */
  summary: string;
}

/** Some of it, or all of it, fails. */
export function isIll(verdict: Verdict): boolean {
  return verdict === 'down' || verdict === 'degraded';
}
