import { presets } from '../providers/catalogue.ts';

/** Ways to a backup that cost nothing, each with what becomes of the text that is sent there. */
export function freeWays(): string[] {
  const keys = presets.flatMap(({ title, free, keyPage, keyVariables: [variable] }) =>
    free === undefined || variable === undefined ? [] : [`  ${title}, key from ${keyPage} as ${variable}: ${free}`],
  );
  const local = presets.filter((preset) => preset.local).map(({ title, keyPage }) => `${title} (${keyPage})`);
  return [
    'Without paying, and with what that means for your text:',
    ...keys,
    `  On this machine, with nothing leaving it: ${local.join(', ')}. The models have licences of their own.`,
  ];
}
