import { confirm, isCancel } from '@clack/prompts';
import { basename, resolve } from 'node:path';
import { amendConfig } from '../../config/amend.ts';
import { namedPath } from '../../config/paths.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { defaultContext } from '../../providers/embedded/embedded.ts';
import { type GgufModel, readGgufModel } from '../../providers/embedded/gguf-model.ts';
import { installEngine } from '../../providers/embedded/install.ts';
import { installedEngine } from '../../providers/embedded/installed.ts';
import { gigabytes, memoryFor } from '../../providers/embedded/memory.ts';
import { findNpm } from '../../providers/embedded/npm.ts';
import { ENGINE_VERSION, LLAMA_CPP_VERSION, packagesFor, type Wanted } from '../../providers/embedded/package.ts';
import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { configFile } from '../login-claude.ts';
import { askEngine, speedText } from './ask-engine.ts';
import { copyModel } from './copy-model.ts';
import { wrapped } from '../wrap.ts';
import { engineHere, type Here, ownEngine, thisMachine } from './engine-here.ts';

interface Model {
  name: string;
  file: string;
  gguf: GgufModel;
  context?: number;
}

interface Plan {
  here: Here;
  /** Absent: it is there. */
  engine?: Wanted;
  /** Absent: only the engine. */
  model?: Model;
}

/** `understudy local install [FILE.gguf]`: the engine, where it is not there, and a model for it. */
export async function installLocal(context: Context, words: readonly string[]): Promise<number> {
  const { terminal } = context;
  const planned = await planOf(context, words);
  if (!planned.ok) {
    if (typeof planned.error === 'number') return planned.error;
    terminal.note(planned.error);
    return EXIT.usage;
  }
  const { here, engine, model } = planned.value;
  if (engine) {
    const code = await fetchEngine(context, here, engine);
    if (code !== undefined) return code;
  } else if (!model) {
    say(terminal, `The embedded engine is installed already (node-llama-cpp ${ENGINE_VERSION}), in ${here.folder}.`);
  }
  if (model) return addModel(context, here, model);
  const models = Object.keys(here.settings.local.embedded.models);
  if (models.length === 0) say(terminal, 'Now a model for it: understudy local install MODEL.gguf');
  return EXIT.done;
}

/** What is to be done; or an exit code of which the reason is told, or the reason. */
async function planOf(context: Context, words: readonly string[]): Promise<Result<Plan, string | number>> {
  const { flags, deps } = context;
  const { surroundings } = deps;
  const gpu = flags.text('gpu');
  if (gpu !== undefined && gpu !== 'cuda' && gpu !== 'vulkan') return err(`--gpu ${gpu}: there are cuda and vulkan.`);
  const here = engineHere(context);
  if (!here.ok) return here;
  if (words.length > 1) return err('One file at a time.');
  const [typed] = words;
  const model = typed === undefined ? undefined : await modelOf(context, here.value, typed);
  if (model && !model.ok) return model;
  const installed = installedEngine(here.value.folder);
  const isThere = installed?.version === ENGINE_VERSION && (gpu === undefined || installed.accelerator === gpu);
  const engine = isThere ? undefined : packagesFor(thisMachine(surroundings.platform), gpu);
  if (!isThere && !engine) {
    const where = `${surroundings.platform} ${process.arch}${surroundings.platform === 'linux' ? ' (with GNU’s C library or not)' : ''}`;
    return err(
      gpu === undefined
        ? `The embedded engine has no build for this system: ${where}. Ollama or llama.cpp’s own server may run here: docs/local-models.md.`
        : `The embedded engine has no ${gpu} build for this system: ${where}. Leave out --gpu.`,
    );
  }
  return ok({ here: here.value, ...(engine && { engine }), ...(model && { model: model.value }) });
}

async function modelOf({ flags, deps }: Context, { settings }: Here, typed: string): Promise<Result<Model, string>> {
  const file = resolve(deps.surroundings.workingFolder, typed.replace(/^~(?=$|[/\\])/, deps.surroundings.home));
  const gguf = await readGgufModel(file);
  if (!gguf.ok) return err(`${file}: ${gguf.error}.`);
  const name = flags.text('name') ?? nameFor(file);
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@-]*$/.test(name)) return err(`--name ${name}: letters, digits, dots, dashes, colons and underscores.`);
  const said = flags.text('context');
  const context = said === undefined ? undefined : Number(said);
  if (context !== undefined && !(Number.isInteger(context) && context >= 256))
    return err(`--context ${said}: a number of tokens, 256 or more.`);
  if (context !== undefined && gguf.value.context !== undefined && context > gguf.value.context)
    return err(`--context ${context}: this model was trained for ${gguf.value.context} tokens.`);
  if (gguf.value.pieces !== undefined && flags.on('copy'))
    return err(`--copy: this model is in ${gguf.value.pieces} files; it is used where it is.`);
  const before = settings.local.embedded.models[name];
  if (before && flags.text('name') === undefined && namedPath(before.file, deps.surroundings) !== file && !flags.on('copy'))
    return err(`There is a model ${name} already, of ${before.file}. Give this one another --name, or the same to put it in its place.`);
  return ok({ name, file, gguf: gguf.value, ...(context !== undefined && { context }) });
}

/** `Qwen3-8B-Q4_K_M-00001-of-00002.gguf`: `qwen3-8b-q4_k_m`. */
export function nameFor(file: string): string {
  const name = basename(file)
    .replace(/\.gguf$/i, '')
    .replace(/-00001-of-\d+$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._:@-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '');
  return name === '' ? 'model' : name;
}

/** An exit code where it did not come to that. */
async function fetchEngine({ flags, terminal, deps }: Context, { folder }: Here, wanted: Wanted): Promise<number | undefined> {
  const { environment } = deps.surroundings;
  const npm = findNpm(process.execPath, environment);
  if (!npm) {
    terminal.note('The embedded engine is installed with npm, and there is none on this machine. It comes with Node: https://nodejs.org');
    return EXIT.failed;
  }
  terminal.note(
    `The embedded engine is node-llama-cpp ${ENGINE_VERSION} with llama.cpp ${LLAMA_CPP_VERSION} (both MIT), from the npm registry:`,
  );
  terminal.note(`  ${wanted.packages.map(({ name }) => name).join(', ')}, and some hundred small packages that it needs`);
  terminal.note(`  about ${gigabytes(wanted.download)} to download, ${gigabytes(wanted.unpacked)} on the disk, in ${folder}`);
  terminal.note('  Checksums are compared with what this Understudy knows; no script of any package is run.');
  if (!flags.on('yes')) {
    if (!terminal.canAsk) {
      terminal.note('Nothing was changed. With --yes it is.');
      return EXIT.usage;
    }
    const agreed = await confirm({ message: 'Fetch it? (y/n)' });
    if (isCancel(agreed) || !agreed) {
      terminal.note('Nothing was changed.');
      return EXIT.interrupted;
    }
  }
  const stop = new AbortController();
  const deaf = deps.surroundings.onSignal('SIGINT', () => stop.abort());
  terminal.note('npm is at work; this takes half a minute or so …');
  const installed = await installEngine({ folder, wanted, npm, environment, signal: stop.signal });
  deaf();
  if (stop.signal.aborted) return EXIT.interrupted;
  if (!installed.ok) {
    terminal.note(`It is not installed: ${installed.error}.`);
    return EXIT.failed;
  }
  say(terminal, `Installed: the embedded engine, in ${folder}.`);
  return undefined;
}

async function addModel(context: Context, here: Here, model: Model): Promise<number> {
  const { flags, terminal, deps } = context;
  const { name, gguf } = model;
  const path = ['local', 'embedded', 'models', name] as const;
  const before = here.settings.local.embedded.models[name];
  const copied = flags.on('copy') ? copyModel(model.file, name, gguf.size, here.data) : ok(model.file);
  if (!copied.ok) {
    terminal.note(`Nothing was changed: ${copied.error}.`);
    return EXIT.failed;
  }
  const file = copied.value;
  const tokens = model.context ?? before?.context ?? defaultContext(gguf);
  const amendments = [
    { path: [...path, 'file'], value: file },
    ...(model.context === undefined ? [] : [{ path: [...path, 'context'], value: model.context }]),
  ] as const;
  let written = false;
  for (const amendment of amendments) {
    const amended = amendConfig(configFile(context), amendment as Parameters<typeof amendConfig>[1], deps.surroundings);
    if (!amended.ok) {
      for (const line of amended.error) terminal.note(line);
      return EXIT.failed;
    }
    written ||= amended.value === 'written';
  }
  say(terminal, `${name}: ${gguf.title ?? gguf.architecture}, ${gigabytes(gguf.size)}, ${weightsText(gguf.weights)}.`);
  say(terminal, `  Window of ${tokens} tokens; about ${gigabytes(memoryFor(gguf, tokens))} of memory while it is in use.`);
  say(terminal, flags.on('copy') ? `  Copied to ${file}.` : `  Used where it is: ${file}`);
  if (!gguf.hasTemplate) terminal.note('  ! It does not say how messages are put to it (no chat template); the engine guesses.');
  else if (!gguf.tools) terminal.note('  ! It knows no tools: requests with tools, as coding agents make them, are not for it.');
  say(terminal, written ? `Written: ${path.join('.')} in ${configFile(context)}.` : 'It was in the configuration already.');
  return check(context, here, name);
}

/** `8.2 billion weights`. */
function weightsText(weights: number): string {
  return weights < 1e9 ? `${(weights / 1e6).toPrecision(2)} million weights` : `${(weights / 1e9).toPrecision(2)} billion weights`;
}

function say({ out, width }: Context['terminal'], text: string): void {
  for (const line of wrapped(text, width, '    ')) out(line);
}

/** Loads the model, and has it say something. */
async function check(context: Context, here: Here, name: string): Promise<number> {
  const { terminal, deps } = context;
  const again = engineHere(context);
  if (!again.ok) return again.error;
  const engine = ownEngine(here, context);
  const stop = new AbortController();
  const deaf = deps.surroundings.onSignal('SIGINT', () => stop.abort());
  try {
    await engine.apply(again.value.settings.local.embedded);
    const monotonic = (): number => deps.clock.monotonic();
    const answer = await askEngine(engine, { model: name, words: 'Say hello.', maxTokens: 16, monotonic, signal: stop.signal });
    if (stop.signal.aborted) return EXIT.interrupted;
    if (answer.problem !== undefined) {
      terminal.note(`It is set up, and does not answer: ${answer.problem}. Take it out again with: understudy local remove ${name}`);
      return EXIT.failed;
    }
    say(terminal, `It answers: ${speedText(answer)}.`);
    say(terminal, `It stands in as a last target of the default route; by name it is embedded/${name}.`);
    say(terminal, 'Try it yourself: understudy local try "Say hello."');
    return EXIT.done;
  } finally {
    deaf();
    await engine.close();
  }
}
