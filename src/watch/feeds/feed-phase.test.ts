import { expect, it } from 'vitest';
import { impactOfEntry, isPlannedWork, phaseOfEntry, titleOfEntry } from './feed-phase.ts';

const words = (title: string, text = '', categories: string[] = []) => ({ title, text, categories });

it.each([
  [words('Service is operating normally: [RESOLVED] Slow'), 'resolved', 'Slow'],
  [words('Informational message: [RESOLVED] Slow'), 'resolved', 'Slow'],
  [words('Informational message: Slow'), 'investigating', 'Slow'],
  [words('Service disruption: Slow'), 'investigating', 'Slow'],
  [words('[Resolved] Slow'), 'resolved', 'Slow'],
  [words('Resolved: Slow'), 'resolved', 'Slow'],
  [words('Slow - Resolved'), 'resolved', 'Slow'],
  [words('Slow (monitoring)'), 'monitoring', 'Slow'],
  [words('Mitigated: Slow'), 'monitoring', 'Slow'],
  [words('Slow', 'Status: RESOLVED\nSeverity: available'), 'resolved', 'Slow'],
  [words('Slow', 'Status: Operational'), 'resolved', 'Slow'],
  [words('Slow', 'Status: in_progress'), 'in-progress', 'Slow'],
  [words('Slow', 'Jun 2, 11:49 UTC\nResolved - All is well.'), 'resolved', 'Slow'],
  [words('Slow', 'Jun 2, 11:49 UTC\nMonitoring - …\nJun 2, 10:00 UTC\nResolved - …'), 'monitoring', 'Slow'],
  [words('Slow', '', ['outage', 'resolved']), 'resolved', 'Slow'],
  // What it says twice, and not the same: it is not over.
  [words('[Resolved] Slow', 'Status: MONITORING'), 'monitoring', '[Resolved] Slow'.slice(11)],
  [words('Slow', 'Status: INVESTIGATING', ['resolved']), 'investigating', 'Slow'],
  // None of these is a label.
  [words('Slow', 'This should be resolved soon.'), 'unknown', 'Slow'],
  [words('Unresolved: Slow'), 'unknown', 'Unresolved: Slow'],
  [words('Issue with resolved tickets'), 'unknown', 'Issue with resolved tickets'],
  [words('[Grok (iOS)] Slow'), 'unknown', '[Grok (iOS)] Slow'],
  [words('[API] Slow', 'Severity: available'), 'unknown', '[API] Slow'],
  [words('[constructor] Slow', 'Status: constructor'), 'unknown', '[constructor] Slow'],
  [words('Slow', '', ['available', 'operational']), 'unknown', 'Slow'],
  [words('Slow', 'Status: not resolved'), 'unknown', 'Slow'],
  [words('[Resolved]'), 'resolved', '[Resolved]'],
])('%j is %s', (entry, phase, title) => {
  expect(phaseOfEntry(entry)).toBe(phase);
  expect(titleOfEntry(entry.title)).toBe(title);
});

it('planned work is told by its own words', () => {
  expect(isPlannedWork(words('Upgrade', 'THIS IS A SCHEDULED EVENT Jun 5'))).toBe(true);
  expect(isPlannedWork(words('Upgrade', 'Status: Completed'))).toBe(true);
  expect(isPlannedWork(words('Errors', 'Status: Resolved'))).toBe(false);
});

it('how bad it is, where it is said', () => {
  expect(impactOfEntry(words('x', 'Status: RESOLVED\nSeverity: outage'))).toBe('critical');
  expect(impactOfEntry(words('Service degradation: x'))).toBe('major');
  expect(impactOfEntry(words('x', 'There was an outage.'))).toBe('unknown');
});
