import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { table } from '../matrix/tally.ts';
import { eachCell } from '../matrix/cell.ts';
import { edgeCells } from './edges.ts';
import { AT_THE_PORT_ONLY, pairwiseCells, socketCellName } from './socket-cell.ts';
import { calmDay, tallySockets } from './tally.ts';

/**
 * A pairwise selection of the fault matrix over real sockets, or cuts at frame edges and sampled bytes, with the official
 * clients. Prints the table; exits with 1 where a promise was broken.
 *
 *   node test/sockets/run.ts [--cuts] [--seed N] [--stride N] [--match TEXT] [--list N] [--report]
 */
const { values } = parseArgs({
  options: {
    cuts: { type: 'boolean', default: false },
    seed: { type: 'string', default: '20260602' },
    stride: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    list: { type: 'string', default: '40' },
    report: { type: 'boolean', default: false },
  },
});
// The AI SDK warns of model names that it does not know; ours are all of that kind.
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

const seed = Number(values.seed);
const stride = Number(values.stride);
const began = performance.now();
const calm = await calmDay();
const cells = values.cuts ? edgeCells(calm, seed) : pairwiseCells(seed);
const chosen = cells.filter((cell, index) => index % stride === 0 && socketCellName(cell).includes(values.match));
const result = await tallySockets(chosen, calm);
const seconds = Math.round((performance.now() - began) / 100) / 10;

const title = values.cuts ? 'Cuts over sockets' : 'The fault matrix over sockets';
const atThePort = [...eachCell()].filter((cell) => AT_THE_PORT_ONLY.has(cell.fault.id)).length;
const summary = [
  `${result.cells} cells, ${seconds} s; longest wait ${Math.round(result.slowest.took / 100) / 10} s (${result.slowest.name})`,
  `promises broken: ${result.broken.length}; errors where a rescue was hoped for: ${result.unrescued.length}`,
  ...(values.cuts
    ? []
    : [
        `not made over sockets: ${[...AT_THE_PORT_ONLY].join(', ')} need rights over the network; ${atThePort} cells injected at the port by test/matrix`,
      ]),
];
console.log([table(result), '', ...summary].join('\n'));
for (const { name, verdict, detail } of result.broken.slice(0, Number(values.list))) console.log(`${verdict}: ${name}\n    ${detail}`);
for (const name of result.unrescued.slice(0, Number(values.list))) console.log(`error: ${name}`);

if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const file = `docs/reports/${date}-sockets${values.cuts ? '-cuts' : ''}.md`;
  mkdirSync('docs/reports', { recursive: true });
  const head = `# ${title}\n\n${date}, commit ${commit}, Node ${process.version}, seed ${seed}, stride ${stride}. Clients: @anthropic-ai/sdk, openai (chat and responses), @google/genai, ai with @ai-sdk/anthropic, @ai-sdk/openai (chat and responses), @ai-sdk/google and @ai-sdk/openai-compatible; an Understudy in a process of its own; simulated providers and broken hosts on real sockets.\n`;
  writeFileSync(file, `${head}\n${table(result)}\n\n${summary.join('\n\n')}\n`);
  console.log(`written to ${file}`);
}
process.exitCode = result.broken.length > 0 ? 1 : 0;
