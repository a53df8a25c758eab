/**
 * How an answer is to be paced is in the model's name, since that is what reaches a provider through any proxy:
 * `gemini-stream-50-100` is 100 chunks at 50 a second, rate 0 is as fast as they go.
 */
/** A dialect as it is spoken on both sides of a proxy. */
export interface Wire {
  /** Where a client asks: path and query. */
  path(model: string, stream: boolean): string;
  /** Whether a request that came to `path` is this dialect's. */
  owns(path: string): boolean;
  /** What was asked for. `edges`: both ends of the body, since a proxy may reorder its fields. */
  asked(path: string, edges: string): { model: string; stream: boolean };
  /** A conversation that ends with a question. */
  request(model: string, stream: boolean, turns: Turn[]): object;
  credential: Record<string, string>;
  stream(model: string, pace: Pace): Stream;
  whole(model: string, pace: Pace): object;
  /** What one `data:` line of a stream says. Unknown ones say nothing. */
  piece(data: string): Piece;
  /** The words of a whole answer. */
  words(body: string): string;
}

export interface Turn {
  role: 'user' | 'assistant';
  text: string;
}

export interface Pace {
  /** Chunks a second; 0: at once. */
  rate: number;
  chunks: number;
}

export interface Stream {
  opening: string;
  chunk: (text: string) => string;
  closing: string;
}

export interface Piece {
  text: string;
  last: boolean;
}

export function paceOf(model: string): Pace {
  const found = /-(\d+)-(\d+)$/.exec(model);
  return found ? { rate: Number(found[1]), chunks: Number(found[2]) } : { rate: 0, chunks: 8 };
}

/** The words of chunk `index`: numbered, so that a lost, doubled or swapped one is seen. */
export function chunkText(index: number): string {
  return `word ${index} of the answer, `;
}

export function answerText(pace: Pace): string {
  return Array.from({ length: pace.chunks }, (_, index) => chunkText(index)).join('');
}

/** An event of a stream. Without a `name` there is no `event:` line. */
export function sse(body: object, name?: string): string {
  const line = `data: ${JSON.stringify(body)}\n\n`;
  return name === undefined ? line : `event: ${name}\n${line}`;
}

/** The fields that say what is asked for, where they are in the body. */
export function askedInBody(edges: string): { model: string; stream: boolean } {
  return { model: /"model":\s*"([^"]+)"/.exec(edges)?.[1] ?? '', stream: /"stream":\s*true/.test(edges) };
}
