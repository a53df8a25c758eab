import type { Clock } from '../../exchange/clock.ts';
import type { Warmed } from '../local/warm-up.ts';
import type { Engine } from './engine-process.ts';
import type { EngineSetup } from './messages.ts';

/** Milliseconds between two attempts. */
const SELDOM = 5 * 60_000;

/** Has a model loaded that somebody may soon ask, by a question of its own for one token, unless the engine is at work anyway. Nothing of anybody's is in it. */
export function createEngineWarmUp(engine: Engine, clock: Clock): (target: string, setup: EngineSetup) => Promise<Warmed> {
  let last = -Infinity;
  return (target, setup) => {
    const { file, asked } = engine.status();
    if (asked || file !== undefined) return Promise.resolve({ type: 'not-needed' });
    if (clock.monotonic() - last < SELDOM) return Promise.resolve({ type: 'too-soon' });
    last = clock.monotonic();
    return new Promise((resolve) => {
      const failed = (why: string): void => resolve({ type: 'failed', target, why });
      engine.ask(
        setup,
        { turns: [{ type: 'user', text: 'Hi' }], functions: {}, stop: [], maxTokens: 1 },
        {
          told(message) {
            if (message.type === 'done') resolve({ type: 'done', target, took: clock.monotonic() - last });
            else if (message.type === 'refused' || message.type === 'broke') failed(message.message);
          },
          failed: ({ message }) => failed(message),
        },
      );
    });
  };
}
