import { board } from '../../server/watch/schemas.ts';
import type { Board } from '../../watch/questions.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import { announced } from '../announced.ts';
import { askServer, placeOf } from './ask-server.ts';
import { boardLines } from './board-view.ts';
import { lookHere, ONE_LOOK } from './look-here.ts';

export const boardCommand: Command = {
  name: 'board',
  summary: 'Shows which products are up, since when, and why.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    all: { type: 'boolean', alias: 'a', description: 'Models that are well too, not only those in trouble.' },
    json: { type: 'boolean', description: 'Print what GET /api/board says, as it is.' },
  },
  examples: [
    ['understudy board', 'products that are watched, open incidents, planned work'],
    ['understudy board --json', 'for a script'],
  ],
  page: 'watch.md',
  more: [
    'Where no Understudy runs, status pages of what is configured are read once, and that is all that it shows.',
    'Exit code 0: it was shown, whatever it says; `understudy check` answers by its exit code. 3: nothing runs at --url.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    const got = await askServer(place, '/api/board', board);
    if (!got.ok) {
      const look = got.error.type === 'not-running' && flags.text('url') === undefined ? await lookHere(context, []) : undefined;
      if (look) {
        terminal.note(ONE_LOOK);
        if (flags.on('json')) terminal.out(JSON.stringify(look.board, null, 2));
        else for (const line of boardLines(look.board, { all: flags.on('all') }, terminal)) terminal.out(line);
        return EXIT.done;
      }
      terminal.note(got.error.message);
      if (got.error.type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
      return got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
    }
    if (flags.on('json')) terminal.out(JSON.stringify(got.value.given, null, 2));
    else for (const line of boardLines(got.value.value as Board, { all: flags.on('all') }, terminal)) terminal.out(line);
    return EXIT.done;
  },
};
