import { confirm, isCancel } from '@clack/prompts';
import { rmSync } from 'node:fs';
import { amendConfig } from '../../config/amend.ts';
import { namedPath } from '../../config/paths.ts';
import { installedEngine } from '../../providers/embedded/installed.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { configFile } from '../login-claude.ts';
import { isCopy } from './copy-model.ts';
import { engineHere, type Here } from './engine-here.ts';

/** `understudy local remove [NAME]`: a model out of the settings, or the engine off the disk. */
export async function removeLocal(context: Context, words: readonly string[]): Promise<number> {
  const here = engineHere(context);
  if (!here.ok) return here.error;
  const [name] = words;
  return name === undefined ? removeEngine(context, here.value) : removeModel(context, here.value, name);
}

async function removeEngine(context: Context, { folder, settings }: Here): Promise<number> {
  const { terminal } = context;
  if (!installedEngine(folder)) {
    terminal.note('The embedded engine is not installed; nothing was changed.');
    return EXIT.done;
  }
  const agreed = await agree(context, `Remove the embedded engine, ${folder}?`);
  if (agreed !== undefined) return agreed;
  rmSync(folder, { recursive: true, force: true });
  terminal.out(`Removed: ${folder}.`);
  const left = Object.keys(settings.local.embedded.models);
  if (left.length > 0) terminal.note(`${left.join(', ')} can't answer without it: understudy local remove NAME takes them out too.`);
  return EXIT.done;
}

async function removeModel(context: Context, { data, settings }: Here, name: string): Promise<number> {
  const { terminal, deps } = context;
  const model = settings.local.embedded.models[name];
  if (!model) {
    const names = Object.keys(settings.local.embedded.models);
    terminal.note(`The embedded engine has no model ${name}.${names.length === 0 ? '' : ` There are: ${names.join(', ')}.`}`);
    return EXIT.usage;
  }
  const file = namedPath(model.file, deps.surroundings);
  const copied = isCopy(file, data);
  const agreed = copied ? await agree(context, `Remove ${name}, and its copy ${file}?`) : undefined;
  if (agreed !== undefined) return agreed;
  const amended = amendConfig(configFile(context), { path: ['local', 'embedded', 'models', name], value: undefined }, deps.surroundings);
  if (!amended.ok) {
    for (const line of amended.error) terminal.note(line);
    return EXIT.failed;
  }
  if (copied) rmSync(file, { force: true });
  terminal.out(copied ? `Removed: ${name}, and ${file}.` : `Removed: ${name}. Its file stays: ${file}.`);
  return EXIT.done;
}

/** An exit code where nobody agrees. */
async function agree({ flags, terminal }: Context, question: string): Promise<number | undefined> {
  if (flags.on('yes')) return undefined;
  if (!terminal.canAsk) {
    terminal.note(`${question} With --yes it is. Nothing was changed.`);
    return EXIT.usage;
  }
  const agreed = await confirm({ message: `${question} (y/n)`, initialValue: false });
  if (!isCancel(agreed) && agreed) return undefined;
  terminal.note('Nothing was changed.');
  return EXIT.interrupted;
}
