import type { AttemptKind, Opening } from '../journal/entry.ts';
import type { Change } from '../journal/journal.ts';

type Entry = Extract<Change, { type: 'entry' }>['entry'];

/** An exchange as the journal tells of it, for tests: a millisecond between any two changes, unless `at` says otherwise. */
export function told(tell: (change: Change) => void, id = 'x_1', more: Partial<Opening> = {}) {
  const opening: Opening = {
    id,
    at: 1000,
    dialect: 'openai-chat',
    model: 'gpt',
    route: 'default',
    stream: true,
    principal: 'local',
    save: true,
    ...more,
  };
  let now = opening.at;
  const entry = (happened: Entry, at = ++now): void => {
    now = at;
    tell({ version: 1, exchange: id, at, type: 'entry', entry: happened });
  };
  tell({ version: 1, exchange: id, at: opening.at, type: 'opened', opening });
  return {
    entry,
    begins(ordinal: number, provider: string, kind: AttemptKind = ordinal === 0 ? 'first' : 'next', at?: number): void {
      const target = { provider, model: 'm', credential: 'key', dialect: 'openai-chat' as const, vendor: provider };
      entry({ type: 'attempt', ordinal, kind, target, native: true, losses: [], edits: [] }, at);
    },
    fails(ordinal: number, message = 'Overloaded', at?: number): void {
      const fault = { class: 'provider-fault', symptom: 'status', status: 529, code: 'overloaded_error', message } as const;
      entry({ type: 'attempt-end', ordinal, outcome: { type: 'failed', fault }, took: 5 }, at);
    },
    ends(ordinal: number, at?: number): void {
      const usage = { input: 30, output: 7 };
      entry(
        { type: 'attempt-end', ordinal, outcome: { type: 'whole', mended: false }, headersAfter: 1, firstEventAfter: 2, took: 9, usage },
        at,
      );
    },
    completes(at?: number): void {
      entry({ type: 'end', outcome: { type: 'complete', finish: 'stop' }, usage: { input: 30, output: 7 }, answer: 'msg_1' }, at);
    },
  };
}
