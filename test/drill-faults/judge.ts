import type { PlantedFault, TargetReport } from '../../src/drill/readiness/report.ts';

/** Whether a drill has named what was planted in a backup, with a reason and with what to do, and nothing else. */
export function judge(target: TargetReport | undefined, expected: readonly PlantedFault[]): { problems: string[]; named: PlantedFault[] } {
  if (!target) return { problems: ['it is not in the report'], named: [] };
  const found = target.findings.filter(({ fault }) => fault !== undefined);
  const named = found.flatMap(({ fault }) => fault ?? []);
  const problems = [
    ...expected.filter((fault) => !named.includes(fault)).map((fault) => `${fault} was missed`),
    ...found.filter(({ fault }) => !expected.includes(fault!)).map(({ fault, said }) => `${fault} was named, and is not there: ${said}`),
    ...found.filter(({ state }) => state !== 'bad').map(({ fault, state }) => `${fault} is ${state}, not bad`),
    ...found
      .filter(({ said, advice }) => said.length < 20 || (advice ?? '').length < 20)
      .map(({ fault }) => `${fault}: no reason, or nothing to do`),
  ];
  if (expected.length === 0) {
    const others = target.findings.filter(({ state, check }) => state === 'bad' || (state === 'look' && check !== 'cost'));
    problems.push(...others.map(({ check, said }) => `nothing was planted, and ${check} is not good: ${said}`));
    problems.push(...target.tasks.filter(({ result }) => result !== 'passed').map(({ title, why }) => `${title}: ${why}`));
    if (target.carriedOn.state !== 'good') problems.push(target.carriedOn.said);
  }
  return { problems, named };
}
