/** An official client, pointed at Understudy. Each call rejects as the client does. */
export interface Client {
  text(question: Question, words: number): Promise<Reply>;
  /** One call of a tool, its result sent back, and the answer to that. */
  tool(question: Question): Promise<Reply & { calls: number }>;
  /** A question to think about and one after it, with the thinking sent back as it came. */
  thinking(question: Question): Promise<Reply & { thought: string }>;
}

export interface Question {
  model: string;
  stream: boolean;
}

export interface Reply {
  text: string;
  /** The finish reason in the client's own words. */
  stop: string;
}

export const PROMPTS = {
  text: (words: number) => `In about ${words} words of plain prose: what is an understudy in the theatre, and when does one go on?`,
  tool: 'When is high tide at Dover today? Use the tool, then answer in one sentence with the time.',
  think: 'What is 27 times 43, plus 11? Work it out step by step, then give the number.',
  thinkOn: 'And that number doubled?',
};

export const TOOL = {
  name: 'tide_table',
  description: 'Gives the times of high tide at a port.',
  schema: { type: 'object' as const, properties: { port: { type: 'string' as const } }, required: ['port'] },
  result: 'Dover: high tide at 14:05',
  /** What an answer that has read the result mentions. */
  telling: '14:05',
};
