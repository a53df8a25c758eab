import type { ReportAnswer } from '../../watch/crowd/crowd.ts';
import { statementText } from '../../watch/crowd/statement.ts';
import { SYMPTOMS } from '../../watch/crowd/symptoms.ts';
import type { Context } from '../command.ts';
import { durationText } from '../duration-text.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** Columns before what is said of something. */
const LABEL = 16;

/** What would go out: in words, and to the letter. */
export function previewLines({ hub, sent }: ReportAnswer, { width, paint }: Pick<Terminal, 'width' | 'paint'>): string[] {
  if (!sent || hub === undefined) return [];
  const { statement, signature } = sent;
  const { provider, product, model, symptom, region, own, at, client, key } = statement;
  const rows: [string, string][] = [
    ['product', `${provider}/${product}${model === undefined ? '' : `, ${model}`}`],
    ['symptom', SYMPTOMS[symptom] === symptom ? symptom : `${symptom}: ${SYMPTOMS[symptom]}`],
    ['region', region === 'none' ? 'not said' : `${region} (watch.hub.region: none leaves it out)`],
    ['own requests', `${own.attempts} in 15 minutes, ${own.failures} failed`],
    ['time', `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC, in steps of 5 minutes`],
    ['version', client],
    ['key', key],
    ['signature', slices(signature, width - LABEL).join(' ')],
  ];
  return [
    paint.bold(`This is sent to ${hub}:`),
    ...rows.flatMap(([name, value]) => wrapped(`  ${name.padEnd(LABEL - 2)}${value}`, width, ' '.repeat(LABEL))),
    '',
    ...['As it is signed:', ...slices(statementText(statement), width - 2).map((slice) => `  ${slice}`)].map(paint.dim),
    ...wrapped('With it goes a number that proves some work. Your address reaches the hub, as with any request.', width, '').map(paint.dim),
  ];
}

/** Text without blanks in pieces that fit a line. */
function slices(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  return [text.slice(0, width), ...slices(text.slice(width), width)];
}

/** What became of it. */
export function outcomeLines(
  { state, hub, earlierAt, problem, dry }: ReportAnswer & { dry?: true },
  title: string,
  { terminal: { width }, deps }: Context,
): string[] {
  return wrapped(outcomeText(), width, '  ');

  function outcomeText(): string {
    if (state === 'earlier') {
      const ago = durationText(Math.max(0, deps.clock.now() - (earlierAt ?? 0)));
      return `You have reported ${title} ${ago} ago, and one report an hour counts. ${dry ? 'This one would be kept' : 'This one is kept'} for your own board.`;
    }
    if (hub === undefined) {
      return `${dry ? 'Nothing would be sent' : 'Kept for your own board; nothing was sent'}: no hub is named. Name one by watch.hub.url in understudy.yaml; see docs/crowd.md.`;
    }
    switch (state) {
      case 'sent':
        return `Reported to ${hub}. Thank you.`;
      case 'waiting':
        return `Kept, and not sent yet (${problem ?? 'the hub is away'}). A running Understudy tries it again for half an hour.`;
      case 'refused':
      case 'late':
        return `Kept for your own board; ${hub} has not taken it: ${problem ?? 'it is too late'}.`;
      case 'kept':
      case 'shown':
        return 'Kept for your own board.';
    }
  }
}
