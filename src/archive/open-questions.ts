import { err, type Result } from '../exchange/result.ts';

/** Questions to another thread that have no answer yet. */
export interface OpenQuestions<Problem> {
  /** `send` gets the number under which the answer is to come. */
  ask(send: (number: number) => void): Promise<Result<unknown, Problem>>;
  settle(number: number, answer: Result<unknown, Problem>): void;
  /** The thread has died: nobody will answer. */
  fail(problem: Problem): void;
}

export function openQuestions<Problem>(): OpenQuestions<Problem> {
  const waiting = new Map<number, (answer: Result<unknown, Problem>) => void>();
  let next = 0;

  function settle(number: number, answer: Result<unknown, Problem>): void {
    waiting.get(number)?.(answer);
    waiting.delete(number);
  }

  return {
    ask(send) {
      const { promise, resolve } = Promise.withResolvers<Result<unknown, Problem>>();
      const number = next++;
      waiting.set(number, resolve);
      send(number);
      return promise;
    },
    settle,
    fail(problem) {
      for (const number of waiting.keys()) settle(number, err(problem));
    },
  };
}
