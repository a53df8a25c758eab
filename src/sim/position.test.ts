import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { POSITIONS, splitAt } from './position.ts';
import { requestBody, simRequest } from './sample-request.ts';
import { sceneBody } from './scene.ts';
import { createSimProvider } from './sim-provider.ts';

const provider = createSimProvider({ clock: virtualClock() });
const scenes = (['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const).flatMap((dialect) =>
  (['text', 'parallel', 'thinking'] as const).flatMap((content) =>
    [true, false].map(
      (stream) => provider.play(simRequest(dialect, requestBody(dialect, stream, content, 'm'), { model: 'm', stream })).scene,
    ),
  ),
);

it('a cut loses nothing, at any byte and at any position', () => {
  fc.assert(
    fc.property(fc.constantFrom(...scenes), fc.nat(60_000), fc.constantFrom(...POSITIONS), (scene, byte, named) => {
      const body = sceneBody(scene);
      const split = splitAt(scene, { byte });
      expect(split === undefined).toBe(byte > body.length);
      expect(sceneBody(split?.before ?? []).length).toBe(split ? byte : 0);
      for (const each of [split, splitAt(scene, named)]) {
        const { before, after } = each ?? { before: scene, after: [] };
        expect(Buffer.concat([sceneBody(before), sceneBody(after)]).equals(body)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
