import type { Context } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { askEngine, speedText } from './ask-engine.ts';
import { engineHere, ownEngine } from './engine-here.ts';

const QUESTION = 'Say hello.';

/** `understudy local try`: a question to the embedded engine, without a server. */
export async function tryLocal(context: Context, words: readonly string[]): Promise<number> {
  const { flags, terminal, deps } = context;
  const here = engineHere(context);
  if (!here.ok) return here.error;
  const engine = ownEngine(here.value, context);
  const stop = new AbortController();
  const deaf = deps.surroundings.onSignal('SIGINT', () => stop.abort());
  try {
    await engine.apply(here.value.settings.local.embedded);
    for (const notice of engine.notices()) terminal.note(`! ${notice}`);
    const names = engine.models().map(({ name }) => name);
    const model = flags.text('model') ?? names[0];
    if (model === undefined) {
      if (engine.notices().length === 0) terminal.note('The embedded engine has no model yet: understudy local install MODEL.gguf');
      return EXIT.failed;
    }
    if (!names.includes(model)) {
      terminal.note(`There is no model ${model}; there ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.`);
      return EXIT.usage;
    }
    const answer = await askEngine(engine, {
      model,
      words: words.length === 0 ? QUESTION : words.join(' '),
      told: (text) => terminal.raw(text),
      signal: stop.signal,
      monotonic: () => deps.clock.monotonic(),
    });
    if (answer.text !== '') terminal.out('');
    if (stop.signal.aborted) return EXIT.interrupted;
    if (answer.problem !== undefined) {
      terminal.note(`It broke off: ${answer.problem}.`);
      return EXIT.failed;
    }
    terminal.note(`${model}: ${speedText(answer)}.`);
    return EXIT.done;
  } finally {
    deaf();
    await engine.close();
  }
}
