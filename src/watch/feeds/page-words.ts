import type { ComponentState, Impact, PageUpdate, Phase } from '../page-reading.ts';

/** States of components at Atlassian Statuspage, and at incident.io, which says `full_outage` for the worst of them. */
const STATES: Readonly<Record<string, ComponentState>> = {
  operational: 'operational',
  degraded_performance: 'degraded',
  partial_outage: 'partial-outage',
  major_outage: 'major-outage',
  full_outage: 'major-outage',
  under_maintenance: 'maintenance',
};

const PHASES: Readonly<Record<string, Phase>> = {
  investigating: 'investigating',
  identified: 'identified',
  fixing: 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
  postmortem: 'resolved',
  scheduled: 'scheduled',
  maintenance_scheduled: 'scheduled',
  in_progress: 'in-progress',
  maintenance_in_progress: 'in-progress',
  verifying: 'verifying',
  completed: 'resolved',
  maintenance_complete: 'resolved',
};

const BADNESS: readonly ComponentState[] = ['operational', 'unknown', 'maintenance', 'degraded', 'partial-outage', 'major-outage'];

export function stateOf(word: unknown): ComponentState {
  return (typeof word === 'string' && Object.hasOwn(STATES, word) && STATES[word]) || 'unknown';
}

export function phaseOf(word: unknown): Phase {
  return (typeof word === 'string' && Object.hasOwn(PHASES, word) && PHASES[word]) || 'unknown';
}

/** None of an empty list. */
export function worst(states: readonly ComponentState[]): ComponentState | undefined {
  return states.toSorted((one, other) => BADNESS.indexOf(other) - BADNESS.indexOf(one))[0];
}

/** As Statuspage weighs its own components where nobody says otherwise (support.atlassian.com/statuspage, "Top-level status and incident impact"). */
export function impactOf(state: ComponentState | undefined): Impact {
  switch (state) {
    case 'major-outage':
      return 'critical';
    case 'partial-outage':
      return 'major';
    case 'degraded':
      return 'minor';
    case 'operational':
    case 'maintenance':
      return 'none';
    case 'unknown':
    case undefined:
      return 'unknown';
  }
}

export function isOver(phase: Phase): boolean {
  return phase === 'resolved';
}

/** Pages list the newest first, and some backdate what they show. */
export function oldestFirst(updates: readonly PageUpdate[]): PageUpdate[] {
  return updates.toReversed().toSorted((one, other) => one.at - other.at);
}
