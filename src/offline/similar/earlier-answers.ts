import type { Clock } from '../../exchange/clock.ts';
import type { MessageStatus, SourceName } from '../../archive/conversation.ts';
import { ageFactor } from '../../archive/search/rank.ts';
import type { Archive } from '../../archive/store/open.ts';
import { summaryOfRow, type ConversationSummary } from '../../archive/store/read.ts';
import { isDeskText } from '../label.ts';
import { candidatesIn, type WeighedTerm } from './candidates.ts';
import { isLike, likenessOf } from './likeness.ts';
import { turnsIn, type Turn } from './turns.ts';

/** An earlier question and what was answered to it, word for word. Times are UTC milliseconds. */
export interface EarlierAnswer {
  conversation: { id: string; title: string; source: SourceName; project?: string };
  question: { key: string; at?: number; text: string };
  answer: { key: string; at?: number; text: string; provider?: string; model?: string; status: MessageStatus };
  /** 0 to 1. */
  likeness: number;
  /** The same question with the same answer elsewhere. */
  repeats: number;
}

export interface EarlierQuery {
  question: string;
  limit: number;
  /** The folder of whoever asks: what was said there comes first. */
  project?: string;
  /** Milliseconds after which it answers with what it has. */
  patience: number;
}

export interface EarlierFound {
  /** The best first. */
  answers: EarlierAnswer[];
  /** Messages and titles that were looked through. */
  searched: number;
  /** The time was up before all was looked at. */
  late: boolean;
}

export interface EarlierAnswers {
  find(query: EarlierQuery): EarlierFound;
}

/** Conversations that are read. */
const MOST_READ = 120;
/** What the title says of what was asked in it, and what its answer says: less than the question itself. */
const TITLE_TRUST = 0.9;
const ANSWER_TRUST = 0.65;
/** Of a long answer, its beginning says whether it is about the same. */
const ANSWER_LOOKED_AT = 4000;
const SAME_PROJECT = 1.1;
const NOT_WHOLE = 0.85;
/** A sub-agent was asked by a model, not by you. */
const ASKED_BY_A_MODEL = 0.9;
/** How much of the order the age decides. */
const AGE_SHARE = 0.25;

/** Searches one archive for questions like this one. It only reads; it keeps its statements. */
export function earlierAnswersIn({ database }: Pick<Archive, 'database'>, clock: Pick<Clock, 'now' | 'monotonic'>): EarlierAnswers {
  const finder = candidatesIn(database, clock);
  const turns = turnsIn(database);
  const conversationRow = database.prepare('SELECT * FROM conversations WHERE row = ?');
  const documents = database.prepare('SELECT coalesce(sum(documents), 0) AS count FROM search_shards');

  function ranked(turn: Turn, summary: ConversationSummary, terms: readonly WeighedTerm[], query: EarlierQuery): Ranked | undefined {
    const { question, answer } = turn;
    if (isDeskText(answer.text)) return undefined;
    const likeness = likenessOf(terms, [
      { text: question.text, trust: 1 },
      { text: summary.title, trust: TITLE_TRUST },
      { text: answer.text.slice(0, ANSWER_LOOKED_AT), trust: ANSWER_TRUST },
    ]);
    if (!isLike(likeness, terms)) return undefined;
    const at = answer.at ?? question.at ?? summary.updatedAt ?? 0;
    const order =
      likeness.score *
      (1 - AGE_SHARE + AGE_SHARE * ageFactor(at, clock.now())) *
      (query.project !== undefined && isWithin(summary.project, query.project) ? SAME_PROJECT : 1) *
      (answer.status === 'complete' ? 1 : NOT_WHOLE) *
      (summary.startedBy === undefined ? 1 : ASKED_BY_A_MODEL);
    return { order, found: foundOf(turn, summary, likeness.score) };
  }

  return {
    find(query) {
      const deadline = clock.monotonic() + query.patience;
      const searched = Number(documents.get()?.['count']);
      const terms = finder.weigh(query.question);
      const { found, late } = finder.find(terms, deadline);
      const byConversation = Map.groupBy(found, ({ conversation }) => conversation);
      const all: Ranked[] = [];
      let isLate = late;
      let read = 0;
      for (const [conversation, some] of byConversation) {
        if (read === MOST_READ || clock.monotonic() > deadline) {
          isLate ||= clock.monotonic() > deadline;
          break;
        }
        const row = conversationRow.get(conversation);
        // What clients asked for their own use, and what is told by another conversation as well.
        if (!row || row['purpose'] !== null || row['same_as'] !== null) continue;
        read += 1;
        const summary = summaryOfRow(row);
        const messages = some.flatMap(({ message }) => (message > 0 ? [message] : []));
        const best = turns
          .read(conversation, messages)
          .flatMap((turn) => ranked(turn, summary, terms, query) ?? [])
          .toSorted(betterFirst)[0];
        if (best) all.push(best);
      }
      return { answers: foldedOnce(all.toSorted(betterFirst)).slice(0, query.limit), searched, late: isLate };
    },
  };
}

interface Ranked {
  order: number;
  found: EarlierAnswer;
}

function betterFirst(one: Ranked, other: Ranked): number {
  return other.order - one.order || (other.found.answer.at ?? 0) - (one.found.answer.at ?? 0);
}

/** The same question with the same answer is shown once, as the best of them. */
function foldedOnce(all: readonly Ranked[]): EarlierAnswer[] {
  const shown = new Map<string, EarlierAnswer>();
  for (const { found } of all) {
    const name = `${plain(found.question.text)}\n${plain(found.answer.text)}`;
    const known = shown.get(name);
    if (known) known.repeats += 1;
    else shown.set(name, found);
  }
  return [...shown.values()];
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function foundOf({ question, answer }: Turn, { id, title, source, project }: ConversationSummary, likeness: number): EarlierAnswer {
  const { provider, model } = answer.producer ?? {};
  return {
    conversation: { id, title, source, ...(project !== undefined && { project }) },
    question: { key: question.key, ...(question.at !== undefined && { at: question.at }), text: question.text },
    answer: {
      key: answer.key,
      ...(answer.at !== undefined && { at: answer.at }),
      text: answer.text,
      ...(provider !== undefined && { provider }),
      ...(model !== undefined && { model }),
      status: answer.status,
    },
    likeness,
    repeats: 0,
  };
}

/** In the same folder, above or below it. */
function isWithin(project: string | undefined, folder: string): boolean {
  return project !== undefined && (project === folder || project.startsWith(`${folder}/`) || folder.startsWith(`${project}/`));
}
