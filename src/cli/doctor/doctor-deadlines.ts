import type { ExplainedLimit, TargetStatus } from '../../health/health.ts';
import type { Finding } from './doctor-finding.ts';

/** How long a running server waits for each target, and why. */
export function deadlineFindings(targets: readonly Pick<TargetStatus, 'target' | 'explained'>[]): Finding[] {
  return targets.map(({ target, explained }) => ({
    about: `deadlines of ${target}`,
    state: 'good',
    said: `for ${explained.requests}, ${byReason(explained.limits).join('; ')}`,
  }));
}

/** What several limits have in common is said once. */
function byReason(limits: readonly ExplainedLimit[]): string[] {
  const waits = new Map<string, string[]>();
  for (const { said } of limits) {
    const [wait = '', reason = ''] = said.split(/: (.*)/s);
    waits.set(reason, [...(waits.get(reason) ?? []), wait]);
  }
  return [...waits].map(([reason, alike]) => `${alike.join(', ')}: ${reason}`);
}
