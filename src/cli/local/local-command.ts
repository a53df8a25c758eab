import type { LocalReport } from '../../server/local/report.ts';
import { localAnswer } from '../../server/local/schemas.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { askServer, placeOf } from '../watch/ask-server.ts';
import { ENGINE_ARGS } from './engine-args.ts';
import { installLocal } from './install.ts';
import { localLines } from './local-view.ts';
import { lookAtMachine } from './look-at-machine.ts';
import { removeLocal } from './remove.ts';
import { tryLocal } from './try.ts';

export const localCommand: Command = {
  name: 'local',
  summary: 'Models on this machine: what was found, who uses it.',
  args: {
    what: {
      type: 'positional',
      required: false,
      description: 'list (the usual), status; of the embedded engine: install [FILE], remove [NAME], try [WORDS].',
    },
    ...ENGINE_ARGS,
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    json: { type: 'boolean', description: 'Print what GET /api/local says, as it is.' },
  },
  takesMany: true,
  examples: [
    ['understudy local', 'looks now: services, their models, which routes lead to them'],
    ['understudy local status', 'what a running Understudy knows, without a new look'],
    ['understudy local install qwen3-8b.gguf', 'the embedded engine, and a model file of yours for it'],
    ['understudy local try "Say hello."', 'asks it, without a server'],
    ['understudy local remove qwen3-8b', 'a model; without a name the engine itself'],
  ],
  page: 'local-models.md',
  more: [
    'Ollama, LM Studio, llama.cpp and vLLM are found at their usual ports of 127.0.0.1; others at those of local.ports.',
    'Without a running Understudy it looks by itself.',
    'Exit code 0: at least one model was found. 1: none. 2: wrong arguments or configuration.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [what = 'list'] = flags.words;
    const words = flags.words.slice(1);
    if (what === 'install') return installLocal(context, words);
    if (what === 'remove') return removeLocal(context, words);
    if (what === 'try') return tryLocal(context, words);
    if (what !== 'list' && what !== 'status') {
      terminal.note(`There is no \`${what}\`: understudy local list, status, install, remove or try`);
      return EXIT.usage;
    }
    const report = await reportOf(what, context);
    if (typeof report === 'number') return report;
    if (flags.on('json')) terminal.out(JSON.stringify(report, null, 2));
    else for (const line of localLines(report, terminal)) terminal.out(line);
    return report.services.some(({ models }) => models.length > 0) ? EXIT.done : EXIT.failed;
  },
};

/** Milliseconds: a look takes two seconds where somebody is slow, and some more where there are many models. */
const LOOK = 15_000;

/** What a running server knows; where none runs, one look from here. A number: the exit code, the reason has been said. */
async function reportOf(what: 'list' | 'status', context: Context): Promise<LocalReport | number> {
  const { terminal, deps, flags } = context;
  const place = placeOf(context);
  if (!place) return EXIT.usage;
  const got = await (what === 'list'
    ? askServer(place, '/api/local/look', localAnswer, {}, LOOK)
    : askServer(place, '/api/local', localAnswer));
  if (got.ok) return got.value.value as LocalReport;
  if (got.error.type === 'failed' || flags.text('url') !== undefined) {
    terminal.note(got.error.message);
    return got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
  }
  const loaded = readConfigAnyway(context);
  const looked = loaded.ok ? await lookAtMachine(loaded.value.loaded, deps.surroundings, deps.clock) : undefined;
  if (looked?.ok) return looked.value;
  if (looked) terminal.note(looked.error);
  return EXIT.usage;
}
