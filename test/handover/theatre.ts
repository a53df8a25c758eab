import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const STEPS = 8;
/** In the middle of this one the CLI is killed. */
export const HELD = 3;
/** While this file is there, step `HELD` does not end. */
const HOLD = 'hold';

/** What a simulated assistant is to do. Each call differs: Gemini CLI ends a turn that makes the same call five times. */
export const callsOf = (rounds: number): string => `[sim rounds=${rounds} bash=./next call-{round}]`;
/** What a person asks. Whoever takes over has it from the hand-over alone. */
export const QUESTION = `Please set the stage for the matinée, step by step, with ./next. ${callsOf(STEPS - 1)}`;
/** Of the question and of what the tool printed: what somebody would remember. */
export const WORDS = ['matinée', 'limelight'] as const;

/** Takes the next step of the list and says which; nothing is taken twice. */
const NEXT = `#!/bin/sh
n=$(($(wc -l < executions.txt) + 1))
if [ "$n" -gt ${STEPS} ]; then echo 'nothing is left to do'; exit 0; fi
echo "$n" >> executions.txt
while [ -e ${HOLD} ] && [ "$n" -eq ${HELD} ]; do sleep 0.2; done
sleep 0.2
echo "step $n of ${STEPS}: limelight $n is set"
`;

/** The repository before the task. */
export function writeStage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'next'), NEXT);
  chmodSync(join(folder, 'next'), 0o755);
  writeFileSync(join(folder, 'executions.txt'), '');
  writeFileSync(join(folder, HOLD), '');
}

/** Numbers of the steps in the order in which they were begun. */
export function stepsBegun(folder: string): number[] {
  return readFileSync(join(folder, 'executions.txt'), 'utf8').split('\n').filter(Boolean).map(Number);
}

/** From here on no step is held; the state is that after the kill. */
export function setBack(folder: string, begun: readonly number[]): void {
  writeFileSync(join(folder, 'executions.txt'), begun.map((step) => `${step}\n`).join(''));
}

export const HOLD_FILE = HOLD;
