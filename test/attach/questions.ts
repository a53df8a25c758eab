import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { questionOf, type RawQuestion } from '../matrix/question.ts';

/** The same question in every dialect, with what the simulator is told by it: `words=60 pace=5ms`. */
export function asking(dialect: DialectName, stream: boolean, model: string, directives: string): RawQuestion {
  const plain = questionOf(dialect, stream, 'text', model);
  return { ...plain, body: Buffer.from(plain.body.toString().replace(/\[sim [^\]]*\]/, `[sim ${directives}]`)) };
}
