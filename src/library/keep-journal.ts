import type { Clock } from '../exchange/clock.ts';
import { ok, type Result } from '../exchange/result.ts';
import type { Journal } from '../journal/journal.ts';
import { memoryJournal } from '../journal/memory-journal.ts';

export interface KeptJournal {
  /** Or why there is none, in words that say what to do. */
  ready: Promise<Result<Journal, string>>;
  close(): Promise<void>;
}

/**
 * The journal of an instance: in a folder, or in memory, where an answer is forgotten as soon as it has been read. What a disk takes is
 * loaded only for those who want it.
 */
export function keepJournal(folder: string | undefined, clock: Clock, notice: (message: string) => void): KeptJournal {
  const ready = folder === undefined ? Promise.resolve(ok(inMemory(clock, notice))) : onDisk(folder, clock, notice);
  // Whoever asks hears of it.
  ready.catch(() => undefined);
  return {
    ready,
    async close() {
      const kept = await ready;
      if (kept.ok) await kept.value.close();
    },
  };
}

function inMemory(clock: Clock, notice: (message: string) => void): Journal {
  return memoryJournal({ clock, keepAfterEnd: 0, onFault: (error) => notice(`a fault inside Understudy: ${String(error)}`) });
}

async function onDisk(folder: string, clock: Clock, notice: (message: string) => void): Promise<Result<Journal, string>> {
  const [{ openJournal }, { journalSettings }] = await Promise.all([import('../journal/open.ts'), import('../journal/settings.ts')]);
  const opened = await openJournal({
    folder,
    settings: journalSettings.parse({}),
    clock,
    // Nothing passes through here as bytes: every entry says by itself what it means.
    decoders: { stream: () => ({ push: () => [], end: () => [] }), whole: () => [] },
    onNotice: ({ level, message }) => {
      if (level !== 'info') notice(message);
    },
  });
  return opened.ok ? opened : { ok: false, error: `${opened.error.message}: ${opened.error.action}` };
}
