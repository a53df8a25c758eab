import type { Signal } from '../telemetry/signal.ts';
import { clockText } from './clock-text.ts';
import type { Paint, Terminal } from './terminal.ts';
import { wrapped } from './wrap.ts';

type Alert = Extract<Signal, { type: 'alert' }>;

const SHOWN: Record<Alert['state'], { word: string; colour: keyof Paint }> = {
  new: { word: 'alert', colour: 'bad' },
  update: { word: 'update', colour: 'warn' },
  over: { word: 'over', colour: 'good' },
};

/** Tells a terminal of alerts, with its bell where it is a screen and the alert rings it. */
export function alertTeller(terminal: Pick<Terminal, 'out' | 'raw' | 'paint' | 'screen' | 'width'>): (alert: Alert) => void {
  const { paint } = terminal;
  return ({ at, state, title, text, bell }) => {
    const { word, colour } = SHOWN[state];
    if (bell && terminal.screen) terminal.raw('\u0007');
    const [first = '', ...rest] = [title, ...text.split('\n')].filter((line) => line !== '');
    const head = `${paint.dim(clockText(at))}  ${paint[colour](word.padEnd(9))} ${first}`;
    for (const line of wrapped(head, terminal.width, ' '.repeat(20))) terminal.out(line);
    for (const line of rest)
      for (const part of wrapped(`${' '.repeat(20)}${line}`, terminal.width, ' '.repeat(20))) terminal.out(paint.dim(part));
  };
}
