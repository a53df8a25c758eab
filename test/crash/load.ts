import { type SimServer, startSim } from '../../src/sim/serve.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';
import { CONTENTS, DIALECTS } from '../matrix/cell.ts';
import { questionOf, type RawQuestion } from '../matrix/question.ts';
import { DEADLINES, settingsOf } from '../sockets/house.ts';

/** Any dialect, any content, mostly streamed. */
export function randomQuestion(random: () => number): { dialect: (typeof DIALECTS)[number]; stream: boolean; question: RawQuestion } {
  const dialect = DIALECTS[Math.floor(random() * DIALECTS.length)]!;
  const stream = random() < 0.85;
  const content = CONTENTS[Math.floor(random() * CONTENTS.length)]!;
  const question = questionOf(dialect, stream, content, DIALECTS[Math.floor(random() * DIALECTS.length)]!);
  const words = 30 + Math.floor(random() * 150);
  return { dialect, stream, question: { ...question, body: Buffer.from(question.body.toString().replace('words=60', `words=${words}`)) } };
}

/** Answers at a brisk pace; every third breaks off, stalls or is refused. */
export function failingProvider(name: (typeof DIALECTS)[number], seed: number): Promise<SimServer> {
  const strike = (fault: string, p: number): FaultRule => ({ fault, schedule: { type: 'probability', p, seed } });
  const faults = [
    strike('reset-edge', 0.12),
    strike('clean-end', 0.08),
    strike('error-event', 0.08),
    strike('529', 0.06),
    strike('stall', 0.03),
  ];
  return startSim({ name, pace: { headers: 10, firstToken: 20, perToken: 8, scale: 1 }, faults });
}

/** A model for each dialect, whose lead speaks it and whose backup speaks the next. */
export function mixedConfig(sims: readonly SimServer[]): object {
  return {
    deadlines: DEADLINES,
    providers: Object.fromEntries(DIALECTS.map((dialect, index) => [dialect, settingsOf(dialect, sims[index]!.url, 'sk-kills')])),
    routes: Object.fromEntries(
      DIALECTS.map((dialect, index) => [dialect, [`${dialect}/m`, `${DIALECTS[(index + 1) % DIALECTS.length]}/m`]]),
    ),
    // Small, so that kills also fall between one segment and the next.
    journal: { segmentSize: '256KiB', keepAfterEnd: '500ms' },
  };
}
