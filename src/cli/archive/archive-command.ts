import { checkArchive, type Finding } from '../../archive/care/check.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { archiveRetention } from './archive-retention.ts';
import { archiveSizes } from './archive-sizes.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

export const archiveCommand: Command = {
  name: 'archive',
  summary: 'Checks the archive; what takes room; what rules remove.',
  args: {
    what: { type: 'positional', required: true, description: 'check, sizes or retention' },
    now: { type: 'boolean', description: 'In retention: what rules have reached goes now, without the wait of seven days.' },
    removed: { type: 'boolean', description: 'In retention: what rules have removed.' },
    yes: { type: 'boolean', description: 'With --now: without being asked; needed where nobody can be.' },
    json: { type: 'boolean', description: 'Print it as JSON.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy archive check', 'databases, search index, originals, transcripts, disk'],
    ['understudy archive sizes', 'what takes how much, and how long the disk lasts'],
    ['understudy archive retention', 'what each rule of archive.retention removes, and when'],
    ['understudy archive retention --removed', 'what rules have removed'],
  ],
  page: 'care.md',
  more: ['check changes nothing, and says what to do about what it finds. Exits with 1 when something is damaged or missing.'],
  async run(context) {
    const { flags, terminal, deps } = context;
    const [what] = flags.words;
    if (what === 'sizes') return archiveSizes(context);
    if (what === 'retention') return archiveRetention(context);
    if (what !== 'check') {
      const ways = 'understudy archive check, sizes or retention';
      terminal.note(what === undefined ? `What of it? ${ways}` : `There is no \`${what}\`: ${ways}`);
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
