/** The judgement in Markdown: for people in a terminal and for docs/reports. */
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { Cell, Judgement } from './judge.ts';
import { LOSSES, type LossKind } from './losses.ts';
import { TARGETS } from './pair.ts';
import type { Corpora } from './recordings.ts';

const KINDS = Object.keys(LOSSES) as LossKind[];

/** Source x target: cases; then what could not be said, as `kind pieces/answers`. */
export function pairTable(cells: readonly Cell[]): string {
  const rows = [`| source | answers | ${TARGETS.join(' | ')} |`, `|---|---:|${TARGETS.map(() => '---|').join('')}`];
  const sources = [...new Set(cells.map(({ source, from }) => `${source}|${from}`))];
  for (const key of sources) {
    const [source, from] = key.split('|') as [string, DialectName];
    const row = TARGETS.map((to) => cells.find((cell) => cell.source === source && cell.from === from && cell.to === to)!);
    rows.push(
      `| ${source}, ${from} | ${row[0]!.cases} | ${row.map((cell) => (cell.to === from ? `own: ${lost(cell)}` : lost(cell))).join(' | ')} |`,
    );
  }
  return rows.join('\n');
}

function lost({ losses, answers }: Cell): string {
  const found = KINDS.filter((kind) => losses[kind] !== undefined);
  return found.length === 0 ? 'nothing lost' : found.map((kind) => `${kind} ${losses[kind]}/${answers[kind]}`).join(', ');
}

/** All of it. */
export function report({ recordings, broken, errors, others }: Corpora, { cells, problems, known }: Judgement): string {
  const cases = cells.reduce((sum, cell) => sum + cell.cases, 0);
  const used = KINDS.filter((kind) => cells.some(({ losses }) => losses[kind] !== undefined));
  const reasons = Map.groupBy(others, ({ why }) => why ?? 'unknown');
  return [
    `${recordings.length} recorded answers (${recordings.filter(({ said }) => said.type === 'stream').length} streams, ` +
      `${recordings.filter(({ said }) => said.type === 'body').length} whole bodies) x ${TARGETS.length} dialects = ${cases} cases, each written as a stream and as a whole body and ` +
      "read by the dialect's official SDK: the same text, tool names and arguments, stop class and tokens. " +
      `${errors.length} recorded errors are read; ${broken.length} broken streams are recognised; ${problems.length} unexplained differences.`,
    '',
    'In each cell what could not be said there, as `kind pieces/answers`. On the pass-through path nothing is written anew: an own dialect’s bytes are the same bytes.',
    '',
    pairTable(cells),
    '',
    '## Losses',
    '',
    ...used.map((kind) => `- **${kind}**: ${LOSSES[kind]}.`),
    '',
    '## Known differences',
    '',
    '| recordings | times | why |',
    '|---|---:|---|',
    ...[...known].map(([{ name, why }, times]) => `| \`${name.source.replaceAll('|', '\\|')}\` | ${times} | ${why} |`),
    '',
    '## Files that are no answers in these dialects',
    '',
    '| files | what |',
    '|---:|---|',
    ...[...reasons].map(([why, files]) => `| ${files.length} | ${why} |`),
  ].join('\n');
}
