import { createHash } from 'node:crypto';
import type { ArchivedMessage, ConversationHead, FilePart } from '../../conversation.ts';
import { mediaTypeOf } from '../media-type.ts';
import { some } from '../loose.ts';
import type { ReadContext, SourceFile, Told } from '../reader.ts';
import { markdownOfHtml } from './markdown-of-html.ts';

/** One entry of the activity log: what was asked and answered, or something else that was done. */
export interface Activity {
  /** `Gemini Apps`, in the language of the account. */
  product: string;
  /** The whole title: `Prompted Why is the sky blue?`. */
  title: string;
  /** UTC milliseconds. */
  at?: number;
  /** As it stands there, where it could not be read. */
  when: string;
  /** HTML of the answer; more than one: drafts, the first of which was shown. */
  answers: string[];
  /** Names of files as the log writes them. */
  files: { name: string; path: string }[];
  /** Id of the conversation, which newer logs link to. */
  thread?: string;
}

/** Verbs that begin the title of a prompt; in other languages the verb ends with a colon or a no-break space. */
const PROMPT = /^(prompted(?: with)?|asked(?: gemini| bard)?|said|branched|answered|you sent a prompt|poslali ste poziv)\s*:?\s+/i;
/** Things that are done without saying anything. */
const NO_WORDS = /^(selected|gave|used|added|shared|deleted|feedback|opened|viewed|turned|saved|liked|disliked|rated)\b/i;
/** What Gemini makes by itself, under a title. */
const MADE = /^(created|canvas|made|generated)\b/i;
/** `Attached 2 files.`: the log's words, not the user's. */
const ATTACHED = /\s*\n?\s*(attached \d+ files?\.|\d+ [^\n]{0,40}:?)\s*$/i;

/** What the title says: a prompt, or the name of something that was done. */
export function readTitle({ title, answers }: Pick<Activity, 'title' | 'answers'>): {
  type: 'prompt' | 'made' | 'other';
  label: string;
  text: string;
} {
  const plain = title.trim();
  const english = PROMPT.exec(plain.replaceAll('\u00a0', ' '));
  if (english) return { type: 'prompt', label: english[1]!, text: plain.slice(english[0].length) };
  const [, label, text] = /^([^\u00a0\n]{1,60})\u00a0([\s\S]*)$/.exec(title.trimStart()) ?? [];
  if (label !== undefined && text !== undefined) {
    const isPrompt =
      text.trim() !== '' && (label.trimEnd().endsWith(':') || (!NO_WORDS.test(label) && !MADE.test(label) && answers.length > 0));
    return { type: isPrompt ? 'prompt' : NO_WORDS.test(label) ? 'other' : 'made', label, text };
  }
  if (NO_WORDS.test(plain) || answers.length === 0) return { type: 'other', label: plain, text: '' };
  if (MADE.test(plain)) return { type: 'made', label: plain.split(/\s/, 1)[0]!, text: plain.replace(/^\S+\s*/, '') };
  return { type: 'prompt', label: '', text: plain };
}

/** An entry by itself: Google's older logs don't say which entries belong together. */
export async function* activityTold(activity: Activity, where: string, file: SourceFile, context: ReadContext): AsyncGenerator<Told> {
  const messages = await messagesOf(activity, file, context);
  if (messages.length === 0) return yield left(activity, where);
  yield* noteTime(activity, where);
  const { type, text } = readTitle(activity);
  const head: ConversationHead = {
    source: 'gemini-takeout',
    key: nameOf(activity),
    ...some('title', type === 'made' && text.trim() !== '' ? text.trim() : undefined),
    ...some('createdAt', activity.at),
    ...some('updatedAt', activity.at),
    extras: { kind: type === 'prompt' ? 'prompt' : 'activity' },
  };
  yield { type: 'conversation', where, head, messages, awaits: awaited(messages) };
}

/** Entries that link to their conversations, oldest first in each. */
export async function* threadsTold(
  entries: readonly { activity: Activity; where: string }[],
  file: SourceFile,
  context: ReadContext,
): AsyncGenerator<Told> {
  for (const [thread, turns] of Map.groupBy(entries, ({ activity }) => activity.thread!)) {
    const messages: ArchivedMessage[] = [];
    // The log is newest first, also within a second.
    const ordered = turns.toReversed().toSorted((left, right) => (left.activity.at ?? 0) - (right.activity.at ?? 0));
    for (const { activity, where } of ordered) {
      const turn = await messagesOf(activity, file, context);
      if (turn.length === 0) yield left(activity, where);
      else yield* noteTime(activity, where);
      const last = messages.findLast(({ extras }) => extras?.['draft'] === undefined);
      if (last && turn[0]) turn[0] = { ...turn[0], parent: last.key };
      messages.push(...turn);
    }
    if (messages.length === 0) continue;
    const { activity: first, where } = ordered[0]!;
    const head: ConversationHead = {
      source: 'gemini-takeout',
      key: thread,
      ...some('createdAt', first.at),
      ...some('updatedAt', ordered.at(-1)!.activity.at),
      ...some('current', messages.findLast(({ extras }) => extras?.['draft'] === undefined)?.key),
    };
    yield { type: 'conversation', where, head, messages, awaits: awaited(messages) };
  }
}

async function messagesOf(activity: Activity, file: SourceFile, context: ReadContext): Promise<ArchivedMessage[]> {
  const { type, label, text } = readTitle(activity);
  const name = nameOf(activity);
  const files: FilePart[] = [];
  for (const one of activity.files) files.push(await filePart(one, file, context));
  const answers = activity.answers.map((html) => markdownOfHtml(html)).filter((answer) => answer !== '');
  const messages: ArchivedMessage[] = [];
  const asked = (files.length > 0 ? text.replace(ATTACHED, '') : text).trim();
  if (type === 'prompt' && (asked !== '' || files.length > 0)) {
    messages.push({
      key: `${name}-prompt`,
      role: 'user',
      ...some('at', activity.at),
      parts: [...(asked === '' ? [] : [{ type: 'text' as const, text: asked }]), ...files],
      status: 'complete',
    });
  } else if (type === 'other' && !(answers.length > 0 && !NO_WORDS.test(label))) return [];
  answers.forEach((answer, index) =>
    messages.push({
      key: index === 0 ? `${name}-answer` : `${name}-draft-${index}`,
      ...(type === 'prompt' ? { parent: `${name}-prompt` } : {}),
      role: 'assistant',
      ...some('at', activity.at),
      parts: [{ type: 'text', text: answer }, ...(type === 'prompt' ? [] : files)],
      producer: { provider: 'google' },
      status: 'complete',
      ...(index === 0 ? {} : { extras: { draft: index } }),
    }),
  );
  return messages;
}

async function filePart({ name, path }: { name: string; path: string }, file: SourceFile, { files, keep }: ReadContext): Promise<FilePart> {
  const wanted = path.slice(path.lastIndexOf('/') + 1);
  const named = files.filter((one) => one !== file && one.path.slice(one.path.lastIndexOf('/') + 1) === wanted);
  const beside = named.find(({ container }) => container === file.container) ?? named[0];
  const mediaType = beside && mediaTypeOf(beside.head);
  const content: FilePart['content'] = beside
    ? await keep(beside, { name, ...some('mediaType', mediaType) })
    : { type: 'missing', reason: 'not among the files of the Takeout' };
  return { type: 'file', name, ...some('mediaType', mediaType), content };
}

function awaited(messages: readonly ArchivedMessage[]): number {
  return messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'file' && part.content.type === 'missing').length;
}

/** Of time and words, because the log has no ids. Whole seconds: pages say no more, and are to be the same as JSON. */
function nameOf({ at, when, title }: Activity): string {
  const second = at === undefined ? when : Math.floor(at / 1000);
  const words = title.replace(/\s+/g, ' ').trim();
  return createHash('sha256').update(`${second}\n${words}`).digest('hex').slice(0, 24);
}

function left({ title }: Activity, where: string): Told {
  return { type: 'skipped', where, reason: 'an activity without words', found: title.slice(0, 80) };
}

function* noteTime({ at, when }: Activity, where: string): Generator<Told> {
  if (at === undefined) yield { type: 'noted', where, reason: 'its time could not be read; kept without', found: when.slice(0, 60) };
}
