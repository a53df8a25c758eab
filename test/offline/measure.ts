import { LIMITS } from '../../src/archive/import/limits.ts';
import { exportReaders } from '../../src/archive/import/readers.ts';
import { runImport } from '../../src/archive/import/run-import.ts';
import { type Archive, openArchive } from '../../src/archive/store/open.ts';
import { transcriptReaders } from '../../src/archive/transcripts/readers.ts';
import { systemClock } from '../../src/exchange/clock.ts';
import { earlierAnswersIn } from '../../src/offline/similar/earlier-answers.ts';
import { type Kind, LABELLED } from './labelled.ts';

/** What the desk made of one labelled question. */
export interface Outcome {
  kind: Kind;
  question: string;
  /** Place of the first right answer, from 1; absent: not shown. */
  place?: number;
  /** Conversations that were shown. */
  shown: { key: string; title: string; likeness: number }[];
  /** Milliseconds. */
  took: number;
  /** Whether the threshold was chosen with it in view: every other one was held back. */
  isTuned: boolean;
}

/** Answers that a person looks at. */
export const SHOWN = 3;

/** The shared fixtures as an archive in that folder. */
export async function fixtureArchive(fixtures: string, folder: string): Promise<Archive> {
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const readers = [...exportReaders, ...transcriptReaders];
  await runImport([fixtures], { archive: opened.value, readers, limits: LIMITS, now: () => Date.now() });
  return opened.value;
}

export function measure(archive: Archive): Outcome[] {
  const answers = earlierAnswersIn(archive, systemClock);
  const keyOf = archive.database.prepare('SELECT key FROM conversations WHERE id = ?');
  const seen: Partial<Record<Kind, number>> = {};
  return LABELLED.map(([kind, question, ...wanted]): Outcome => {
    const place = (seen[kind] = (seen[kind] ?? -1) + 1);
    const began = performance.now();
    const found = answers.find({ question, limit: SHOWN, patience: 10_000 }).answers;
    const took = performance.now() - began;
    const shown = found.map(({ conversation, likeness }) => ({
      key: String(keyOf.get(conversation.id)?.['key']),
      title: conversation.title,
      likeness,
    }));
    const right = shown.findIndex(({ key }) => wanted.some((end) => key.endsWith(end)));
    return { kind, question, ...(right >= 0 && { place: right + 1 }), shown, took, isTuned: place % 2 === 0 };
  });
}
