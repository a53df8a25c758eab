import { checkArchive, type Finding } from '../../archive/care/check.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

export const archiveCommand: Command = {
  name: 'archive',
  summary: 'Checks everything that the archive is made of.',
  args: {
    what: { type: 'positional', required: true, description: 'check' },
    json: { type: 'boolean', description: 'Print the findings as JSON.' },
    ...CONFIG_ARGS,
  },
  examples: [['understudy archive check', 'databases, search index, originals, transcripts, disk']],
  page: 'care.md',
  more: ['It changes nothing, and says what to do about what it finds. Exits with 1 when something is damaged or missing.'],
  async run(context) {
    const { flags, terminal, deps } = context;
    const [what] = flags.words;
    if (what !== 'check') {
      terminal.note(what === undefined ? 'What of it? understudy archive check' : `There is no \`${what}\`: understudy archive check`);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive, data } = opened.value;
    const stop = new AbortController();
    const undo = (['SIGINT', 'SIGTERM'] as const).map((each) => deps.surroundings.onSignal(each, () => stop.abort()));
    try {
      const findings = await checkArchive({ archive, dataFolder: data, now: deps.clock.now(), signal: stop.signal });
      if (flags.on('json')) terminal.out(JSON.stringify(findings, null, 2));
      else for (const finding of findings) for (const line of findingLines(finding, terminal)) terminal.out(line);
      return findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.done;
    } catch (error) {
      if (stop.signal.aborted) return EXIT.interrupted;
      throw error;
    } finally {
      for (const each of undo) each();
      archive.close();
    }
  },
};

function findingLines({ about, state, said, advice, which }: Finding, { paint, width }: Terminal): string[] {
  const mark = { good: paint.good('✓'), look: paint.warn('!'), bad: paint.bad('✗') }[state];
  return [
    ...wrapped(`${mark} ${about}: ${said}`, width, '  '),
    ...(which ?? []).map((each) => `    ${each}`),
    ...(advice === undefined ? [] : wrapped(`  ${advice}`, width, '  ')),
  ];
}
