import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { titleFrom } from '../title.ts';

/** What a source says of a conversation; what it no longer says stays as it was. */
export const DESCRIBED = [
  'title',
  'titled_by',
  'created_at',
  'updated_at',
  'project',
  'branch',
  'account',
  'session',
  'started_by',
  'started_at_message',
  'current',
  'purpose',
  'extras',
] as const;

type Described = Record<(typeof DESCRIBED)[number], SQLInputValue>;

/** What a conversation is described by from now on. `told`: absent, where it is older than what is there; `found`: what is there. */
export function describing(told: ConversationHead | undefined, messages: readonly ArchivedMessage[], found: Row | undefined): Described {
  const before = (name: keyof Described): SQLInputValue => found?.[name] ?? null;
  const times = messages.flatMap(({ at }) => whole(at) ?? []);
  return {
    ...(!told && found ? titledBefore(found) : titleOf(told?.title, messages, found)),
    created_at: whole(told?.createdAt) ?? before('created_at') ?? least(times),
    updated_at: whole(told?.updatedAt) ?? (told ? greatest(times, before('updated_at')) : before('updated_at')),
    project: told?.project ?? before('project'),
    branch: told?.branch ?? before('branch'),
    account: told?.account ?? before('account'),
    session: told?.session ?? before('session'),
    started_by: told?.startedBy?.key ?? before('started_by'),
    started_at_message: told?.startedBy?.message ?? before('started_at_message'),
    current: told?.current ?? before('current'),
    purpose: told?.purpose ?? before('purpose'),
    extras: told?.extras === undefined ? before('extras') : JSON.stringify(told.extras),
  };
}

function least(times: readonly number[]): number | null {
  return times.reduce<number | null>((found, time) => Math.min(found ?? time, time), null);
}

/** Where the source doesn't say when a conversation was changed, its messages do. */
function greatest(times: readonly number[], before: SQLInputValue): number | null {
  return times.reduce<number | null>((found, time) => Math.max(found ?? time, time), typeof before === 'number' ? before : null);
}

type Row = Record<string, SQLOutputValue>;

function titledBefore(found: Row): { title: string; titled_by: string } {
  return { title: String(found['title']), titled_by: String(found['titled_by']) };
}

/** A user's own title stays; a source's goes before ours. */
function titleOf(
  title: string | undefined,
  messages: readonly ArchivedMessage[],
  found: Row | undefined,
): { title: string; titled_by: string } {
  const before = found && titledBefore(found);
  if (before?.titled_by === 'user') return before;
  if (title !== undefined && title.trim() !== '') return { title, titled_by: 'source' };
  if (before && before.title !== '') return before;
  return { title: titleFrom(messages) ?? '', titled_by: 'question' };
}

/** Sources are not trusted to count in integers. */
export function whole(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value);
}
