import type { StatusReport } from '../server/ports.ts';
import type { Command } from './command.ts';
import { getControl } from './control-api.ts';
import { EXIT } from './exit-code.ts';
import { CONFIG_ARGS, readConfig } from './read-config.ts';
import { runningAddress } from './running-address.ts';
import { statusLines } from './status-view.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Shows who can answer right now, according to a running Understudy.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: found by configuration and data folder.' },
    json: { type: 'boolean', description: 'Print what GET /api/status says, as it is.' },
  },
  examples: [
    ['understudy status', 'a table of targets: verdict, breaker, learned limits'],
    ['understudy status --json | jq \'.targets[] | select(.verdict != "operational")\'', 'for a script'],
  ],
  more: ['Exit code 0: it runs. 3: no running Understudy was found. An access token is read from the config or UNDERSTUDY_TOKEN.'],
  async run(context) {
    const { flags, terminal, deps } = context;
    const loaded = readConfig(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const { settings } = loaded.value;
    const address = flags.text('url') ?? runningAddress(settings);
    if (!URL.canParse(address)) {
      terminal.note(`--url ${address} is no URL; give one such as http://127.0.0.1:4141.`);
      return EXIT.usage;
    }
    const token = deps.surroundings.environment['UNDERSTUDY_TOKEN'] ?? settings.server.token;
    const report = await getControl<StatusReport>(address, '/api/status', token);
    if (!report.ok) {
      terminal.note(report.error.message);
      return report.error.type === 'not-running' ? EXIT.notRunning : EXIT.failed;
    }
    if (flags.on('json')) terminal.out(JSON.stringify(report.value, null, 2));
    else for (const line of statusLines(report.value, deps.clock.now(), terminal.paint)) terminal.out(line);
    return EXIT.done;
  },
};
