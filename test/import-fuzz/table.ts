import type { Outcome } from './fuzz.ts';

export function tableOf(
  { kinds, complaints }: Outcome,
  run: { date: string; commit: string; inputs: number; seed: number; seconds: number },
): string {
  const rows = [...kinds].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `# Import: spoilt and invented files

${run.date}, commit ${run.commit}; \`node test/import-fuzz/run.ts --inputs ${run.inputs} --seed ${run.seed} --report\`; ${run.seconds} s on a machine that others used.

Good files of every kind (our own, and of the shared fixtures) with one to four places flipped, deleted, doubled, inserted or cut off; the same with values of
other types in place of some; and JSON that was never an export, made of exports' names. Each is imported, every tenth twice.

- *whole*: everything was read, and nothing had to be said. *in part*: conversations were read, and what was not is listed. *refused*: nothing could be read,
  and why is listed. Counted apart from our readers, by parsing the file whole: each conversation and each message is told or listed.
- complaints: a crash, a stop, a mistake of ours, something neither told nor listed, or a second import that changed something.

| what | inputs | whole | in part | refused | complaints |
|---|---:|---:|---:|---:|---:|
${rows.map(([name, one]) => `| ${name} | ${one.inputs} | ${one.whole} | ${one.part} | ${one.refused} | ${one.complaints} |`).join('\n')}

${complaints.length} complaints.
`;
}
