import type { Clock } from '../../exchange/clock.ts';
import { bytesText } from '../../journal/bytes-text.ts';
import type { Terminal } from '../terminal.ts';

export interface ProgressBar {
  /** Bytes done, of how many, and what is at hand. May be called as often as one likes. */
  show(done: number, all: number, at: string): void;
  /** Takes the bar off the screen. */
  clear(): void;
}

/** Milliseconds between two states on a screen, and between two lines in a log. */
const REDRAW = 100;
const LINE = 10_000;
const CELLS = 24;

/** A bar that is redrawn in its line on a screen; elsewhere a line now and then, and none for what takes seconds. */
export function progressBar(
  { screen, raw, note, width, paint }: Terminal,
  clock: Pick<Clock, 'monotonic'>,
  { isQuiet }: { isQuiet: boolean },
): ProgressBar {
  let last = screen ? -REDRAW : clock.monotonic();
  let isShown = false;
  return {
    show(done, all, at) {
      const now = clock.monotonic();
      if (isQuiet || now - last < (screen ? REDRAW : LINE)) return;
      last = now;
      const share = all === 0 ? 1 : Math.min(1, done / all);
      const figures = `${String(Math.floor(share * 100)).padStart(3)} %  ${bytesText(done)} of ${bytesText(all)}`;
      if (!screen) return note(`${figures.trim()}: ${at}`);
      const full = Math.round(share * CELLS);
      const bar = `${'█'.repeat(full)}${'░'.repeat(CELLS - full)}`;
      const name = at.slice(at.lastIndexOf('/') + 1);
      const left = width - CELLS - figures.length - 4;
      raw(`\r\u001b[2K${paint.accent(bar)} ${figures}${left > 8 ? `  ${name.slice(0, left)}` : ''}`);
      isShown = true;
    },
    clear() {
      if (isShown) raw('\r\u001b[2K');
      isShown = false;
    },
  };
}
