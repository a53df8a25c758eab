import { CORES } from './cores.ts';
import { scoreOf, type Result } from './result.ts';

export function reportOf(results: readonly Result[], { date, commit }: { date: string; commit: string }): string {
  const sum = (figure: 'killed' | 'timeout' | 'survived' | 'uncovered'): number => results.reduce((all, result) => all + result[figure], 0);
  const total: Result = {
    name: 'all',
    killed: sum('killed'),
    timeout: sum('timeout'),
    survived: sum('survived'),
    uncovered: sum('uncovered'),
    survivors: [],
  };
  return `# Mutation testing

${date}, commit ${commit}. Stryker changes each pure core in small ways; a change that no test notices (by failing, or by never ending) is a survivor. Only the tests named beside a
core are asked, so the whole suite notices more. Again: \`npm run test:mutation -- --survivors\`, or with the names of some cores.

| core | tests | mutants | noticed | survived | not reached | score |
| --- | --- | --: | --: | --: | --: | --: |
${[...results, total].map(row).join('\n')}
`;
}

function row(result: Result): string {
  const { name, killed, timeout, survived, uncovered } = result;
  const core = CORES.find((one) => one.name === name);
  const tests = core?.tests.map((file) => file.replace(/.*\/|\.test\.ts$/g, '')).join(', ') ?? '';
  const all = killed + timeout + survived + uncovered;
  return `| ${core?.file ?? name} | ${tests} | ${all} | ${killed + timeout} | ${survived} | ${uncovered} | ${scoreOf(result).toFixed(1)} % |`;
}
