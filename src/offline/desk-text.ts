import { oneLine } from '../watch/alerts/words.ts';
import type { DeskAnswer } from './desk.ts';
import { END_LABEL, LABEL } from './label.ts';
import type { FoundNote } from './notes/find-notes.ts';
import type { EarlierAnswer } from './similar/earlier-answers.ts';
import { CLOSE } from './similar/likeness.ts';

/** Characters that are quoted of each; what is left out is said, and where to read it. */
const LONGEST_QUESTION = 400;
const LONGEST_ANSWER = 2000;
const LONGEST_NOTE = 1500;
/** Characters of a title or heading. */
const LONGEST_TITLE = 120;

/**
 * The desk's answer in lines. Each is the label, a text of ours, or quoted: whatever is not ours begins with `> `, under a line that says where it is
 * from, or stands between « and » in one. src/offline/desk-text.test.ts holds that.
 */
export function deskText(answer: Omit<DeskAnswer, 'text'>): string {
  const { answers, notes, runbooks, standing, searched, problems } = answer;
  const sections = [
    [LABEL],
    standingLines(standing),
    ...answers.map((one, index) => earlierLines(one, index + 1)),
    ...notes.map(noteLines),
    answers.length + notes.length === 0 ? nothingLines(searched) : [],
    searched.late ? ['The time was up before all of it was looked through: asked again, there may be more.'] : [],
    problems.map((problem) => `Note: «${titleOf(problem)}»`),
    runbooks.map(({ name, title }) => `Runbook «${titleOf(title)}»: understudy runbook show ${name}`),
    nextLines(answer),
    [END_LABEL],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function standingLines(standing: readonly string[] | undefined): string[] {
  if (standing === undefined) return [];
  if (standing.length === 0) return ['Nothing that is watched is known to be down.'];
  return ['How providers stand, by what this machine has seen:', ...standing.flatMap(quoted)];
}

function earlierLines({ conversation, question, answer, likeness, repeats }: EarlierAnswer, place: number): string[] {
  const { id, title, source, project } = conversation;
  const { provider, model } = answer;
  const who = [model, provider].filter((name) => name !== undefined).map(titleOf);
  const facts = [
    `${day(answer.at ?? question.at)}, conversation ${id}`,
    title === '' ? '' : `«${titleOf(title)}»`,
    `from ${source}`,
    who.length === 0 ? 'its source does not say who answered' : `answered by «${who.join('», «')}»`,
    project === undefined ? '' : `in «${titleOf(project)}»`,
    answer.status === 'complete' ? '' : 'the answer was cut off then',
    repeats === 0 ? '' : `the same ${repeats === 1 ? 'once more' : `${repeats} times more`} elsewhere`,
  ].filter((fact) => fact !== '');
  const kind = likeness >= CLOSE ? 'A similar question was answered before' : 'Loosely similar, read it with care';
  const whole = `understudy conversations show ${id}`;
  return [
    `${place}. ${kind}: ${facts.join('; ')}.`,
    'The question then:',
    ...excerpt(question.text, LONGEST_QUESTION, whole),
    'The answer then:',
    ...excerpt(answer.text, LONGEST_ANSWER, whole),
  ];
}

function noteLines({ path, line, heading, text, modified }: FoundNote): string[] {
  const under = heading === '' ? '' : ` «${titleOf(heading)}»;`;
  return [
    `From your notes:${under} «${plain(path)}:${line}», last changed ${day(modified)}.`,
    ...excerpt(text, LONGEST_NOTE, 'the file has the rest'),
  ];
}

function nothingLines({ messages, notes, notesOnly }: DeskAnswer['searched']): string[] {
  const looked = [
    ...(notesOnly ? [] : [`${messages} messages and titles`]),
    ...(notes > 0 || notesOnly ? [`${notes} sections of notes`] : []),
  ];
  return [`Nothing similar was found in ${looked.join(' and ')} on this machine.`];
}

function nextLines({ answers }: Pick<DeskAnswer, 'answers'>): string[] {
  const [first] = answers;
  return [
    'What can be done now:',
    '- Have it answered later: send it again with the header x-understudy-queue: allow. It is kept, and asked again when somebody answers; understudy queue shows what waits.',
    '- Ask a model on this machine, if there is one: understudy local',
    '- See who is up, and what is waited for: understudy board, understudy status',
    '- Look for words in everything that was said: understudy search WORDS',
    first
      ? `- Take that conversation to another assistant: understudy handoff ${first.conversation.id} --to clipboard`
      : '- Take a conversation to another assistant: understudy conversations, then understudy handoff ID --to clipboard',
  ];
}

/** Word for word, but for control characters and what turns the direction of writing; each line marked as quoted. */
function quoted(text: string): string[] {
  return text.split(LINE_ENDS).map((line) => `> ${line.replaceAll('\t', '    ').replaceAll(UNSEEN, '')}`.trimEnd());
}

function excerpt(text: string, most: number, whole: string): string[] {
  const trimmed = text.trim();
  if (trimmed.length <= most) return quoted(trimmed);
  const cut = cutAt(trimmed, most);
  return [...quoted(trimmed.slice(0, cut)), `(${trimmed.length - cut} more characters; all of it: ${whole})`];
}

/** At the end of a line or a word, where there is one in the last third; never within a character. */
function cutAt(text: string, most: number): number {
  const line = text.lastIndexOf('\n', most);
  if (line > (most * 2) / 3) return line;
  const space = text.lastIndexOf(' ', most);
  const cut = space > (most * 2) / 3 ? space : most;
  const code = text.charCodeAt(cut);
  return code >= 0xdc00 && code <= 0xdfff ? cut - 1 : cut;
}

function titleOf(text: string): string {
  const line = plain(text);
  const short = Array.from(line).slice(0, LONGEST_TITLE).join('');
  return short.length < line.length ? `${short}…` : line;
}

/** What is not ours within a line of ours: nobody gets out of its « and ». */
function plain(text: string): string {
  return oneLine(text).replaceAll(/[«»]/g, '"');
}

/** `2026-06-02`, in UTC. */
function day(at: number | undefined): string {
  return at === undefined || at <= 0 || at > 8.64e15 ? 'no date is known' : new Date(at).toISOString().slice(0, 10);
}

/** All that ends a line somewhere: in a terminal, in HTML, in a program that reads lines. */
const LINE_ENDS = /\r\n|[\n\r\u0085\u2028\u2029\v\f]/;
const UNSEEN = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
