/** Why a simulated answer stops. */
export type Stop = 'stop' | 'stop-sequence' | 'length' | 'tool-calls' | 'refusal' | 'content-filter' | 'pause' | 'context-window';

/** A part of an answer, cut into the pieces in which it is streamed. */
export type AnswerPart =
  | { type: 'reasoning'; pieces: string[]; signature: string; hidden: boolean }
  | { type: 'text'; pieces: string[] }
  /** `freeText`: the pieces are no JSON (OpenAI's custom tools). */
  | { type: 'tool-call'; id: string; name: string; namespace?: string; freeText?: boolean; pieces: string[] }
  | { type: 'refusal'; pieces: string[] };

/** What a simulated assistant says, before any wire format. */
export interface Answer {
  /** Seed of the vendor's ids of this one answer. */
  seed: string;
  /** Model name as reported. */
  model: string;
  parts: AnswerPart[];
  stop: Stop;
  stopSequence?: string;
  usage: { input: number; output: number; cacheRead: number; cacheWrite: number; reasoning: number };
  /** Milliseconds between two pieces, where the prompt asked for a pace. */
  pace?: number;
}

/** The words of an answer, joined. */
export function answerText(answer: Answer): string {
  return answer.parts.flatMap((part) => (part.type === 'text' ? part.pieces : [])).join('');
}
