import { resolve } from 'node:path';
import { cleanImported } from '../../archive/care/finish.ts';
import { LIMITS, parseLimits } from '../../archive/import/limits.ts';
import { exportReaders } from '../../archive/import/readers.ts';
import { runImport } from '../../archive/import/run-import.ts';
import { transcriptReaders } from '../../archive/transcripts/readers.ts';
import { ok } from '../../exchange/result.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { importLines } from './import-view.ts';
import { openedArchive } from './open-archive.ts';
import { progressBar } from './progress-bar.ts';
import { CONFIG_ARGS } from '../read-config.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'Takes exports of Claude, ChatGPT … into the archive.',
  args: {
    ...CONFIG_ARGS,
    path: {
      type: 'positional',
      valueHint: 'PATH',
      required: true,
      description: 'Zips, folders and files as you got them, several at once, in any order.',
    },
    'dry-run': { type: 'boolean', description: 'Read everything, say what would be imported, and write nothing.' },
    again: { type: 'boolean', description: 'Read also files that were imported before; what is in the archive is not doubled.' },
    limit: {
      type: 'string',
      valueHint: 'NAME=VALUE',
      description: `Raise a guard against harmful files: ${Object.keys(LIMITS).join(', ')}; e.g. unpacked=100GB,ratio=500.`,
    },
    json: { type: 'boolean', description: 'Print the report as JSON, with everything that was left out and why.' },
  },
  takesMany: true,
  examples: [
    ['understudy import ~/Downloads/chatgpt-export.zip', 'a zip, as it came'],
    ['understudy import manifest-*.json *.zip', "Claude's: the manifest and the zips that you have so far; the rest can follow"],
    ['understudy import ~/Downloads/Takeout --dry-run', 'an unpacked folder: only look'],
    ["understudy import export.zip --json | jq '.lists.skipped'", 'for a script'],
  ],
  page: 'import.md',
  more: [
    'How to get each official export (November 2026; docs/import.md says more):',
    '  Claude         claude.ai, Settings, Privacy, Export data. The e-mail has a manifest: open each of its links in the browser that asked for it (each works once), keep all zips, give them with the manifest. One zip in older e-mails.',
    '  ChatGPT        chatgpt.com, Settings, Data controls, Export data. The e-mail has a link to one zip.',
    '  Gemini         takeout.google.com: deselect all; My Activity, "All activity data included": only Gemini Apps; "Multiple formats": choose JSON. (The product "Gemini" has only your Gems.)',
    '  Understudy     understudy export --format json',
    '  Claude Code, Codex, Gemini CLI, opencode …: their folders (~/.claude, ~/.codex, ~/.gemini); understudy protect keeps them for good.',
    'Nothing is fetched from the network. What is given stays where it is; its bytes are also kept in the data folder. Importing twice changes nothing.',
    'Exit code 0: everything was read. 1: something could not be, or parts are missing; the rest is in the archive, and each further run says the same. 2: wrong arguments. 130: stopped by Ctrl-C; what was read is in.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    if (flags.words.length === 0) {
      terminal.note(
        'Say what to import: understudy import PATH… (a zip, a folder or a file). understudy import --help says how to get exports.',
      );
      return EXIT.usage;
    }
    const limit = flags.text('limit');
    const limits = limit === undefined ? ok(LIMITS) : parseLimits(limit);
    if (!limits.ok) {
      terminal.note(`${limits.error}.`);
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'write');
    if (!opened.ok) return opened.error;
    const { archive } = opened.value;
    const stop = new AbortController();
    const ignore = deps.surroundings.onSignal('SIGINT', () => stop.abort());
    const bar = progressBar(terminal, deps.clock, { isQuiet: flags.on('json') });
    try {
      const began = deps.clock.now();
      const report = await runImport(
        flags.words.map((path) => resolve(deps.surroundings.workingFolder, path)),
        {
          archive,
          readers: [...exportReaders, ...transcriptReaders],
          limits: limits.value,
          now: () => deps.clock.now(),
          dryRun: flags.on('dry-run'),
          again: flags.on('again'),
          signal: stop.signal,
          progress: bar.show,
        },
      );
      const cleaned = flags.on('dry-run') ? 0 : await cleanImported(archive, began, deps.clock.now());
      bar.clear();
      if (cleaned > 0)
        terminal.note(`${counted(cleaned, 'file')} held what was redacted before, and ${cleaned === 1 ? 'is' : 'are'} kept without it.`);
      if (flags.on('json')) terminal.out(JSON.stringify(report, null, 2));
      else for (const line of importLines(report, terminal)) terminal.out(line);
      if (report.stopped?.by === 'interrupt') return EXIT.interrupted;
      return report.stopped || report.counts.unreadable + report.counts.missing > 0 ? EXIT.failed : EXIT.done;
    } finally {
      bar.clear();
      ignore();
      archive.close();
    }
  },
};
