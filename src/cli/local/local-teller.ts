import type { Signal } from '../../telemetry/signal.ts';
import { clockText } from '../clock-text.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

type News = Extract<Signal, { type: 'local' }>;

const SHOWN: Record<News['change'], { word: string; colour: keyof Paint }> = {
  found: { word: 'found', colour: 'good' },
  gone: { word: 'gone', colour: 'warn' },
  models: { word: 'models', colour: 'dim' },
  loaded: { word: 'loaded', colour: 'good' },
  'not-loaded': { word: 'not loaded', colour: 'warn' },
};

/** Tells a terminal of the models on this machine: nobody is asked whose name was not said. */
export function localTeller({ out, paint, width }: Pick<Terminal, 'out' | 'paint' | 'width'>): (news: News) => void {
  return ({ at, change, text }) => {
    const { word, colour } = SHOWN[change];
    for (const line of wrapped(`${paint.dim(clockText(at))}  ${paint[colour](word)}  ${text}`, width, ' '.repeat(10))) out(line);
  };
}
