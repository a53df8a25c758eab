import type { TargetStatus } from '../health/health.ts';
import type { Finding } from './doctor-finding.ts';

/** How long a running server waits for each target, and why. */
export function deadlineFindings(targets: readonly Pick<TargetStatus, 'target' | 'explained'>[]): Finding[] {
  return targets.map(({ target, explained }) => ({
    about: `deadlines of ${target}`,
    state: 'good',
    said: `for ${explained.requests}, ${explained.limits.map(({ said }) => said).join('; ')}`,
  }));
}
