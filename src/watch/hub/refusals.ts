/** Why a hub does not take something. `code` is for programs. */
export interface HubRefusal {
  status: number;
  code: string;
  message: string;
  hint: string;
  /** Milliseconds. */
  retryAfter?: number;
}

function refusal(status: number, code: string, message: string, hint: string): HubRefusal {
  return { status, code, message, hint };
}

const UPDATE = 'Update Understudy, or see docs/crowd.md for what is taken.';

export const REFUSALS = {
  notJson: refusal(400, 'not-json', 'What was sent is not JSON of the right shape.', UPDATE),
  tooLong: refusal(413, 'too-long', 'What was sent is longer than any report.', UPDATE),
  unknownProduct: refusal(422, 'unknown-product', 'This hub does not know that product.', 'GET /api/v1/states lists those that it knows.'),
  stale: refusal(422, 'stale', 'It is older than half an hour, or from the future.', 'Set the clock of that machine right.'),
  badSignature: refusal(403, 'bad-signature', 'The signature is not that of its key.', 'Make a new key: understudy report --new-key'),
  badChallenge: refusal(
    403,
    'bad-challenge',
    'The challenge is not of this hub, or it is too old.',
    'Get another one: GET /api/v1/challenge',
  ),
  noWork: refusal(
    403,
    'no-work',
    'The proof of work does not fit challenge and signature.',
    'Get another challenge: GET /api/v1/challenge',
  ),
  full: refusal(503, 'full', 'This hub knows as many keys as it can bear.', 'It is tried again later.'),
  notFound: refusal(404, 'not-found', 'There is nothing here.', 'docs/crowd.md lists what a hub answers.'),
  wrongMethod: refusal(405, 'wrong-method', 'That is not asked for in this way.', 'docs/crowd.md lists what a hub answers.'),
} as const;

export function slowDown(wait: number): HubRefusal {
  return {
    ...refusal(429, 'slow-down', 'That was too much from this network.', `Try again in ${Math.ceil(wait / 1000)} s.`),
    retryAfter: wait,
  };
}
