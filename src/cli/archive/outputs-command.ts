import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { outputsOf } from '../../archive/export/outputs.ts';
import type { Output } from '../../archive/export/outputs.ts';
import type { Archive } from '../../archive/store/open.ts';
import { originalPath } from '../../archive/store/originals.ts';
import { messagesOf } from '../../archive/store/read.ts';
import { shownBranch } from '../../archive/tree.ts';
import { CHOICE_ARGS, chosenConversation } from './chosen-conversation.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';

const NOTHING = 'There is no code block, no file that a tool wrote and no attachment in it.';

export const outputsCommand: Command = {
  name: 'outputs',
  summary: 'Pulls files and code out of a conversation.',
  args: {
    id: { type: 'positional', required: false, description: 'A conversation, by its id or the beginning of it.' },
    ...CHOICE_ARGS,
    to: { type: 'string', alias: 't', valueHint: 'DIR', description: 'Folder to write them to; without it they are listed.' },
    branches: { type: 'boolean', description: 'Of all branches, not only the one that is shown.' },
    json: { type: 'boolean', description: 'The list, for machines.' },
    force: { type: 'boolean', description: 'Write over files that are there.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy outputs --last', 'what there is'],
    ['understudy outputs --last --to ./rescued', 'as files'],
  ],
  page: 'export.md',
  more: [
    'Names come from the conversation; files stay below DIR whatever they are called. A file that was written several times comes in order: a.ts, a-2.ts.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const opened = await openedArchive(context, 'read');
    if (!opened.ok) return opened.error;
    const { archive } = opened.value;
    try {
      const chosen = chosenConversation(archive, context);
      if (!chosen.ok) {
        terminal.note(chosen.error);
        return EXIT.usage;
      }
      const all = [...messagesOf(archive, chosen.value.id)];
      const outputs = outputsOf(flags.on('branches') ? all : shownBranch(all, chosen.value.current));
      const to = flags.text('to');
      if (flags.on('json')) terminal.out(JSON.stringify(outputs.map(described), null, 2));
      if (to === undefined) {
        if (!flags.on('json')) for (const output of outputs) terminal.out(lineOf(output));
        if (outputs.length === 0) terminal.note(NOTHING);
        return EXIT.done;
      }
      const folder = resolve(deps.surroundings.workingFolder, to);
      const there = outputs.filter(({ path }) => existsSync(join(folder, path)));
      if (there.length > 0 && !flags.on('force')) {
        terminal.note(
          `${there.length === 1 ? `${there[0]!.path} is` : `${there.length} of the files are`} in ${folder} already; --force writes over ${there.length === 1 ? 'it' : 'them'}.`,
        );
        return EXIT.usage;
      }
      const missing = outputs.filter((output) => !write(archive, output, folder));
      for (const { path } of missing) terminal.note(`${path}: the archive has its name only, its bytes are gone.`);
      terminal.note(outputs.length === 0 ? NOTHING : `${counted(outputs.length - missing.length, 'file')} written to ${folder}.`);
      return missing.length === 0 ? EXIT.done : EXIT.failed;
    } finally {
      archive.close();
    }
  },
};

function described({ path, content, message, from }: Output): Record<string, unknown> {
  return { path, from, message, ...(content.type === 'text' ? { text: content.text } : { sha256: content.sha256 }) };
}

function lineOf({ path, content, from }: Output): string {
  const size = content.type === 'text' ? `${counted(content.text.split('\n').length, 'line')}` : 'attachment';
  return `${path}  (${from === 'code' ? 'code block' : from === 'tool' ? 'written by a tool' : 'file'}, ${size})`;
}

function write(archive: Archive, { path, content }: Output, folder: string): boolean {
  const target = join(folder, path);
  if (content.type === 'stored' && !existsSync(originalPath(archive, content.sha256))) return false;
  mkdirSync(dirname(target), { recursive: true });
  if (content.type === 'text') writeFileSync(target, content.text);
  else archive.files.copyOut(originalPath(archive, content.sha256), target);
  return true;
}
