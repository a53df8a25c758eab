import type { Signal } from '../../telemetry/signal.ts';
import { clockText } from '../clock-text.ts';
import type { Context } from '../command.ts';
import { readStatus } from '../control-api.ts';
import { followFeed } from './follow-feed.ts';
import { signalText } from './signal-text.ts';
import { statusLines } from './status-view.ts';
import { wrapped } from '../wrap.ts';

/** Milliseconds: in an outage events come by the dozen, and nobody reads faster. */
const LEAST_PAUSE = 300;
/** Clocks in the picture go on without events. */
const LONGEST_PAUSE = 5000;
/** Lines of what happened last, below the picture. */
const MOST_TOLD = 8;

export interface WatchOptions {
  address: string;
  token: string | undefined;
  json: boolean;
}

/**
 * Shows how things stand, live, until Ctrl-C: on a screen the status, drawn anew whenever something happens; elsewhere a line for
 * whatever does not go as it should; with `json` every event as a line.
 */
export function watchStatus({ address, token, json }: WatchOptions, { terminal, deps }: Pick<Context, 'terminal' | 'deps'>): Promise<void> {
  const { clock, surroundings } = deps;
  const { paint, width } = terminal;
  const told: string[] = [];
  let cancel: (() => void) | undefined;
  let due = Number.POSITIVE_INFINITY;
  let drawing = false;
  let again = false;
  let ended = false;

  const stamped = (at: number, text: string): string[] => wrapped(`${paint.dim(clockText(at))}  ${text}`, width, ' '.repeat(10));

  async function draw(): Promise<void> {
    if (drawing) {
      again = true;
      return;
    }
    drawing = true;
    const status = await readStatus(address, token);
    drawing = false;
    if (ended) return;
    const lines = status.ok
      ? statusLines(status.value.report, clock.now(), terminal)
      : [paint.bad(status.error.message), 'It is looked for again; Ctrl-C ends this.'];
    // Over the old picture, line by line: clearing it first would flicker.
    terminal.raw(
      `\u001b[H${fitted(lines, told, terminal.height() - 1, paint.dim)
        .map((line) => `${line}\u001b[K`)
        .join('\n')}\n\u001b[J`,
    );
    soon(again ? LEAST_PAUSE : LONGEST_PAUSE);
    again = false;
  }

  /** The earlier wish holds: events without end must not put the next picture off for ever. */
  function soon(delay: number): void {
    const at = clock.monotonic() + delay;
    if (due <= at) return;
    cancel?.();
    due = at;
    cancel = clock.after(delay, () => {
      due = Number.POSITIVE_INFINITY;
      void draw();
    });
  }

  function heard(signal: Signal): void {
    if (json) return terminal.out(JSON.stringify(signal));
    const text = signalText(signal);
    if (!terminal.screen) {
      if (text !== undefined) for (const line of stamped(signal.at, text)) terminal.out(line);
      return;
    }
    if (text !== undefined) told.push(...stamped(signal.at, text));
    told.splice(0, told.length - MOST_TOLD);
    if (drawing) again = true;
    else soon(LEAST_PAUSE);
  }

  return new Promise((resolve) => {
    const redrawn = terminal.screen && !json;
    const undo = (['SIGINT', 'SIGTERM'] as const).map((signal) => surroundings.onSignal(signal, end));
    const unfollow = followFeed({
      address,
      token,
      clock,
      heard,
      reset: () => (redrawn ? soon(0) : undefined),
      connected(there) {
        if (redrawn) return soon(0);
        if (!there) terminal.note(`The Understudy at ${address} has gone; it is waited for.`);
      },
    });
    function end(): void {
      ended = true;
      cancel?.();
      unfollow();
      for (const each of undo) each();
      resolve();
    }
    if (redrawn) {
      terminal.raw('\u001b[2J');
      void draw();
    }
  });
}

/** What fits on the screen: the picture from its top, and below it what happened last. What stands furthest down can be done without soonest. */
function fitted(lines: readonly string[], told: readonly string[], height: number, dim: (text: string) => string): string[] {
  const recent = told.length === 0 ? [] : ['', ...told];
  if (lines.length + recent.length <= height) return [...lines, ...recent];
  const least = told.length === 0 ? [] : ['', ...told.slice(-3)];
  const room = Math.max(1, height - least.length - 1);
  if (lines.length <= room) return [...lines, ...recent.slice(0, 1), ...told.slice(-(height - lines.length - 1))];
  return [...lines.slice(0, room), dim(`… ${lines.length - room} more lines; understudy status shows them all`), ...least];
}
