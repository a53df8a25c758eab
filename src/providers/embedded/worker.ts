import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { answerJob, type Loaded } from './answer-job.ts';
import type { LlamaPackage } from './llama-api.ts';
import type { EngineSetup, FromEngine, ToEngine } from './messages.ts';
import { ENGINE_PACKAGE } from './package.ts';

/**
 * The engine's own process: it loads one model and answers one question at a time. It lives no longer than whoever started it, and keeps nothing on
 * disk. What goes wrong in the machine code of llama.cpp ends this process, and no other.
 */
function run(say: (message: FromEngine) => void): (message: ToEngine) => void {
  let loaded: Loaded | undefined;
  let asked: { id: number; gone: AbortController } | undefined;

  async function load(setup: EngineSetup): Promise<void> {
    /** What llama.cpp says of it: the package's own errors give no reasons. */
    const complaints: string[] = [];
    try {
      loaded = await loadModel(setup, (complaint) => complaints.push(complaint));
      say({ type: 'loaded', context: loaded.context });
    } catch (error) {
      say({ type: 'unusable', message: reasonOf(error, complaints) });
    }
  }

  return (message) => {
    switch (message.type) {
      case 'load':
        return void load(message.setup);
      case 'ask': {
        const { id, job } = message;
        if (!loaded || asked) return say({ type: 'broke', id, message: loaded ? 'it is busy' : 'no model is loaded' });
        const gone = new AbortController();
        asked = { id, gone };
        return void answerJob(loaded, id, job, gone.signal, (told) => {
          // Whoever hears of the end may ask the next question at once.
          if (told.type === 'done' || told.type === 'refused' || told.type === 'broke') asked = undefined;
          say(told);
        });
      }
      case 'cancel':
        if (asked?.id === message.id) asked.gone.abort();
    }
  };
}

function reasonOf(error: unknown, complaints: readonly string[]): string {
  const name = error instanceof Error ? error.constructor.name : '';
  if (name === 'NoBinaryFoundError')
    return 'the build for this system is not there, or does not run here: understudy local install puts it in place again';
  const message = error instanceof Error ? error.message : String(error);
  // The first is the cause, the others say that it could not be loaded.
  const [cause] = complaints.map((complaint) => complaint.trim()).filter((complaint) => complaint !== '');
  return cause === undefined ? message : `${message}: ${cause}`;
}

async function loadModel({ folder, file, context: wanted, threads }: EngineSetup, complain: (text: string) => void): Promise<Loaded> {
  const path = createRequire(join(folder, 'package.json')).resolve(ENGINE_PACKAGE);
  const { getLlama, LlamaChat } = (await import(pathToFileURL(path).href)) as LlamaPackage;
  // Nothing is built and nothing is fetched: what was installed is what there is.
  const llama = await getLlama({
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
    logger: (_level: string, text: string) => complain(text),
  });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createContext({ contextSize: wanted, sequences: 1, ...(threads !== undefined && { threads }) });
  const sequence = context.getSequence();
  const chat = new LlamaChat({ contextSequence: sequence });
  return { llama, model, chat, sequence, context: Math.min(wanted, context.contextSize) };
}

const receive = run((message) => {
  if (process.connected) process.send?.(message);
});
process.on('message', (message) => receive(message as ToEngine));
process.on('disconnect', () => process.exit(0));
// Ctrl-C at a terminal is for all that run in it. Understudy then lets answers come to their ends, and tells this process when to go.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
