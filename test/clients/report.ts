import type { ClientCase } from './cases.ts';
import type { CaseResult } from './run-case.ts';

/** A dated page: what was run, CLI by trouble, and what failed. */
export function reportOf(results: readonly { each: ClientCase; result: CaseResult }[], seconds: number): string {
  const variants = [...new Map(results.map(({ each }) => [each.variant.name, each.variant])).values()];
  const troubles = [...new Set(results.map(({ each }) => each.trouble.name))];
  const passed = results.filter(({ result }) => result.problems.length === 0).length;
  const cell = (variant: string, trouble: string): string => {
    const runs = results.filter(({ each }) => each.variant.name === variant && each.trouble.name === trouble);
    const good = runs.filter(({ result }) => result.problems.length === 0).length;
    return runs.length === 0 ? '' : good === runs.length ? `${good}` : `**${good} of ${runs.length}**`;
  };
  return [
    `# Real clients, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `\`npm run test:clients\`: ${results.length} runs, ${passed} passed, ${results.length - passed} failed, ${Math.round(seconds)} s, Node ${process.version}.`,
    'Each number counts runs that passed: exit code 0, the exact words, one execution of the tool, no retry by the CLI, every word on disk,',
    'and no provider has seen a key that is not its own. The lead fails at every request; the backup speaks one of the four dialects.',
    '',
    `| the lead | ${variants.map(({ name }) => name).join(' | ')} |`,
    `| --- |${variants.map(() => ' --- |').join('')}`,
    ...troubles.map((trouble) => `| ${trouble} | ${variants.map(({ name }) => cell(name, trouble)).join(' | ')} |`),
    '',
    `Versions: ${[...new Set(variants.map(({ package: { name, version } }) => `${name} ${version}`))].join(', ')}.`,
    '',
  ].join('\n');
}
