import { styleText } from 'node:util';
import { wrapped } from './wrap.ts';

/** How our own commands are written in texts and examples. */
const NAME = 'understudy';

/** A command of ours in a text. Behind a quote or a slash it is something else: a setting of another program, a path. */
// oxlint-disable-next-line no-control-regex -- a colour may stand before it
const HINT = /(?<=^|\u001b\[\d+m|[^\w"'«/.-])understudy(?= (?!understudy\b)(?:[a-z]{2,}\b|<command>|--(?:help|version)))/gm;

/** A longer name than this is not made room for: it is a path, and the line breaks where it breaks. */
const LONGEST_MADE_ROOM_FOR = 8;

/** The person or program at the other end of a command: two ends to write to, and what they can show. */
export interface Terminal {
  /** A line to standard output: results. */
  out(line: string): void;
  /** A line to standard error: what went wrong, what goes on. */
  note(line: string): void;
  /** Bytes to standard output as they are, for redrawing. */
  raw(text: string): void;
  paint: Paint;
  /** Standard output is a screen that can be redrawn. */
  screen: boolean;
  /** There is someone who can be asked. */
  canAsk: boolean;
  /** Characters in a line; a file or a pipe has no end of them. */
  width: number;
  /** Lines that a screen shows at once; it may be resized. */
  height(): number;
}

type Painter = (text: string) => string;
export type Paint = Record<'good' | 'warn' | 'bad' | 'dim' | 'bold' | 'accent', Painter>;

interface Writer {
  isTTY?: boolean;
  /** Where it writes to, for programs that are to write there. */
  fd?: number;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
  on?(event: 'error', heard: (error: Error) => void): unknown;
}

export interface Streams {
  stdin: { isTTY?: boolean };
  stdout: Writer;
  stderr: Writer;
}

const PLAIN: Paint = { good: same, warn: same, bad: same, dim: same, bold: same, accent: same };

function same(text: string): string {
  return text;
}

const COLOURED: Paint = {
  good: painter('green'),
  warn: painter('yellow'),
  bad: painter('red'),
  dim: painter('dim'),
  bold: painter('bold'),
  accent: painter('cyan'),
};

function painter(style: 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan'): Painter {
  // The stream was judged already; see `colours`.
  return (text) => styleText(style, text, { validateStream: false });
}

/**
 * Colours on a screen only, and never with NO_COLOR (https://no-color.org) or TERM=dumb. `called`: what to type for this program here, such as
 * `bin/understudy`; every hint to a command says it so.
 */
export function terminal(streams: Streams, env: Readonly<Record<string, string | undefined>>, called: string = NAME): Terminal {
  // `understudy status | head`: the reader has seen enough, which is no error.
  streams.stdout.on?.('error', (error) => {
    if (!('code' in error && error.code === 'EPIPE')) throw error;
  });
  const dumb = env['TERM'] === 'dumb';
  const screen = streams.stdout.isTTY === true && !dumb && !env['CI'];
  const colours = screen && !env['NO_COLOR'];
  const longer = called.length - NAME.length;
  const room = Math.max(60, streams.stdout.columns ?? 100) - (longer > LONGEST_MADE_ROOM_FOR ? 0 : Math.max(0, longer));
  const width = screen ? room : Number.POSITIVE_INFINITY;
  const asCalled = (text: string): string => (called === NAME ? text : text.replace(HINT, called));
  return {
    out: (line) => void streams.stdout.write(`${asCalled(line)}\n`),
    note: (line) =>
      void streams.stderr.write(
        `${line
          .split('\n')
          .flatMap((one) => wrapped(one, width, '  '))
          .map(asCalled)
          .join('\n')}\n`,
      ),
    raw: (text) => void streams.stdout.write(text),
    paint: colours ? COLOURED : PLAIN,
    screen,
    canAsk: streams.stdin.isTTY === true && screen,
    width,
    height: () => (screen ? (streams.stdout.rows ?? 24) : Number.POSITIVE_INFINITY),
  };
}
