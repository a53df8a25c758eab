import { CONDITIONS, type SdkCell } from './cell.ts';
import type { Outcome } from './run-cells.ts';

/** A table: client × what its lead did, with the conversations that went well of those that were held. */
export function reportOf(outcomes: readonly { cell: SdkCell; outcome: Outcome }[]): string {
  const names = [...new Set(outcomes.map(({ cell }) => cell.sdk.name))];
  const rows = names.map((name) => {
    const cells = CONDITIONS.map((condition) => {
      const held = outcomes.filter(({ cell }) => cell.sdk.name === name && cell.condition.name === condition.name);
      const good = held.filter(({ outcome }) => outcome.problems.length === 0).length;
      return held.length === 0 ? '' : `${good}/${held.length}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const good = outcomes.filter(({ outcome }) => outcome.problems.length === 0).length;
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
