import { resolve } from 'node:path';
import { whoHolds } from '../../journal/lock.ts';
import type { Command } from '../command.ts';
import { readStatus } from '../control-api.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { announced } from '../announced.ts';
import { findRunning, foundText, notFoundText } from '../running-address.ts';
import { accountFindings } from '../sign-in-place.ts';
import { statusLines } from './status-view.ts';
import { watchStatus } from './status-watch.ts';
import { wrapped } from '../wrap.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Shows who can answer right now, and why others cannot.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    json: { type: 'boolean', description: 'Print what GET /api/status says, as it is; with --watch, each event as a line of JSON.' },
    watch: { type: 'boolean', alias: 'w', description: 'Keep showing it, live, until Ctrl-C.' },
  },
  examples: [
    ['understudy status', 'a table of targets: verdict, breaker, learned limits, room, spend'],
    ['understudy status --watch', 'the same, live'],
    ['understudy status --json | jq \'.targets[] | select(.verdict != "operational")\'', 'for a script'],
  ],
  page: 'signals.md',
  more: [
    'Exit code 0: it runs. 3: no running Understudy was found, or something else answers. No key is needed. An access token is read from the config or UNDERSTUDY_TOKEN.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const loaded = readConfigAnyway(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const { settings } = loaded.value.loaded;
    const asked = flags.text('url') === undefined && flags.text('data') !== undefined ? settings.data : undefined;
    if (asked !== undefined && !whoHolds(asked).held) {
      terminal.note(`No Understudy runs with the data folder ${asked}. Start one with: understudy start --data ${asked}`);
      return EXIT.notRunning;
    }
    const url = flags.text('url');
    const found = url === undefined ? findRunning(context, loaded.value.loaded) : undefined;
    const address = found?.address ?? url ?? '';
    if (!URL.canParse(address)) {
      terminal.note(`--url ${address} is no URL; give one such as http://127.0.0.1:4141.`);
      return EXIT.usage;
    }
    const token = found ? found.token : (deps.surroundings.environment['UNDERSTUDY_TOKEN'] ?? settings.server.token);
    const status = await readStatus(address, token);
    if (!status.ok) {
      terminal.note(status.error.message);
      if (status.error.type === 'not-running')
        for (const line of notFoundText(found?.others ?? announced(deps.surroundings))) terminal.note(line);
      return status.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
    }
    const { report, given } = status.value;
    if (asked !== undefined && resolve(report.data) !== asked) {
      terminal.note(`The Understudy at ${address} keeps its data in ${report.data}, not in ${asked}. Where is the other one? Give --url.`);
      return EXIT.notRunning;
    }
    for (const line of found ? foundText(found) : []) terminal.note(line);
    if (flags.on('watch')) await watchStatus({ address, token, json: flags.on('json') }, context);
    else if (flags.on('json')) terminal.out(JSON.stringify(given, null, 2));
    else {
      for (const line of statusLines(report, deps.clock.now(), terminal)) terminal.out(line);
      const accounts = await accountFindings(found?.loaded ?? loaded.value.loaded, deps);
      for (const { about, said } of accounts) for (const line of wrapped(`${about}: ${said}`, terminal.width, '  ')) terminal.out(line);
    }
    return EXIT.done;
  },
};
