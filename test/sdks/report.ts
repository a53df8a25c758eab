import { CONDITIONS, type SdkCell } from './cell.ts';
import type { Outcome } from './run-cells.ts';

/** A table: client × what its lead did, with the conversations that went well of those that were held. */
export function reportOf(outcomes: readonly { cell: SdkCell; outcome: Outcome }[]): string {
  const names = [...new Set(outcomes.map(({ cell }) => cell.sdk.name))];
  const rows = names.map((name) => {
    const cells = CONDITIONS.map((condition) => {
      const held = outcomes.filter(({ cell }) => cell.sdk.name === name && cell.condition.name === condition.name);
      const good = held.filter(({ outcome }) => outcome.verdict === 'rescued').length;
      return held.length === 0 ? '' : `${good}/${held.length}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const good = outcomes.filter(({ outcome }) => outcome.verdict === 'rescued').length;
  return [
    `# Client libraries, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${good} of ${outcomes.length} conversations as on a calm day: the exact words, every tool call executed once, no retry by the client. Streamed and not,`,
    'with and without a tool round; the lead (mostly of the client’s own dialect) fails for good, a backup of another dialect stands by.',
    'Made by `npm run test:sdks -- --report`.',
    '',
    `| client | ${CONDITIONS.map(({ name }) => name).join(' | ')} |`,
    `| --- |${CONDITIONS.map(() => ' --- |').join('')}`,
    ...rows,
    '',
  ].join('\n');
}

const VERDICTS = ['rescued', 'kept', 'ended', 'broken'] as const;

/** A table for pairs out of the fault matrix: by client and by content, what became of the conversations; `share`: which part of the selection was held. */
export function wideReportOf(outcomes: readonly { cell: SdkCell; outcome: Outcome }[], share: string): string {
  const rows = (nameOf: (cell: SdkCell) => string): string[] =>
    [...new Set(outcomes.map(({ cell }) => nameOf(cell)))].map((name) => {
      const held = outcomes.filter(({ cell }) => nameOf(cell) === name);
      return `| ${name} | ${held.length} | ${VERDICTS.map((verdict) => countOf(held, verdict)).join(' | ')} |`;
    });
  const head = (what: string): string[] => [`| ${what} | conversations | ${VERDICTS.join(' | ')} |`, `| --- |${' --: |'.repeat(5)}`];
  return [
    `# Client libraries through the fault matrix, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${outcomes.length} conversations, ${share} of a pairwise selection: client library, streamed or not, lead, backup, kind of answer, fault, place, and whether it`,
    'strikes once, twice or for ever. Faults are those that a healthy backup can rescue from (groups A to D of the catalogue, without hosts that are broken for good);',
    'JSON by a schema is demanded by the clients of which `takesSchema` says so in `test/sdks/clients.ts`. Made by `npm run test:sdks -- --wide --report`.',
    '',
    '- **rescued**: the exact words of a calm day, every call executed once, no retry by the client.',
    '- **kept**: the lead died between parallel calls; those that were complete were executed, once each, and answered.',
    '- **ended**: the client was told of a failure, in its own terms, after calls that it had made once each. **broken**: anything else.',
    '',
    ...head('client'),
    ...rows(({ sdk }) => sdk.name),
    '',
    ...head('asked for'),
    ...rows(({ content }) => content),
    '',
  ].join('\n');
}

function countOf(held: readonly { outcome: Outcome }[], verdict: Outcome['verdict']): number {
  return held.filter(({ outcome }) => outcome.verdict === verdict).length;
}
