import { generateKeyPairSync } from 'node:crypto';
import type { Json } from '../../../exchange/json.ts';
import type { Challenge } from '../../crowd/hub-answers.ts';
import { publicHalf, signatureOf } from '../../crowd/signature.ts';
import { binOf, type OwnCounts, reportOf, type Statement, statementText } from '../../crowd/statement.ts';
import type { Symptom } from '../../crowd/symptoms.ts';
import { hasWorked } from '../../crowd/work.ts';

/** Somebody's Understudy, as a hub sees it; honest or not. */
export interface Installation {
  key: string;
  report(said?: Said): Statement;
  makesKnown(now: number): Statement;
  /** What is posted: signed, with work done for it. */
  handedIn(statement: Statement, challenge: Challenge): string;
}

export interface Said {
  now?: number;
  product?: string;
  model?: string;
  symptom?: Symptom;
  region?: string;
  own?: OwnCounts;
}

export const BACKED: OwnCounts = { attempts: 5, failures: 4 };

export function installation(): Installation {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = publicHalf(privateKey);
  return {
    key,
    report({ now = Date.now(), product = 'anthropic/api', symptom = 'errors', region = 'DE', own = BACKED, model } = {}) {
      const [provider = '', name = ''] = product.split('/');
      const reported = { provider, product: name, symptom, ...(model !== undefined && { model }) };
      return reportOf(reported, { region, own, now, client: '0.1.0', key });
    },
    makesKnown: (now) => ({ type: 'key', version: 1, at: binOf(now), client: '0.1.0', key }),
    handedIn(statement, challenge) {
      const signature = signatureOf(statementText(statement), privateKey);
      return worked(statement, signature, challenge);
    },
  };
}

/** Work done at once, for few bits. */
export function worked(statement: Json | Statement, signature: string, { challenge, bits }: Challenge): string {
  let proof = 0;
  while (!hasWorked(challenge, signature, proof, bits)) proof++;
  return JSON.stringify({ statement, signature, challenge, proof });
}
