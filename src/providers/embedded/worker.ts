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
    try {
      loaded = await loadModel(setup);
      say({ type: 'loaded', context: loaded.context });
    } catch (error) {
      say({ type: 'unusable', message: error instanceof Error ? error.message : String(error) });
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

async function loadModel({ folder, file, context: wanted, threads }: EngineSetup): Promise<Loaded> {
  const path = createRequire(join(folder, 'package.json')).resolve(ENGINE_PACKAGE);
  const { getLlama, LlamaChat } = (await import(pathToFileURL(path).href)) as LlamaPackage;
  // Nothing is built and nothing is fetched: what was installed is what there is.
  const llama = await getLlama({ build: 'never', skipDownload: true, logLevel: 'error', progressLogs: false });
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
