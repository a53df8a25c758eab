import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '../../exchange/result.ts';
import { announced } from '../announced.ts';
import type { Command } from '../command.ts';
import { counted } from '../counted.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import { askServer, type Place, placeOf } from './ask-server.ts';

const fileList = z.object({ files: z.array(z.string()) });
/** Files read at the same time. */
const AT_ONCE = 4;

export const publishCommand: Command = {
  name: 'publish',
  summary: 'Writes a status page of your own into a folder.',
  args: {
    folder: { type: 'positional', required: false, description: 'Where to; made if it is not there.' },
    address: { type: 'string', valueHint: 'URL', description: 'Where it will be served, for the links in its feeds.' },
    url: { type: 'string', valueHint: 'URL', description: 'Where Understudy runs; default: whichever of yours runs on this machine.' },
    ...CONFIG_ARGS,
  },
  examples: [
    ['understudy publish public/status --address https://example.org/status', 'page, feeds, badges, JSON'],
    ['while sleep 60; do understudy publish public/status; done', 'kept up to date'],
  ],
  page: 'watch.md',
  more: [
    'A running Understudy serves the same at /status/. Everything in the folder can be read by whoever can read the folder: products, verdicts with their reasons (shares of failed requests, no content), incidents.',
    'Exit code 0: it is written. 1: it could not be. 3: no running Understudy was found.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const [folder] = flags.words;
    const address = flags.text('address') ?? '';
    if (folder === undefined || (address !== '' && !URL.canParse(address))) {
      terminal.note(folder === undefined ? 'Name a folder: understudy publish FOLDER' : `--address ${address} is no URL.`);
      return EXIT.usage;
    }
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    const query = address === '' ? '' : `?address=${encodeURIComponent(address)}`;
    const list = await askServer(place, `/status/files.json${query}`, fileList);
    if (!list.ok) {
      terminal.note(list.error.message);
      if (list.error.type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
      return list.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
    }
    const root = resolve(deps.surroundings.workingFolder, folder);
    const { files } = list.value.value;
    const waiting = [...files];
    const problems: string[] = [];
    const lane = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined && problems.length === 0; file = waiting.shift()) {
        const written = await copy(place, file, query, root);
        if (!written.ok) problems.push(written.error);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    if (problems[0] !== undefined) {
      terminal.note(problems[0]);
      return EXIT.failed;
    }
    terminal.out(`${counted(files.length, 'file')} written to ${root}.`);
    return EXIT.done;
  },
};

/** A file is whole at every moment: web servers read while it is written. */
async function copy({ address, token }: Place, file: string, query: string, root: string): Promise<Result<void, string>> {
  const path = join(root, ...file.split('/'));
  if (!path.startsWith(root + sep)) return err(`The server names a file outside of the folder: ${file}.`);
  try {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const place = file.split('/').map(encodeURIComponent).join('/');
    const response = await fetch(new URL(`/status/${place}${query}`, address), { headers });
    if (!response.ok) return err(`${file} could not be read: status ${response.status}.`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, await response.text());
    renameSync(`${path}.new`, path);
    return ok(undefined);
  } catch (error) {
    return err(`${file} could not be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
