import type { Channel } from './channel.ts';
import type { MessageKind } from './message.ts';
import type { QuietUntil } from './quiet-hours.ts';
import type { Alert, Delivery } from './store.ts';

/** What is to become of a channel and an alert: nothing, something at `at` (UTC ms), or it is too late for it. */
export type Next = { type: 'nothing' } | { type: 'expired' } | { type: 'send'; at: number; kind: MessageKind; loud: boolean };

/** Milliseconds between two messages that only bring what was told up to date: what comes together goes together. */
const QUIET_GAP = 60_000;
/** What was over this long ago is nothing that anybody wants to be told. */
const EXPIRES = 24 * 60 * 60_000;

export function newDelivery(alert: string, channel: string): Delivery {
  return { alert, channel, revision: 0, tries: 0, refused: 0 };
}

export function nextOf(
  alert: Alert,
  delivery: Delivery,
  { quiet: reads }: Pick<Channel, 'quiet'>,
  now: number,
  quietUntil: QuietUntil,
): Next {
  const { told, toldAt, nextTry = 0, revision, refused } = delivery;
  const isLoud = revision < alert.loud;
  const wantsMore = told !== undefined && revision < alert.revision && reads !== 'none';
  if (!isLoud && !wantsMore) return { type: 'nothing' };
  // A channel that has refused a message for good is asked again when there is something that people should notice.
  if (refused >= alert.loud) return { type: 'nothing' };
  const kind = kindOf(alert, told);
  if (!kind) return { type: 'nothing' };
  if (alert.ended !== undefined && now - alert.ended > EXPIRES) return { type: 'expired' };
  const at = Math.max(now, nextTry, isLoud ? 0 : (toldAt ?? 0) + QUIET_GAP);
  return { type: 'send', at: quietUntil(at) ?? at, kind, loud: isLoud };
}

/** What a channel is to be told, by what it was told last. What is over before anything was told is told in the past tense. */
function kindOf({ ended, state }: Alert, told: MessageKind | undefined): MessageKind | undefined {
  const isOver = ended !== undefined && (state === 'over' || state === 'pending');
  const wasOver = told === 'over' || told === 'past';
  if (told === undefined) return isOver ? 'past' : 'new';
  if (isOver) return wasOver ? undefined : 'over';
  return wasOver ? 'again' : 'update';
}

const FIRST_PAUSE = 15_000;
const LONGEST_PAUSE = 15 * 60_000;
/** Nobody's wish to be left alone goes further. */
const MOST_ASKED = 60 * 60_000;

/** Milliseconds until the next try. `tries`: made already. `random`: 0 to 1. */
export function pauseAfter(tries: number, random: number, asked = 0): number {
  const own = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, tries - 1)) * (0.75 + random / 2);
  return Math.ceil(Math.max(own, Math.min(asked, MOST_ASKED)));
}
