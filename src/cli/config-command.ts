import { effectiveSettings, origins } from '../config/effective.ts';
import { configSchema } from '../config/schema.ts';
import type { Command } from './command.ts';
import { counted } from './counted.ts';
import { EXIT } from './exit-code.ts';
import { CONFIG_ARGS, PORT_ARG, readConfig } from './read-config.ts';
import { table } from './table.ts';
import { wrapped } from './wrap.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'Prints what is in force, or checks a configuration.',
  args: {
    what: { type: 'positional', required: false, valueHint: 'WHAT', description: 'print (default), validate or schema.' },
    ...CONFIG_ARGS,
    ...PORT_ARG,
    json: { type: 'boolean', description: 'print: as JSON.' },
  },
  examples: [
    ['understudy config', 'everything that is in force and where it comes from, keys hidden'],
    ['understudy config validate --config new.yaml', 'checks a file without starting anything; names lines'],
    ['understudy config schema > understudy.schema.json', 'for completion in editors'],
  ],
  page: 'configuration.md',
  more: [
    'In an editor with a YAML language server, begin the file with:',
    '  # yaml-language-server: $schema=understudy.schema.json',
    'Exit code 2: the configuration is not valid.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const what = flags.words[0] ?? 'print';
    if (what === 'schema') {
      terminal.out(JSON.stringify(configSchema(), null, 2));
      return EXIT.done;
    }
    if (what !== 'print' && what !== 'validate') {
      terminal.note(`\`config ${what}\` is not known; there are print, validate and schema. See understudy config --help.`);
      return EXIT.usage;
    }
    const loaded = readConfig(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const { file, settings, resolved } = loaded.value;
    if (what === 'validate') {
      const count = `${counted(resolved.providers.length, 'provider')}, ${counted(Object.keys(settings.routes).length, 'route')}`;
      const said = file === undefined ? 'There is no configuration file; the defaults are valid.' : `${file} is valid: ${count}.`;
      for (const text of [said, ...resolved.notices.map((notice) => `! ${notice}`)])
        for (const line of wrapped(text, terminal.width, '  ')) terminal.out(line);
      return EXIT.done;
    }
    if (flags.on('json')) {
      terminal.out(JSON.stringify(effectiveSettings(loaded.value), null, 2));
      return EXIT.done;
    }
    terminal.out(file === undefined ? 'There is no configuration file; these are the defaults.' : `From ${file}:`);
    const rows = origins(loaded.value).map(({ path, value, from, variables }) => [
      path,
      JSON.stringify(value),
      variables.join(', ') || from,
    ]);
    for (const line of table([{ title: 'setting' }, { title: 'value' }, { title: 'from' }], rows, terminal.width)) terminal.out(line);
    return EXIT.done;
  },
};
