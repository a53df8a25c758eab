/** What Claude Code says of a turn that failed (`error` of its StopFailure hook), and whom it is about. */
const SAID: Record<string, { what: string; about: 'service' | 'account' }> = {
  server_error: { what: 'a fault of the service', about: 'service' },
  overloaded: { what: 'the service is overloaded', about: 'service' },
  model_not_found: { what: 'the model is not offered', about: 'service' },
  unknown: { what: 'an error that Claude Code has no name for', about: 'service' },
  rate_limit: { what: 'a limit of your account, or of your plan', about: 'account' },
  billing_error: { what: 'your account’s billing', about: 'account' },
  authentication_failed: { what: 'your login was refused', about: 'account' },
  oauth_org_not_allowed: { what: 'your organisation’s login is not allowed', about: 'account' },
};

/**
 * What to tell somebody whose turn has failed. `known`: what is known of the product, in a sentence. Nothing for what no other assistant would do better:
 * a request that is wrong, or an answer that was too long.
 */
export function failureText(error: string, known: string | undefined, call: string): string | undefined {
  if (error === 'invalid_request' || error === 'max_output_tokens') return undefined;
  const { what, about } = SAID[error] ?? SAID['unknown']!;
  const said = about === 'account' ? `${what}; that is no outage` : what;
  return [
    `Claude Code’s last turn failed: ${said}.`,
    ...(known === undefined || about === 'account' ? [] : [known]),
    `Carry this session on with another assistant: ${call} rescue`,
  ].join(' ');
}
