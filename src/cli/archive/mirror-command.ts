import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openMirror } from '../../archive/mirror/mirror.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';

/** Conversations at a time: Ctrl-C is heard in between. */
const STEP = 50;
/** Milliseconds between looks at the archive. */
const PAUSE = 2000;

export const mirrorCommand: Command = {
  name: 'mirror',
  summary: 'Keeps a folder of Markdown that follows the archive.',
  args: {
    folder: { type: 'positional', required: true, description: 'Where to; it is made if it isn’t there.' },
    watch: { type: 'boolean', alias: 'w', description: 'Go on following, until Ctrl-C.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy mirror ~/conversations', 'brings it up to date'],
    ['understudy mirror ~/conversations --watch', 'and keeps it so'],
  ],
  page: 'export.md',
  more: [
    'One file a conversation, by source and month; attachments beside. Only what has changed is written, so git sees only that.',
    'A running server keeps a mirror by itself: archive: { mirror: ~/conversations } in the configuration.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const [folder] = flags.words;
    if (folder === undefined) {
      terminal.note('Into which folder? understudy mirror DIR');
      return EXIT.usage;
    }
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const stop = new AbortController();
    const undo = (['SIGINT', 'SIGTERM'] as const).map((each) => deps.surroundings.onSignal(each, () => stop.abort()));
    const path = resolve(deps.surroundings.workingFolder, folder);
    try {
      const mirror = openMirror(opened.value.archive, path);
      let written = 0;
      let isFirst = true;
      while (!stop.signal.aborted) {
        const followed = mirror.follow(STEP);
        written += followed.written;
        if (terminal.screen && followed.written > 0) terminal.raw(`\r${counted(written, 'conversation')} written`);
        if (followed.more) {
          await wait(0);
          continue;
        }
        if (isFirst)
          terminal.note(`${terminal.screen && written > 0 ? '\n' : ''}${path} is up to date: ${counted(written, 'conversation')} written.`);
        isFirst = false;
        if (!flags.on('watch')) return EXIT.done;
        await wait(PAUSE, undefined, { signal: stop.signal }).catch(() => undefined);
      }
      return EXIT.interrupted;
    } catch (error) {
      terminal.note(
        `${path} can't be written: ${error instanceof Error ? error.message : String(error)}. What was written stays; run it again.`,
      );
      return EXIT.failed;
    } finally {
      for (const each of undo) each();
      opened.value.archive.close();
    }
  },
};
