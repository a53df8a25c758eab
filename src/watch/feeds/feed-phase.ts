import type { Impact, Phase } from '../page-reading.ts';

/** What an entry of a feed says of itself. `text`: plain, lines as paragraphs. */
export interface EntryWords {
  title: string;
  text: string;
  categories: readonly string[];
}

/** Words that stand alone as a label. What is not here says nothing of the phase. */
const LABELS: Readonly<Record<string, Phase>> = {
  investigating: 'investigating',
  ongoing: 'investigating',
  identified: 'identified',
  'in mitigation': 'identified',
  mitigating: 'identified',
  update: 'unknown',
  monitoring: 'monitoring',
  // Azure says it when users may be well again; the end is when the entry is gone.
  mitigated: 'monitoring',
  resolved: 'resolved',
  operational: 'resolved',
  available: 'resolved',
  postmortem: 'resolved',
  completed: 'resolved',
  scheduled: 'scheduled',
  'in progress': 'in-progress',
  verifying: 'verifying',
};
const OF_MAINTENANCE = /^(?:scheduled|in progress|verifying|completed|under maintenance)$/;

/** AWS begins titles with how the service is; a service that is not `operating normally` is open (status.aws.amazon.com/rss, items of 2016 to 2022). */
const AWS_OPEN = /^(?:informational message|performance issues?|service (?:disruption|degradation|impact|issue)):\s*/i;
const AWS_OVER = /^service is operating normally:\s*/i;
const BRACKETED = /^\s*\[([a-z ]{3,20})\]\s*|\s*[[(]([a-z ]{3,20})[\])]\s*$/i;
const PREFIXED = /^\s*([a-z]{6,13})\s*[:–—]\s+(?=\S)/i;
const SUFFIXED = /\s+[-–—]\s+([a-z]{6,13})\s*$/i;
/** `Status: RESOLVED`, as xAI, incident.io and Flashduty put it; a label for itself on its line. */
const STATED = /^\s*status:\s*([a-z_ ]{3,24}?)\s*$/im;
/** `Resolved - All is well.`: the newest of Statuspage's updates, below its time. Nothing but times may stand before it. */
const FIRST_LABEL = /^(?:[^\n]{0,40}\b\d{1,2}:\d\d\b[^\n]{0,20}\n)?([a-z ]{6,14}?) [-–—] /i;

/**
 * How far an entry says that it is. Resolved only where all that says something of the phase says so; where nothing does, unknown. A sentence somewhere
 * in the text (`the issue should be resolved soon`) says nothing.
 */
export function phaseOfEntry(words: EntryWords): Phase {
  const said = labelsOf(words).map((label) => LABELS[label] ?? 'unknown');
  if (AWS_OPEN.test(words.title) && !said.includes('resolved')) said.push('investigating');
  const known = said.filter((phase) => phase !== 'unknown');
  return known.find((phase) => phase !== 'resolved') ?? known[0] ?? 'unknown';
}

export function isPlannedWork(words: EntryWords): boolean {
  return labelsOf(words).some((label) => OF_MAINTENANCE.test(label)) || /^this is a scheduled event\b/im.test(words.text);
}

/** Without what it says of the phase, which changes while the event stays the same. */
export function titleOfEntry(title: string): string {
  let left = title.trim().replace(AWS_OVER, '').replace(AWS_OPEN, '');
  for (const pattern of [BRACKETED, PREFIXED, SUFFIXED]) {
    left = left.replace(pattern, (whole: string, one: string | undefined, other?: unknown) => {
      const label = one ?? (typeof other === 'string' ? other : '');
      return Object.hasOwn(LABELS, normal(label)) ? '' : whole;
    });
  }
  return left.trim() === '' ? title.trim() : left.trim();
}

/** From xAI's `Severity: outage` and from AWS's titles; elsewhere feeds do not say. */
export function impactOfEntry({ title, text }: EntryWords): Impact {
  const severity = /^\s*severity:\s*([a-z_]+)\s*$/im.exec(text)?.[1]?.toLowerCase();
  if (severity === 'outage' || severity === 'unavailable') return 'critical';
  if (severity === 'disruption') return 'major';
  if (severity === 'degraded') return 'minor';
  if (/^service disruption:/i.test(title)) return 'critical';
  if (/^(?:performance issues?|service (?:degradation|impact|issue)):/i.test(title)) return 'major';
  return /^informational message:/i.test(title) ? 'minor' : 'unknown';
}

/** Every label of it, in lower case. */
function labelsOf({ title, text, categories }: EntryWords): string[] {
  const bare = title.trim().replace(AWS_OVER, '').replace(AWS_OPEN, '');
  const bracketed = BRACKETED.exec(bare);
  const labels = [
    AWS_OVER.test(title.trim()) ? 'resolved' : undefined,
    bracketed?.[1] ?? bracketed?.[2],
    PREFIXED.exec(bare)?.[1],
    SUFFIXED.exec(bare)?.[1],
    STATED.exec(text)?.[1],
    FIRST_LABEL.exec(text)?.[1],
    // A category may also be a severity (`available`) or a component (`operational`): only what is a phase and nothing else counts.
    ...categories.filter((category) => /^(?:resolved|investigating|identified|monitoring|ongoing)$/i.test(category.trim())),
  ];
  return labels
    .filter((label) => label !== undefined)
    .map(normal)
    .filter((label) => Object.hasOwn(LABELS, label) || OF_MAINTENANCE.test(label));
}

function normal(label: string): string {
  return label.trim().toLowerCase().replaceAll('_', ' ');
}
