import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSim } from '../../src/sim/serve.ts';
import { type Place, runIn } from './place.ts';
import type { Check } from './run.ts';

/** The oldest and the newest compiler that a consumer is expected to have. */
const COMPILERS = { 'TypeScript 5': '5.9', 'TypeScript 7': '7.0' } as const;

const MODERN = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: false };

/** `import { createFailover } from 'understudy'`: it runs, it keeps a journal, and its types are good for a strict compiler. */
export async function libraryChecks(place: Place, root: string, check: Check): Promise<void> {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
  const others = ['ai', '@ai-sdk/anthropic', '@ai-sdk/openai'].map((name) => `${name}@${devDependencies[name]}`);
  const installed = await runIn(place, ['npm', 'install', ...others, `@types/node@${devDependencies['@types/node']}`]);
  if (!check('the AI SDK beside it', installed.code === 0 ? [] : [installed.errors])) return;
  await example(place, root, check);
  await kept(place, check);
  for (const [title, version] of Object.entries(COMPILERS)) await compiled(place, title, version, check);
}

/** Without a backup, and with one whose answer was cut: as the page of the docs stands. */
async function example(place: Place, root: string, check: Check): Promise<void> {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/library.md'), 'utf8')) ?? [];
  const lead = await startSim({ name: 'lead', faults: [{ fault: 'error-event', position: 'text-middle' }] });
  const backup = await startSim({ name: 'backup' });
  writeFileSync(join(place.folder, 'example.mts'), program ?? '');
  const ran = await runIn(place, ['node', 'example.mts'], {
    ANTHROPIC_BASE_URL: `${lead.url}/v1`,
    ANTHROPIC_API_KEY: 'k',
    OPENAI_BASE_URL: `${backup.url}/v1`,
    OPENAI_API_KEY: 'k',
  });
  await Promise.all([lead.close(), backup.close()]);
  const fine =
    ran.code === 0 && ran.out.endsWith('That is the end of the simulated answer.') && ran.errors.includes(' → openai.responses/');
  check("docs/library.md's example, with a lead that breaks", fine ? [] : [`exit code ${ran.code}`, ran.out, ran.errors]);
}

async function kept(place: Place, check: Check): Promise<void> {
  const sim = await startSim({ name: 'lead' });
  const program = `
    import { createAnthropic } from '@ai-sdk/anthropic';
    import { generateText } from 'ai';
    import { createFailover } from 'understudy';
    const notices = [];
    const anthropic = createAnthropic({ baseURL: '${sim.url}/v1', apiKey: 'k' });
    const model = createFailover({ models: [anthropic('claude-sonnet-4-6')], journal: 'words', onNotice: (notice) => notices.push(notice) });
    const { text } = await generateText({ model, prompt: 'Hello' });
    await model.close();
    console.log(JSON.stringify({ text, notices }));`;
  writeFileSync(join(place.folder, 'kept.mjs'), program);
  const ran = await runIn(place, ['node', 'kept.mjs']);
  await sim.close();
  const record = runIn(place, [
    'node',
    '-e',
    `
    const { DatabaseSync } = require('node:sqlite');
    console.log(new DatabaseSync('words/record.db').prepare('SELECT count(*) AS n FROM exchanges').get().n)`,
  ]);
  const said = ran.code === 0 ? (JSON.parse(ran.out) as { text: string; notices: string[] }) : undefined;
  const rows = (await record).out.trim();
  check(
    'with a journal',
    said?.text.includes('end of the simulated answer') && said.notices.length === 0 && rows === '1'
      ? []
      : [ran.out, ran.errors, `rows: ${rows}`],
  );
}

const CONSUMER = `
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createFailover, createFailoverHealth, type AttemptReport, type FailoverModel, type FailoverOptions, type SwitchReport } from 'understudy';

declare const lead: LanguageModelV4;
const options: FailoverOptions = {
  models: [lead, { model: lead, local: true, facts: { contextWindow: 8192 } }],
  deadlines: { total: '5m' },
  failover: { maxHops: 1, hedge: 'auto' },
  spend: '20/day',
  health: createFailoverHealth(),
  onAttempt: ({ target, kind }: AttemptReport) => void [target.toUpperCase(), kind === 'hop'],
  onSwitch: ({ from, fault }: SwitchReport) => void [from, fault?.message],
};
export const model: FailoverModel = createFailover(options);
export const asModel: LanguageModelV4 = model;
export const verdicts: string[] = model.status().map(({ target, verdict }) => target + verdict);
// @ts-expect-error A duration is no list.
createFailover({ models: [lead], deadlines: { total: [] } });
// @ts-expect-error There is no such option.
createFailover({ models: [lead], retries: 3 });
// @ts-expect-error Models are needed.
createFailover({});
`;

/** Our own declarations are checked too (\`skipLibCheck: false\`), with Node's types and without; other packages' are their affair. */
async function compiled(place: Place, title: string, version: string, check: Check): Promise<void> {
  const compiler = { ...place, folder: join(place.folder, `with-${version}`) };
  const installed = await runIn(place, ['npm', 'install', '--prefix', compiler.folder, '--no-save', `typescript@${version}`]);
  if (installed.code !== 0) return void check(title, [installed.errors]);
  writeFileSync(join(place.folder, 'consumer.ts'), CONSUMER);
  const ways = [
    { how: 'nodenext', options: { ...MODERN, types: ['node'] } },
    {
      how: 'a bundler, without Node’s types',
      options: { ...MODERN, module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
    },
  ];
  for (const { how, options } of ways) {
    writeFileSync(
      join(place.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, exactOptionalPropertyTypes: true }, files: ['consumer.ts'] }),
    );
    const ran = await runIn(place, ['node', join(compiler.folder, 'node_modules/typescript/bin/tsc'), '-p', '.', '--pretty', 'false']);
    const ours = ran.out.split('\n').filter((line) => /^(consumer\.ts|node_modules\/understudy\/|error)/.test(line));
    check(`its types, strictly: ${title}, ${how}`, ours);
  }
  rmSync(join(place.folder, 'tsconfig.json'));
}
