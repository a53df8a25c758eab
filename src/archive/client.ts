import { extname } from 'node:path';
import type { Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { spaceLevel, spaceOf } from '../journal/space.ts';
import type { DatabaseProblem } from '../journal/sqlite-file.ts';
import { lastingWorker } from './lasting-worker.ts';
import type { ArchiveSetup, FromArchive, ToArchive } from './messages.ts';
import { openQuestions } from './open-questions.ts';
import type { QuestionName, Questions } from './questions.ts';
import type { RetentionNews } from './retention/keeper.ts';
import { spaceNotice, type SpaceReport } from './space/report.ts';

/** The archive, seen from the main thread of a server. */
export interface ArchiveClient {
  /** An exchange has ended: cheap enough to be told after each. */
  ended(): void;
  ask<Name extends QuestionName>(
    question: Name,
    asked: Questions[Name]['asked'],
  ): Promise<Result<Questions[Name]['answer'], DatabaseProblem>>;
  /** What the user should know of it. */
  notices(): string[];
  /** How much room the data folder has; absent: its file system doesn't say. */
  space(): { space?: SpaceReport };
  /** Leaves the rest of its work to the next start. */
  close(): Promise<void>;
}

/** Milliseconds from an exchange's end to a look at the record: it is folded into that within 250 ms, and batches cost less. */
const SETTLE = 1000;

export function archiveClient(setup: ArchiveSetup, clock: Clock, onProblem: (message: string) => void): ArchiveClient {
  const questions = openQuestions<DatabaseProblem>();
  let problem: DatabaseProblem | undefined;
  let skipped = 0;
  let mirrorProblem: string | undefined;
  let retentionNotices: string[] = [];
  let space = spaceAtStart(setup.folder);
  let looking: (() => void) | undefined;
  const worker = lastingWorker<ToArchive, FromArchive>(
    {
      source: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
      data: setup,
      said: take,
      gone,
      returns: () => (problem = undefined),
    },
    clock,
  );

  function take(message: FromArchive): void {
    switch (message.type) {
      case 'state':
        return setProblem(message.problem);
      case 'mirror':
        mirrorProblem = message.problem;
        if (mirrorProblem !== undefined) onProblem(mirrorProblem);
        return;
      case 'retention':
        return setRetention(message.news);
      case 'space':
        return setSpace(message.report);
      case 'skipped':
        skipped = message.exchanges;
        return;
      case 'answer':
        return questions.settle(message.number, ok(message.answer));
      case 'no-answer':
        return questions.settle(message.number, err(message.problem));
    }
  }

  function setProblem(found: DatabaseProblem | undefined): void {
    problem = found;
    if (found) onProblem(said(found));
  }

  function setRetention({ notices, happened }: RetentionNews): void {
    for (const notice of notices) if (!retentionNotices.includes(notice)) onProblem(notice);
    retentionNotices = notices;
    if (happened !== undefined) onProblem(happened);
  }

  function setSpace(report: SpaceReport): void {
    const before = space?.level ?? 'plenty';
    space = report;
    if (report.level === before) return;
    onProblem(spaceNotice(report, setup.folder) ?? `There is room for ${setup.folder} again.`);
  }

  function gone(reason: string, again: boolean): void {
    const died: DatabaseProblem = {
      type: 'unavailable',
      reason: `the archive's worker has died: ${reason}`,
      action: 'it is started again in half a minute; nothing is lost, please report it',
    };
    questions.fail(died);
    if (again) setProblem(died);
  }

  function spaceNotices(): string[] {
    return (space && [spaceNotice(space, setup.folder)])?.filter((notice) => notice !== undefined) ?? [];
  }

  worker.start();

  return {
    ended() {
      looking ??= clock.after(SETTLE, () => {
        looking = undefined;
        worker.post({ type: 'look' });
      });
    },
    ask(question, asked) {
      if (!worker.isThere()) return Promise.resolve(err(problem ?? CLOSED));
      return questions.ask((number) => worker.post({ type: 'ask', number, question, asked } as ToArchive)) as never;
    },
    notices: () => [
      ...(problem ? [said(problem)] : []),
      ...(mirrorProblem === undefined ? [] : [mirrorProblem]),
      ...spaceNotices(),
      ...retentionNotices,
      ...(skipped > 0
        ? [`${skipped} exchange${skipped === 1 ? '' : 's'} could not be read into the archive; the record has them: please report it.`]
        : []),
    ],
    space: () => (space ? { space } : {}),
    close() {
      looking?.();
      return worker.close({ type: 'close' });
    },
  };
}

/** Said by the start itself; how the folder has grown is known a little later. */
function spaceAtStart(folder: string): SpaceReport | undefined {
  const found = spaceOf(folder);
  return found && { ...found, level: spaceLevel(found) };
}

const CLOSED: DatabaseProblem = { type: 'unavailable', reason: 'the archive is closed', action: 'try again' };

function said({ reason, action }: DatabaseProblem): string {
  return `Conversations are not kept in the archive for now: ${reason}; ${action}. What is said is in the record, and is taken over later.`;
}
